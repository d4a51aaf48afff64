#include "app/commands.h"
#include "app/export/out_file.h"
#include "app/folder_options.h"
#include "app/nearest_id.h"
#include "app/transcript/transcript.h"

#include <parley/core/logging.h>
#include <parley/core/try.h>

#include <pwd.h>
#include <string>
#include <unistd.h>

/// The subcommand `transcript`.
namespace parley::app {
namespace {

using exports::OutFile;
using transcripts::TranscriptOrder;

Error usage(const std::string& message) {
    return {ErrorCode::invalid_setting, message};
}

std::string unixUser() {
    const passwd* const user = ::getpwuid(::getuid());
    return user ? user->pw_name : "user " + std::to_string(::getuid());
}

Result<TranscriptOrder> orderOf(const Given& given, const TimeZone& zone) {
    TranscriptOrder order;
    order.now = SystemClock().now();
    const std::string conversation = textOf(given, "conversation");
    if (conversation.empty()) return usage("which conversation? Say --conversation ID");
    PARLEY_TRY_ASSIGN(order.conversation, ConversationId::parse(conversation, "--conversation"));
    if (const auto asOf = given.find("as-of"); asOf != given.end()) {
        PARLEY_TRY_ASSIGN(order.asOf, parseAsOf(asOf->second, order.now, zone));
    }
    if (const std::string viewer = textOf(given, "viewer"); !viewer.empty()) {
        PARLEY_TRY_ASSIGN(order.viewer, UserId::parse(viewer, "--viewer"));
    }
    if (const std::string role = textOf(given, "role"); !role.empty()) {
        order.role = parseRole(role);
        if (!order.role) return usage("there is no role \"" + role + "\"");
        if (!order.viewer) return usage("--role needs --viewer");
    }
    order.by = textOf(given, "by", unixUser());
    order.positions = isOn(given, "positions");
    return order;
}

Result<std::unique_ptr<transcripts::Page>> pageOf(const Given& given, const TimeZone& zone) {
    const std::string format = textOf(given, "format", "text");
    if (format == "html") return transcripts::htmlPage(zone);
    if (format == "text") return transcripts::textPage(zone);
    return usage("--format is html or text, not \"" + format + "\"");
}

Result<void> write(Database& db, const TranscriptOrder& order, const TimeZone& zone,
                   transcripts::Page& page, const std::string& file) {
    std::unique_ptr<OutFile> out;  // made once it is known that there is something to write
    const auto put = [&](std::string_view piece) -> Result<void> {
        if (!out) {
            PARLEY_TRY_ASSIGN(out, OutFile::create(file));
        }
        return out->write(piece);
    };
    PARLEY_TRY(transcripts::writeTranscript(db, order, zone, page, put));
    return out->finish();
}

}  // namespace

int transcript(const Given& given) {
    setUpLogging("warn");
    const auto zone = TimeZone::of(textOf(given, "tz", "UTC"));
    if (!zone) return fail(zone.error(), kExitUsage);
    const auto order = orderOf(given, *zone);
    if (!order) return fail(order.error(), kExitUsage);
    const auto page = pageOf(given, *zone);
    if (!page) return fail(page.error(), kExitUsage);
    auto db = openToRead(folderOptions(given).data);
    if (!db) return fail(db.error());
    const auto done = write(**db, *order, *zone, **page, exports::outOf(given));
    if (!done) {
        const auto code = done.error().code;
        const bool isUnknown =
            code == ErrorCode::conversation_not_found || code == ErrorCode::not_found;
        if (code == ErrorCode::invalid_value) return fail(done.error(), kExitUsage);
        return isUnknown ? fail(withNearest(**db, done.error(), given), kExitFound)
                         : fail(done.error());
    }
    if (auto undisturbed = (*db)->wasUndisturbed(); !undisturbed) return fail(undisturbed.error());
    return 0;
}

}  // namespace parley::app
