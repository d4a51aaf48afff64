#include "engine/writer.h"

#include <parley/core/logging.h>
#include <parley/log/read/open_typing.h>

/// Typing across restarts and returns.
namespace parley {

// Before anything is served: a user who typed when the last run ended types no more. Where that
// cannot be stored now, on a full disk, it is left to the next start.
void Writer::endTypingOfLastRun() {
    auto open = openTyping(db_, options_.typingTimeout);
    for (std::size_t i = 0; open && i < open->size(); ++i) {
        const Event& started = (*open)[i];
        auto state = conversations_.get(started.conversation);
        if (!state) {
            open = state.error();
            break;
        }
        // Who types is in no table: only the log says it.
        if (!(*state)->findTyping(started.actor)) {
            (*state)->typing.add({started.actor, userNameOf(started)});
        }
        batch_.emplace_back(
            Origin{}, Command(EndTyping{started.conversation, started.actor, cause::kRestart}));
    }
    if (!open) logger().warn("typing_not_ended message=\"{}\"", open.error().message);
    // Nobody is there yet to be told, and the sink is the writer's thread's.
    if (!batch_.empty()) static_cast<void>(processBatch());
    batch_.clear();
}

// The others who type now in the rooms of a session: one look-up a room.
std::vector<TypingChanged> Writer::typingIn(const std::vector<StoredRoom>& rooms) const {
    std::vector<TypingChanged> found;
    if (typing_.size() == 0) return found;
    for (const auto& room : rooms) {
        if (room.until) continue;  // it is no room of the session any more
        const auto* users = conversations_.typingIn(room.conversation);
        if (!users) continue;
        for (const auto& typing : *users) {
            if (typing.user == room.identity.user) continue;
            found.push_back({room.conversation, room.identity.conversation, typing.user,
                             typing.userName, /*isTyping=*/true});
        }
    }
    return found;
}

}  // namespace parley
