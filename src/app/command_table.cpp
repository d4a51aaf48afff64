#include "app/audit/audit_options.h"
#include "app/audit/question.h"
#include "app/commands.h"
#include "app/setting_sources.h"

#include <parley/app/settings.h>

#include <string>
#include <vector>

/// Every command there is, grouped by what it is used for.
namespace parley::app {
namespace {

const std::string kChecks = "Check and read the log";
const std::string kAsk = "Ask the log";
const std::string kCopies = "Copies";
const std::string kReference = "Reference";

const OptionInfo kIssuer{
    .name = "issuer", .value = "TEXT", .doc = "For a server with auth.issuer."};
const OptionInfo kAudience{
    .name = "audience", .value = "TEXT", .doc = "For a server with auth.audience."};

OptionInfo dataOption() {
    return {.name = "data",
            .value = "DIR",
            .doc = std::string("The server's data folder. [") + kDataFolderDefault + "]"};
}

OptionInfo asOfOption() {
    return {.name = "as-of",
            .value = "TIME|POSITION",
            .doc =
                "After the last event up to this time (2026-11-10T14:03Z, 2026-11-10, -7d), or "
                "after the event at this position. [the log's end]",
            .also = "at"};
}

CommandInfo serveCommand() {
    return {
        .name = "serve",
        .group = "Serve",
        .doc = "Run the server.",
        .more =
            "Each setting is also a variable (PARLEY_TYPING_TIMEOUT=6000) and a line of "
            "the file that --config names (typing.timeout = 6000). A flag beats a "
            "variable, a variable the file; of a flag that is given again, the last value counts; "
            "--NAME=false turns a switch off. `parley docs configuration` has the ranges.",
        .options = settingOptions(),
        .takesSettings = true,
        .run = serve};
}

CommandInfo demoCommand() {
    return {.name = "demo",
            .group = "Try it",
            .doc = "Play a support day into an empty server.",
            .more =
                "Every person is a Socket.IO client of their own, and every step waits for its "
                "acknowledgement.",
            .options = {{"url", "URL", "The running server. [http://localhost:3500]"},
                        {"ca", "FILE",
                         "Certificates to trust, of a server that speaks TLS. [the system's]"},
                        {"pace", "SECONDS", "How long the day takes; 0: no pauses. [25]"},
                        {"keys", "FILE",
                         "For a server with auth.mode=jwt: PEM with a private key, or a JWKS, that "
                         "signs tokens of the day's people."},
                        kIssuer,
                        kAudience,
                        {"samples", "DIR", "The folder that has the day's conversations."},
                        {"force", "", "Play into a server that has conversations already."},
                        {"live", "",
                         "Instead of the day: conversations without end, 1 to 5 messages a "
                         "second, until Ctrl-C."}},
            .run = demo};
}

CommandInfo generateCommand() {
    return {.name = "generate",
            .group = "Try it",
            .doc = "Make a database of support conversations, as large as you like.",
            .more =
                "For tests, figures and first questions: customers, agents, robots and "
                "supervisors, by day and by night. The log is the same, byte for byte, for the "
                "same options. DIR must have no database.",
            .options = {{"events", "N", "How many events the log has. [100000]"},
                        {"seed", "S", "Another number gives another log. [1]"},
                        {"days", "D", "The time from the first event to the last. [180]"},
                        {"end", "TIME", "All events are before it. [2026-01-01]"},
                        dataOption()},
            .run = generateLog};
}

CommandInfo tokenCommand() {
    return {.name = "token",
            .group = "Try it",
            .doc = "Print a token for auth.mode=jwt, signed with a key of yours.",
            .more =
                "For first tries and tests: in production your identity provider makes tokens. "
                "The claims have the names that auth.claim.* have by default.",
            .options = {{"keys", "FILE",
                         "PEM with a private key, or a JWKS; the first private or symmetric key "
                         "signs."},
                        {"user", "ID", "The user."},
                        {.name = "kind",
                         .value = "KIND",
                         .doc = "person, robot, service, auditor or operator. [person]",
                         .words = {"person", "robot", "service", "auditor", "operator"}},
                        {"role", "ROLE",
                         "Of a person: cx-customer, cx-agent or cx-supervisor. robot makes a token "
                         "of the kind robot."},
                        {"conversations", "IDS",
                         "Conversations, separated by commas: a customer may also enter these, "
                         "all others only these."},
                        {"roles", "ROLES",
                         "Of a service: the roles of the users that it may act as, separated by "
                         "commas. [all]"},
                        {"for", "TIME", "How long it is valid: 90s, 30m, 12h or 7d. [1h]"},
                        {"jti", "ID",
                         "The token's id, by which auth.revoked can name it. [a new UUID]"},
                        kIssuer,
                        kAudience},
            .run = token};
}

CommandInfo verifyCommand() {
    return {.name = "verify",
            .group = kChecks,
            .doc = "Check the file's structure, the hash chain of the log, and the views.",
            .more =
                "May run beside the server. Ends with 1 if something is wrong, and names the "
                "first bad position.",
            .options = {dataOption()},
            .run = verify};
}

CommandInfo rebuildCommand() {
    return {.name = "rebuild",
            .group = kChecks,
            .doc = "Build the views or audit.db anew from the log, or only compare them with it.",
            .more = "The server must be stopped, unless --check is given.",
            .options = {{"check", "", "Change nothing; end with 1 if there are differences."},
                        {"audit", "", "audit.db instead of the views."},
                        dataOption()},
            .run = rebuild};
}

CommandInfo exportCommand() {
    return {
        .name = "export",
        .group = kChecks,
        .doc = "Print the log, or a part of it, one JSON object a line.",
        .more =
            "May run beside the server. docs/format/export.md describes the lines. Times are "
            "ISO 8601 with an offset, dates (UTC), or how long ago: --from=-7d.",
        .options = {{.name = "conversation",
                     .value = "ID",
                     .doc = "Only events of this conversation; may be repeated.",
                     .many = true},
                    {"user", "ID", "Only what this user did."},
                    {"from", "TIME", "Only events of this time or later."},
                    {"to", "TIME", "Only events before this time."},
                    {"from-position", "N", "Only this event and later ones."},
                    {"viewer", "ID", "Only what this user may see."},
                    {"role", "ROLE", "The role in which the viewer looks. [the one they had last]"},
                    {"out", "FILE", "Where it goes; - is standard output. [-]"},
                    {"resume", "", "Go on with the FILE of an export that was cut."},
                    dataOption()},
        .run = exportLog};
}

CommandInfo transcriptCommand() {
    return {.name = "transcript",
            .group = kChecks,
            .doc = "Print a conversation for people, as one HTML file or as text.",
            .more =
                "May run beside the server. The head says who made it, when, up to which event of "
                "the log, and what was left out. Typing is not shown.",
            .options = {{"conversation", "ID", "The conversation."},
                        asOfOption(),
                        {.name = "format",
                         .value = "FORMAT",
                         .doc = "html or text. [text]",
                         .words = {"html", "text"}},
                        {"tz", "NAME", "The time zone of all times, such as Europe/Berlin. [UTC]"},
                        {"viewer", "USER", "Only what this user may see. [everything]"},
                        {"role", "ROLE", "The role in which the viewer looks."},
                        {"positions", "", "Positions and hashes beside each entry."},
                        {"by", "TEXT", "Who makes it. [your Unix user]"},
                        {"out", "FILE", "Where it goes; - is standard output. [-]"},
                        dataOption()},
            .run = transcript};
}

CommandInfo importCommand() {
    return {.name = "import",
            .group = kCopies,
            .doc = "Make a database of an export of a whole log.",
            .more =
                "Each line is checked: positions, ids, hashes and views are those of the log that "
                "was exported. DIR must have no database, and has none if the export is refused.",
            .argument = "FILE",
            .argumentDoc = "The export.",
            .options = {dataOption()},
            .run = importLog};
}

CommandInfo showCommand() {
    return {
        .name = "show",
        .group = kAsk,
        .doc = "Print a conversation as it is, or as it was, and as somebody could see it.",
        .more =
            "May run beside the server. Ends with 1 if there was no such conversation, or the "
            "viewer could not see it.",
        .options = {{"conversation", "ID", "The conversation."},
                    asOfOption(),
                    {"viewer", "USER", "Only what this user could see. [everything]"},
                    {"role", "ROLE", "The viewer's role. [the one it had then, or cx-customer]"},
                    {.name = "format",
                     .value = "FORMAT",
                     .doc = "text or json. [text]",
                     .words = {"text", "json"}},
                    {"tz", "NAME",
                     "The zone of dates, and of the times that the text shows: Europe/Berlin. "
                     "[UTC]"},
                    {"file", "FILE", "A backup to read instead."},
                    dataOption()},
        .run = show};
}

CommandInfo backupCommand() {
    return {.name = "backup",
            .group = kCopies,
            .doc = "Make a verified copy of the database, also while the server runs.",
            .more = "The file gets its name once it has been verified.",
            .argument = "FILE",
            .argumentDoc = "Where the copy goes.",
            .options = {{"force", "", "Replace a file of that name."}, dataOption()},
            .run = backup};
}

CommandInfo restoreCommand() {
    return {.name = "restore",
            .group = kCopies,
            .doc = "Put a backup into a folder that has no database.",
            .argument = "FILE",
            .argumentDoc = "The backup.",
            .options = {dataOption()},
            .run = restore};
}

CommandInfo vacuumCommand() {
    return {.name = "vacuum",
            .group = kCopies,
            .doc = "Write the database anew without the gaps in it; the server must be stopped.",
            .options = {dataOption()},
            .run = vacuum};
}

std::vector<std::string> questionNames() {
    std::vector<std::string> names{"list"};
    for (const auto& one : audit::questionTable()) names.push_back(one.name);
    return names;
}

CommandInfo auditCommand() {
    return {.name = "audit",
            .group = kAsk,
            .doc = "Answer a question about the log: response times, who was there, who said what.",
            .more =
                "May run beside the server. `parley audit list` has all questions, docs/audit.md "
                "says what each counts.",
            .argument = "NAME",
            .argumentDoc = "A question, or list.",
            .options = audit::questionOptions(),
            .argumentIsNeeded = false,
            .argumentWords = questionNames(),
            .run = auditLog};
}

CommandInfo sqlCommand() {
    return {.name = "sql",
            .group = kAsk,
            .doc = "Ask SELECT after SELECT over the public views.",
            .more = "May run beside the server. docs/sql.md has every view.",
            .options = audit::sourceOptions(),
            .run = sqlPrompt};
}

// The settings and --config, of which the help of the command shows those that `isShown` names; the
// help of serve shows the others.
std::vector<OptionInfo> settingOptionsShowing(bool (*isShown)(const std::string& name)) {
    std::vector<OptionInfo> options = settingOptions();
    for (OptionInfo& one : options) one.group = isShown(one.name) ? "Options" : "";
    return options;
}

std::vector<OptionInfo> configOptions() {
    auto options = settingOptionsShowing([](const std::string& name) { return name == "config"; });
    options.push_back({.name = "format",
                       .value = "FORMAT",
                       .doc = "Of show and check: text or json. [text]",
                       .words = {"text", "json"}});
    return options;
}

CommandInfo configCommand() {
    return {.name = "config",
            .group = "Serve",
            .doc = "Show, check or print the settings of a server, without starting it.",
            .more =
                "It takes the settings that `parley serve` takes, from the same flags, variables "
                "and file. `show` prints each with where it comes from. `check` says everything "
                "that is wrong and where that is said (the line of the file, the variable or the "
                "flag), unknown names and words among it, and ends with 78; with --format=json it "
                "prints {file, good, wrong, warnings} on standard output in any case. It reads the "
                "files of keys and certificates, opens no port and touches no data. `reference` "
                "prints a configuration file with "
                "every setting: those that a flag or the file says are set in it, the others are "
                "comments.",
            .argument = "WHAT",
            .argumentDoc = "show, check or reference.",
            .options = configOptions(),
            .takesSettings = true,
            .argumentWords = {"show", "check", "reference"},
            .run = config,
            .argumentForWrong = "check",
            .runWrong = checkConfig};
}

std::vector<OptionInfo> clusterOptions() {
    auto options = settingOptionsShowing([](const std::string& name) {
        return name == "config" || name == "data" || name.starts_with("cluster.");
    });
    options.push_back({"from", "FILE", "Of join: a backup of another node."});
    options.push_back({"without", "NODES",
                       "Of reseed: voters that are not there and whose logs may be lost, with "
                       "commas."});
    return options;
}

CommandInfo clusterCommand() {
    return {.name = "cluster",
            .group = "Serve",
            .doc = "Begin a cluster of several nodes with one log, join it, look at it, leave it.",
            .more =
                "It takes the settings that `parley serve` takes. `init` makes the stream of the "
                "cluster, which continues the log of the data folder, and the folder its first "
                "node's. `join` puts a backup of another node into a folder that has no database. "
                "`status` prints what the nodes say of themselves. `leave` makes a node's folder a "
                "single server's again. `reseed` replaces a stream that NATS has lost by one that "
                "continues this node's log, which must be as far as the others; on the others it "
                "lets them follow. The server of the folder must be stopped, but for status.",
            .argument = "WHAT",
            .argumentDoc = "init, join, status, leave or reseed.",
            .options = clusterOptions(),
            .takesSettings = true,
            .argumentWords = {"init", "join", "status", "leave", "reseed"},
            .run = cluster};
}

CommandInfo docsCommand() {
    return {.name = "docs",
            .group = kReference,
            .doc = "Print a reference: Markdown, a manual page, or bash's completion.",
            .argument = "WHAT",
            .argumentDoc =
                "authorization: who may do what; errors: the codes of refusals; configuration: "
                "every setting; metrics: what /metrics shows; sql: the public views; audit: the "
                "questions; man: parley(1); man-conf: parley.conf(5); completion: for bash.",
            .argumentWords = {"authorization", "errors", "configuration", "metrics", "sql", "audit",
                              "man", "man-conf", "completion"},
            .run = docs};
}

CommandInfo helpCommand() {
    return {.name = "help",
            .group = kReference,
            .doc = "Say more about a command.",
            .argument = "COMMAND",
            .argumentDoc = "One of the commands that `parley help` lists.",
            .argumentIsNeeded = false};
}

}  // namespace

std::string textOf(const Given& given, const std::string& name, const std::string& otherwise) {
    const auto said = given.find(name);
    return said == given.end() ? otherwise : said->second;
}

bool isOn(const Given& given, const std::string& name) {
    return textOf(given, name) == "true";
}

const std::vector<CommandInfo>& commandTable() {
    static const std::vector<CommandInfo> table{
        serveCommand(),   configCommand(), clusterCommand(),    demoCommand(),   generateCommand(),
        tokenCommand(),   verifyCommand(), rebuildCommand(),    showCommand(),   auditCommand(),
        sqlCommand(),     exportCommand(), transcriptCommand(), importCommand(), backupCommand(),
        restoreCommand(), vacuumCommand(), docsCommand(),       helpCommand()};
    return table;
}

}  // namespace parley::app
