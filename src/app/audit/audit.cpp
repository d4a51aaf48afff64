#include "app/audit/ask.h"
#include "app/audit/hours.h"
#include "app/audit/question.h"
#include "app/audit/search.h"
#include "app/folder_options.h"
#include "app/nearest.h"
#include "app/nearest_id.h"

#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/domain/refusals.h>
#include <parley/domain/roles.h>
#include <parley/log/data_folder.h>
#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/key_lookup.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>
#include <limits>
#include <utility>

/// The subcommand that answers ready questions, and SQL.
namespace parley::app {
namespace audit {
namespace {

Error wrong(const std::string& said) {
    return {ErrorCode::invalid_value, said};
}

int list() {
    for (const auto& question : questionTable()) {
        std::cout << question.name << std::string(16 - question.name.size(), ' ') << question.title
                  << '\n';
    }
    std::cout << "\n`parley audit NAME --show-sql` prints the SQL of a question (search has none); "
                 "docs/audit.md says what each one counts.\n";
    return 0;
}

Result<const Question*> questionNamed(const std::string& name) {
    if (const auto* found = findQuestion(name)) return found;
    const auto& table = questionTable();
    const auto meant = nearest(name, table, [](const auto& one) { return one.name; });
    std::string said = "there is no question \"" + name + "\"";
    if (isPlausible(name, meant->name)) said += "; did you mean \"" + meant->name + "\"?";
    return wrong(said + (said.ends_with('?') ? " " : ": ") + "`parley audit list` has them all");
}

// The options that say what is asked, as opposed to how.
constexpr std::array kAsking{"conversation", "user", "role", "from", "to", "at", "limit", "words"};

Result<void> checkOptions(const Question& question, const Given& given) {
    for (const std::string name : kAsking) {
        const auto* taken = question.option(name);
        if (given.contains(name) && !taken) {
            return wrong("\"" + question.name + "\" does not take --" + name);
        }
        if (taken && taken->required && !given.contains(name)) {
            return wrong("\"" + question.name + "\" needs --" + name);
        }
    }
    if (question.sql.empty() && (isOn(given, "show-sql") || isOn(given, "explain"))) {
        return wrong("\"" + question.name + "\" is no SQL: it asks the full-text index");
    }
    if (const auto role = given.find("role"); role != given.end() && !parseRole(role->second)) {
        return wrong("there is no role \"" + role->second +
                     "\": cx-customer, cx-agent, cx-supervisor or robot");
    }
    return {};
}

int tellUnknown(const std::string& what, const std::string& said, const std::string& nearest) {
    std::cerr << "parley: no " << what << " \"" << said << '"' << nearestWords(nearest) << '\n';
    return kExitFound;
}

/// The range of a question, as times and as positions; both ends of the positions belong to it.
struct Range {
    UnixMillis first;
    UnixMillis last;
    Position from{1};
    Position to;
    Position at;
};

Error beyond(const std::string& option, const Source& source) {
    return {ErrorCode::busy, "--" + option + " lies beyond what audit.db holds: position " +
                                 std::to_string(source.upTo().position.value) + ", of " +
                                 toIso8601(source.upTo().at) + ". Ask again in a moment"};
}

Result<Position> momentOf(Source& source, const TimeOrPosition& at, UnixMillis now) {
    if (const auto* position = std::get_if<Position>(&at)) {
        if (*position <= source.head().position) return *position;
        return wrong("--at: the log ends at position " +
                     std::to_string(source.head().position.value));
    }
    if (std::get<UnixMillis>(at) > now) return wrong("--at is in the future");
    PARLEY_TRY_ASSIGN(const auto moment, source.times().at(std::get<UnixMillis>(at)));
    return moment.position;
}

Result<Range> rangeOf(Source& source, const AuditOptions& options, UnixMillis now) {
    Range range;
    PARLEY_TRY_ASSIGN(const auto first, source.times().at(Position{1}));
    range.first = options.from.value_or(first ? first->at : UnixMillis{});
    // What has not happened yet ends with the log.
    range.last = options.to && *options.to <= now ? *options.to : source.upTo().at;
    range.to = range.at = source.upTo().position;
    if (options.from) {
        PARLEY_TRY_ASSIGN(const auto before, source.times().at(UnixMillis{range.first.value - 1}));
        range.from = {before.position.value + 1};
    }
    if (options.to) {
        PARLEY_TRY_ASSIGN(const auto last, source.times().at(UnixMillis{options.to->value - 1}));
        if (last.position > source.upTo().position) return beyond("to", source);
        range.to = last.position;
    }
    if (options.at) {
        PARLEY_TRY_ASSIGN(range.at, momentOf(source, *options.at, now));
        if (range.at > source.upTo().position) return beyond("at", source);
    }
    return range;
}

// A conversation that had not begun has no empty room.
Result<void> checkHadBegun(Source& source, const AuditOptions& options, Position at) {
    const auto said = options.given.find("conversation");
    if (!options.at || said == options.given.end()) return {};
    const auto id = ConversationId::fromStored(said->second);
    return source.log().query([&]() -> Result<void> {
        PARLEY_TRY_ASSIGN(const auto key, KeyLookup(source.log()).find(id));
        if (!key) return conversationNotFound(id);
        PARLEY_TRY_ASSIGN(const Seq last,
                          ConversationSeqs(source.log()).lastBefore(*key, {at.value + 1}));
        if (last.value == 0) return conversationNotYet(id, at);
        return {};
    });
}

Parameters parametersOf(const AuditOptions& options, const Range& range) {
    Parameters parameters{{"from_position", range.from.value},
                          {"to_position", range.to.value},
                          {"from_ms", range.first.value},
                          {"to_ms", range.last.value},
                          {"at_position", range.at.value}};
    for (const char* name : {"conversation", "user", "role"}) {
        if (const auto said = options.given.find(name); said != options.given.end()) {
            parameters[name] = said->second;
        }
    }
    // One more than is printed tells whether more follow.
    const bool isAsked = !options.showSql && !options.explain;
    if (const auto limit = options.rowsMax; limit > 0) {
        const bool fits = limit < std::numeric_limits<std::int64_t>::max();
        parameters["limit"] = limit + (isAsked && fits ? 1 : 0);
    }
    return parameters;
}

int show(const AuditOptions& options, Source& source, const std::string& sql,
         const Parameters& parameters) {
    auto statement = Statement::prepare(source.log(), sql, parameters);
    if (!statement) return failed(statement.error());
    const auto file = options.file.value_or(DataFolder::databaseIn(options.data)).string();
    std::cout << "-- sqlite3 -readonly '" << file << "'"
              << (source.hasAudit()
                      ? " -cmd \"ATTACH '" + source.auditFile().string() + "' AS audit\""
                      : "")
              << '\n'
              << statement->expanded() << ";\n";
    return 0;
}

// The hours of some zones are in audit.db alone. A zone's offsets depend on the range, which the
// log tells.
Result<std::unique_ptr<Source>> opened(const Question& question, const AuditOptions& options,
                                       UnixMillis now) {
    auto source = Source::open(options, question.needsAudit ? AuditUse::needed : AuditUse::none);
    if (!source || !question.byHours) return source;
    const auto range = rangeOf(**source, options, now);
    if (!range || !wantsQuarterHours(options, range->first, range->last)) return source;
    source->reset();
    return Source::open(options, AuditUse::ifThere);
}

int answer(const Question& question, AuditOptions options, UnixMillis now) {
    const auto* limit = question.option("limit");
    const bool isLimited = limit && !limit->otherwise.empty();
    options.rowsMax = options.limit.value_or(isLimited ? std::stoll(limit->otherwise) : 0);
    auto source = opened(question, options, now);
    if (!source) return failed(source.error());
    for (const auto& [what, of] :
         {std::pair("conversation", IdOf::conversation), std::pair("user", IdOf::user)}) {
        const auto said = options.given.find(what);
        if (said == options.given.end()) continue;
        const auto nearest = nearestIfUnknown((*source)->log(), of, said->second);
        if (!nearest) return failed(nearest.error());
        if (*nearest) return tellUnknown(what, said->second, **nearest);
    }
    const auto range = rangeOf(**source, options, now);
    if (!range) {
        return range.error().code == ErrorCode::busy ? fail(range.error(), kExitUnavailable)
                                                     : failed(range.error());
    }
    if (auto had = checkHadBegun(**source, options, range->at); !had) {
        const bool isYetToCome = had.error().code == ErrorCode::conversation_not_found;
        return isYetToCome ? fail(had.error(), kExitFound) : failed(had.error());
    }
    if (question.sql.empty()) {  // what FTS5 finds is checked in the log, which no view can do
        return search(**source, options, {range->from.value - 1}, range->to);
    }
    const auto parameters = parametersOf(options, *range);
    const auto isGiven = [&](const std::string& name) {
        return name == "limit" ? parameters.contains("limit") : options.given.contains(name);
    };
    std::string sql = question.sqlFor(isGiven);
    if (question.byHours)
        sql = countedByHours(options, range->first, range->last, (*source)->hasAudit()) + sql;
    options.durations = question.durations();
    if (options.showSql) return show(options, **source, sql, parameters);
    return ask(**source, options, sql, parameters);
}

int askSql(const AuditOptions& options, std::string sql) {
    if (sql == "-") sql.assign(std::istreambuf_iterator<char>(std::cin), {});
    auto source = Source::open(options, auditUseOf(sql));
    if (!source) return failed(source.error());
    allowOnlySelect((*source)->log());
    return ask(**source, options, sql, {});
}

}  // namespace
}  // namespace audit

int auditLog(const Given& given) {
    using namespace audit;
    setUpLogging("off");
    const auto now = SystemClock().now();
    const auto options = auditOptions(given, now);
    if (!options) return failed(options.error());
    const auto name = given.find("NAME");
    const auto sql = given.find("sql");
    if ((name == given.end()) == (sql == given.end())) {
        return failed(
            wrong("name one question, or give --sql; `parley audit list` has the "
                  "questions"));
    }
    if (sql != given.end() || name->second == "list") {
        for (const std::string one : kAsking) {
            if (given.contains(one)) return failed(wrong("--" + one + " is of questions alone"));
        }
        return sql != given.end() ? askSql(*options, sql->second) : list();
    }
    const auto question = questionNamed(name->second);
    if (!question) return failed(question.error());
    if (auto good = checkOptions(**question, given); !good) return failed(good.error());
    return answer(**question, *options, now);
}

}  // namespace parley::app
