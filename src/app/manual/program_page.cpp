#include "app/commands.h"
#include "app/manual/mdoc.h"
#include "app/manual/pages.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace parley::app::manual {
namespace {

constexpr std::array kStatuses{
    std::pair{0, "Success."},
    std::pair{kExitFound,
              "A check found something wrong; there is no such conversation or user; or demo could "
              "not play."},
    std::pair{kExitUsage, "Bad usage."},
    std::pair{kExitDamaged, "The database, or an export, was refused, and left unchanged."},
    std::pair{kExitNoInput, "There is no database, or no file of that name, to read."},
    std::pair{kExitUnavailable, "audit.db does not hold yet what was asked for."},
    std::pair{kExitStorage, "The storage failed or was full, or output could not be written."},
    std::pair{kExitOwned, "Another process has the data folder, its write lock or the port."},
    std::pair{
        kExitConfig,
        "It cannot run like this: settings, a folder, a file or the clock; or something could "
        "not be checked."},
    std::pair{kExitTimeout, "A question took longer than it may."},
};

void addCommand(MdocPage& page, const CommandInfo& command) {
    std::string head = ".It Cm " + command.name;
    if (!command.argument.empty()) {
        head += command.argumentIsNeeded ? " Ar " + command.argument
                                         : " Oo Ar " + command.argument + " Oc";
    }
    page.macro(head + " Op Ar option ...").text(command.doc);
    if (!command.more.empty()) page.text(command.more);
    if (!command.argumentDoc.empty()) page.text(command.argument + ": " + command.argumentDoc);
    if (command.takesSettings) {
        page.text("Each setting of").macro(".Xr parley.conf 5").text("is an option, as in");
        page.macro(".Fl -port Ar 4000 .");
    }
    bool open = false;
    for (const OptionInfo& one : command.options) {
        if (command.takesSettings && one.name != "config" && one.group != "Options") continue;
        if (!std::exchange(open, true)) page.macro(".Bl -tag -width Ds");
        page.option(one.name, one.value).text(one.doc);
    }
    if (open) page.macro(".El");
}

void addCommands(MdocPage& page) {
    page.macro(".Sh COMMANDS");
    std::vector<std::string> groups;
    for (const CommandInfo& command : commandTable()) {
        const bool known = std::find(groups.begin(), groups.end(), command.group) != groups.end();
        if (!known) groups.push_back(command.group);
    }
    for (const std::string& group : groups) {
        page.macro("Ss", group).macro(".Bl -tag -width Ds");
        for (const CommandInfo& command : commandTable()) {
            if (command.group == group) addCommand(page, command);
        }
        page.macro(".El");
    }
}

}  // namespace

std::string programPage() {
    MdocPage page("parley", "1", "a persistent, event-sourced chat server for support teams");
    page.macro(".Sh SYNOPSIS")
        .macro(".Nm")
        .macro(".Ar command")
        .macro(".Op Ar argument")
        .macro(".Op Ar option ...")
        .macro(".Nm")
        .macro(".Fl -help | -version")
        .macro(".Sh DESCRIPTION")
        .macro(".Nm")
        .text(
            "serves chats between customers, agents, supervisors and robots to clients of "
            "Socket.IO and over HTTP. Every event is on the disk, in one log with a chain of "
            "hashes, before anybody is told of it. The log is a database of SQLite, which "
            "`sqlite3` can read while the server runs. A web page for agents, supervisors and "
            "operators is at the server's address.");
    addCommands(page);
    page.macro(".Sh ENVIRONMENT").text("Each setting of").macro(".Xr parley.conf 5");
    page.text("is a variable too: `PARLEY_TYPING_TIMEOUT` is `typing.timeout`.");
    page.text("`PARLEY_CONFIG` names the file.");
    page.macro(".Sh FILES")
        .macro(".Bl -tag -width Ds")
        .macro(".It Pa /etc/parley/parley.conf")
        .text("The settings of the service parley.")
        .macro(".It Pa /var/lib/parley")
        .text("Its data: `parley.db` is the log.")
        .macro(".It Pa /usr/share/doc/parley")
        .text("What is called docs/NAME here, and by the program, is NAME there.")
        .macro(".El");
    page.macro(".Sh EXIT STATUS").macro(".Bl -tag -width Ds");
    for (const auto& [status, meaning] : kStatuses) {
        page.macro(".It " + std::to_string(status)).text(meaning);
    }
    page.macro(".El");
    page.macro(".Sh EXAMPLES")
        .text("Try it on a free folder, in two terminals:")
        .macro(".Bd -literal -offset indent")
        .macro("parley serve --data /tmp/chat")
        .macro("parley demo")
        .macro(".Ed")
        .macro(".Pp")
        .text("Check all that the service has stored, while it runs:")
        .macro(".Bd -literal -offset indent")
        .macro("parley verify --data /var/lib/parley")
        .macro(".Ed");
    page.macro(".Sh SEE ALSO").macro(".Xr sqlite3 1 ,").macro(".Xr parley.conf 5");
    return page.source();
}

}  // namespace parley::app::manual
