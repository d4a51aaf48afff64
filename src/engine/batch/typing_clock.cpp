#include "engine/batch/typing_clock.h"

#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/domain/visibility.h>
#include <parley/log/read/open_typing.h>

namespace parley {

void TypingClock::addDue(std::vector<Request>& batch) {
    for (auto& due : live_.typing.takeDue()) {
        Origin origin;
        origin.connection = due.connection;  // it is not told that its user stopped typing
        batch.push_back({origin, Command(EndTyping{due.conversation, due.user, cause::kTimeout})});
    }
}

void TypingClock::addLeftOpen(std::vector<Request>& batch) {
    if (auto done = tryAddLeftOpen(batch); !done) {
        logger().warn("typing_not_ended message=\"{}\"", done.error().message);
    }
}

Result<void> TypingClock::tryAddLeftOpen(std::vector<Request>& batch) {
    PARLEY_TRY_ASSIGN(const auto open, openTyping(db_, timeout_));
    for (const Event& started : open) {
        PARLEY_TRY_ASSIGN(auto* state, live_.conversations.get(started.conversation));
        // The users who type are in no table: only the log knows them.
        if (!state->findTyping(started.actor)) {
            state->typing.add(
                {started.actor, userNameOf(started), !visibleToEveryCustomer(started)});
        }
        // On a living connection, which ends it.
        if (live_.typing.connectionOf(started.conversation, started.actor)) continue;
        batch.push_back(
            {Origin{}, Command(EndTyping{started.conversation, started.actor, cause::kRestart})});
    }
    return {};
}

}  // namespace parley
