#include "app/show/past_reading.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/domain/refusals.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/read/stored_event.h>

#include <algorithm>
#include <string>
#include <vector>

namespace parley::app::show_command {
namespace {

constexpr const char* kDefaultRole =
    " in the role that it had there, else as cx-customer; --role names another";

Error notSeen(const Asked& asked, const LogMoment& moment) {
    return {ErrorCode::conversation_not_found,
            "\"" + asked.viewer->str() + "\" could not see conversation \"" +
                asked.conversation.str() + "\" at position " +
                std::to_string(moment.position.value) + (asked.role ? "" : kDefaultRole)};
}

Error unknown(const UserId& viewer) {
    return {ErrorCode::conversation_not_found, "the log has no user \"" + viewer.str() + "\""};
}

}  // namespace

PastReading::PastReading(Database& db)
    : seqs_(db),
      events_(db),
      keys_(db),
      times_(db),
      messages_(db, seqs_),
      states_(db, seqs_, events_) {
    states_.pauseWith(pauseBetweenReads);
}

Result<LogMoment> PastReading::moment(const Asked& asked) {
    return asked.asOf ? momentOf(times_, *asked.asOf, asked.now) : times_.head();
}

Result<std::optional<PastSight>> PastReading::sight(const Asked& asked, ConversationKey key,
                                                    const LogMoment& moment) {
    if (!asked.viewer) return std::optional<PastSight>();
    PARLEY_TRY_ASSIGN(const auto user, keys_.find(*asked.viewer));
    if (!user) return unknown(*asked.viewer);
    PARLEY_TRY_ASSIGN(auto sight, sightOf(states_, key, *user, asked.role, moment.position));
    return std::optional(sight);
}

Result<Shown> PastReading::read(const Asked& asked) {
    Shown shown{.key = {},
                .id = asked.conversation,
                .moment = {},
                .user = asked.viewer,
                .viewer = Viewer::unnamed(Viewer::Via::rest),
                .conversation = {},
                .messages = {}};
    PARLEY_TRY_ASSIGN(shown.moment, moment(asked));
    const Position upTo = shown.moment.position;
    PARLEY_TRY_ASSIGN(const auto key, keys_.find(asked.conversation));
    if (!key) return conversationNotFound(asked.conversation);
    shown.key = *key;
    PARLEY_TRY_ASSIGN(const Seq last, seqs_.lastBefore(*key, {upTo.value + 1}));
    if (last.value == 0) return conversationNotYet(asked.conversation, upTo);
    PARLEY_TRY_ASSIGN(const auto seen, sight(asked, *key, shown.moment));
    if (seen && !seen->messages) return notSeen(asked, shown.moment);
    shown.messages = seen ? *seen->messages : upTo;
    if (seen) shown.viewer = seen->viewer;
    if (seen && !seen->conversation) return shown;
    PARLEY_TRY_ASSIGN(shown.conversation,
                      states_.conversation(*key, asked.conversation, upTo, shown.viewer));
    return shown;
}

Result<void> PastReading::messages(const Shown& shown, const TakeShown& take) {
    MessagePage page{.limit = limits::kWalkEvents, .before = {}, .after = Position{}};
    page.upTo = shown.messages;
    for (auto end = PageEnd::limit; end != PageEnd::reached;) {
        std::vector<Event> read;
        std::size_t bytes = 0;
        const auto add = [&](const Event& one) {
            bytes += contentBytes(one);
            if (!read.empty() && bytes > limits::kWalkBytes) return false;
            read.push_back(one);
            return true;
        };
        PARLEY_TRY_ASSIGN(const auto done, messages_.read(shown.key, page, shown.viewer, add));
        end = done.end;
        for (const auto& one : read) {
            PARLEY_TRY_ASSIGN(const auto shared,
                              states_.sharedBy(one.position, shown.moment.position));
            take(one, shared);
            page.after = one.position;
        }
        if (end != PageEnd::reached) pauseBetweenReads();
    }
    return {};
}

}  // namespace parley::app::show_command
