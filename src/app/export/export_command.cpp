#include "app/commands.h"
#include "app/export/exported_events.h"
#include "app/export/out_file.h"
#include "app/export/resume.h"
#include "app/folder_options.h"
#include "app/nearest_id.h"
#include "app/progress.h"

#include <parley/core/logging.h>
#include <parley/core/time_text.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>

#include <charconv>
#include <iostream>
#include <sstream>

/// The subcommand `export`.
namespace parley::app {
namespace {

using exports::ExportedEvents;
using exports::Filters;
using exports::OutFile;
using exports::Selection;

Error usage(const std::string& message) {
    return {ErrorCode::invalid_setting, message};
}

Result<std::optional<UnixMillis>> timeOf(const Given& given, const std::string& name) {
    const std::string text = textOf(given, name);
    if (text.empty()) return std::optional<UnixMillis>();
    PARLEY_TRY_ASSIGN(const auto time, parseTime(text, TimeZone::utc(), SystemClock().now()));
    return std::optional(time);
}

Result<std::optional<UserId>> userOf(const Given& given, const std::string& name) {
    const std::string text = textOf(given, name);
    if (text.empty()) return std::optional<UserId>();
    PARLEY_TRY_ASSIGN(auto id, UserId::parse(text, "--" + name));
    return std::optional(std::move(id));
}

Result<Position> firstPosition(const Given& given) {
    const std::string text = textOf(given, "from-position", "1");
    Position position;
    const char* const end = text.data() + text.size();
    const auto [rest, failed] = std::from_chars(text.data(), end, position.value);
    if (failed == std::errc{} && rest == end && position.value >= 1) return position;
    return usage("--from-position is a position, from 1, not \"" + text + "\"");
}

Result<Selection> askedOf(const Given& given) {
    Selection asked;
    std::istringstream conversations(textOf(given, "conversation"));
    for (std::string id; std::getline(conversations, id);) {  // one a line: ids have no line feeds
        PARLEY_TRY_ASSIGN(auto parsed, ConversationId::parse(id, "--conversation"));
        asked.filters.conversations.push_back(std::move(parsed));
    }
    PARLEY_TRY_ASSIGN(asked.filters.user, userOf(given, "user"));
    PARLEY_TRY_ASSIGN(asked.filters.viewer, userOf(given, "viewer"));
    PARLEY_TRY_ASSIGN(asked.filters.from, timeOf(given, "from"));
    PARLEY_TRY_ASSIGN(asked.filters.to, timeOf(given, "to"));
    const Filters& filters = asked.filters;
    if (filters.from && filters.to && *filters.to <= *filters.from) {
        return usage("--to must be later than --from");
    }
    PARLEY_TRY_ASSIGN(asked.from, firstPosition(given));
    if (const std::string role = textOf(given, "role"); !role.empty()) {
        asked.filters.role = parseRole(role);
        if (!asked.filters.role) return usage("there is no role \"" + role + "\"");
        if (!asked.filters.viewer) return usage("--role needs --viewer");
    }
    return asked;
}

constexpr std::int64_t kEventsTold = 100'000;  // fewer are exported at once

void tellWithheld(std::int64_t events) {
    if (events == 0) return;
    std::cerr << "parley: " << events << (events == 1 ? " event was" : " events were")
              << " left out, which the viewer may not see\n";
}

/// What an export that was cut has already.
struct Written {
    Position last;            // of its last line
    std::int64_t events = 0;  // in its lines
};

// The events behind those that are `written`, and the last line.
Result<void> writeEvents(ExportedEvents& source, OutFile& out, const Written& written) {
    std::int64_t events = written.events;
    const auto after = source.beginning().after.position.value;
    const auto through = source.beginning().through.position.value;
    Tenths progress(kEventsTold);
    std::string lines;
    while (out.isRead()) {
        PARLEY_TRY_ASSIGN(auto chunk, source.next());
        if (chunk.empty()) break;
        std::erase_if(chunk, [&](const auto& one) { return one.event.position <= written.last; });
        lines.clear();
        for (const auto& stored : chunk) exports::append(lines, stored);
        events += static_cast<std::int64_t>(chunk.size());
        PARLEY_TRY(out.write(lines));
        const auto reached = source.reached().value;
        progress.tell(reached - after, through - after, [&](std::int64_t) {
            return "exported up to position " + std::to_string(reached) + " of " +
                   std::to_string(through);
        });
        pauseBetweenReads();
    }
    lines.clear();
    exports::appendEnd(lines, events, source.beginning().through);
    PARLEY_TRY(out.write(lines));
    tellWithheld(source.withheld());
    return out.finish();
}

Result<void> resumeInto(Database& db, Selection asked, const std::string& file) {
    PARLEY_TRY_ASSIGN(const auto resumed, exports::resume(db, std::move(asked), file));
    PARLEY_TRY_ASSIGN(const auto out, OutFile::goOn(file, resumed.bytes));
    return writeEvents(*resumed.source, *out, {resumed.last, resumed.events});
}

Result<void> exportInto(Database& db, Selection asked, const std::string& file) {
    PARLEY_TRY_ASSIGN(const auto source, ExportedEvents::open(db, std::move(asked)));
    const auto out = OutFile::create(file);
    if (!out) {
        std::error_code ignored;
        const bool isThere = std::filesystem::is_regular_file(file, ignored);
        return Error{out.error().code,
                     out.error().message +
                         (isThere ? ", or say --resume where it is an export that was cut" : "")};
    }
    std::string first;
    exports::append(first, source->beginning());
    PARLEY_TRY((*out)->write(first));
    return writeEvents(*source, **out, {});
}

}  // namespace

int exportLog(const Given& given) {
    setUpLogging("warn");
    auto asked = askedOf(given);
    if (!asked) return fail(asked.error(), kExitUsage);
    const std::string file = exports::outOf(given);
    const bool resumes = isOn(given, "resume");
    if (resumes && file.empty()) return fail(usage("--resume needs --out FILE"), kExitUsage);
    auto db = openToRead(folderOptions(given).data);
    if (!db) return fail(db.error());
    const auto done = resumes ? resumeInto(**db, std::move(*asked), file)
                              : exportInto(**db, std::move(*asked), file);
    if (!done) {
        const auto code = done.error().code;
        if (code == ErrorCode::invalid_value) return fail(done.error(), kExitUsage);
        const bool isUnknown =
            code == ErrorCode::conversation_not_found || code == ErrorCode::not_found;
        return isUnknown ? fail(withNearest(**db, done.error(), given), kExitFound)
                         : fail(done.error());
    }
    if (auto undisturbed = (*db)->wasUndisturbed(); !undisturbed) return fail(undisturbed.error());
    return 0;
}

}  // namespace parley::app
