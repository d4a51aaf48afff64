#include "app/commands.h"
#include "app/folder_options.h"
#include "app/nearest_id.h"
#include "app/show/formats.h"

#include <parley/core/logging.h>
#include <parley/core/try.h>

#include <iostream>
#include <memory>
#include <string>

/// The subcommand that prints one conversation.
namespace parley::app {
namespace {

using namespace show_command;

Error invalid(const std::string& message) {
    return {ErrorCode::invalid_setting, message};
}

Result<UserRole> roleIn(const std::string& text) {
    const auto role = parseRole(text);
    if (role) return *role;
    return invalid("--role is cx-customer, cx-agent, cx-supervisor or robot, not \"" + text + '"');
}

Result<Asked> askedIn(const Given& given, const TimeZone& zone) {
    Asked asked;
    asked.now = SystemClock().now();
    const auto id = textOf(given, "conversation");
    if (id.empty()) return invalid("--conversation is needed");
    PARLEY_TRY_ASSIGN(asked.conversation, ConversationId::parse(id, "--conversation"));
    if (given.contains("as-of")) {
        PARLEY_TRY_ASSIGN(asked.asOf, parseAsOf(given.at("as-of"), asked.now, zone));
    }
    if (given.contains("viewer")) {
        PARLEY_TRY_ASSIGN(asked.viewer, UserId::parse(given.at("viewer"), "--viewer"));
    }
    if (given.contains("role")) {
        if (!asked.viewer) return invalid("--role needs a --viewer");
        PARLEY_TRY_ASSIGN(asked.role, roleIn(given.at("role")));
    }
    const auto format = textOf(given, "format", "text");
    if (format == "text" || format == "json") return asked;
    return invalid("--format is text or json, not \"" + format + '"');
}

int statusOf(const Error& error) {
    if (error.code == ErrorCode::conversation_not_found) return kExitFound;
    if (error.code == ErrorCode::invalid_value || error.code == ErrorCode::invalid_id) {
        return kExitUsage;
    }
    return exitStatusOf(error);
}

}  // namespace

int show(const Given& given) {
    setUpLogging("warn");
    const auto zone = TimeZone::of(textOf(given, "tz", "UTC"));
    if (!zone) return fail(zone.error(), kExitUsage);
    const auto asked = askedIn(given, *zone);
    if (!asked) return fail(asked.error(), kExitUsage);
    auto db = given.contains("file") ? openFileToRead(given.at("file"))
                                     : openToRead(folderOptions(given).data);
    if (!db) return fail(db.error());
    std::unique_ptr<PastReading> reading;
    if (auto made = guarded([&] { reading = std::make_unique<PastReading>(**db); }); !made) {
        return fail(made.error());
    }
    const auto shown = reading->read(*asked);
    if (!shown) {
        const int status = statusOf(shown.error());
        return fail(status == kExitFound ? withNearest(**db, shown.error(), given) : shown.error(),
                    status);
    }
    auto printed = textOf(given, "format", "text") == "json"
                       ? printJson(std::cout, *reading, *shown)
                       : printText(std::cout, *reading, *shown, *zone);
    if (!printed) return fail(printed.error());
    if (auto undisturbed = (*db)->wasUndisturbed(); !undisturbed) return fail(undisturbed.error());
    return 0;
}

}  // namespace parley::app
