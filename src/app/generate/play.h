#pragma once

#include "app/generate/plan.h"

#include <parley/core/random.h>
#include <parley/core/result.h>
#include <parley/core/uuid.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>
#include <parley/projection/new_database.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

namespace parley::app::generate {

/// Carries out a plan as a server would: each step is a command that `decide` decides on the state
/// that `evolve` gave, and its events are numbered, appended and projected in the order of time.
/// Only the clock and the chance are the plan's own. One thread.
class Play {
public:
    /// Both outlive this. `random` makes ids.
    Play(NewDatabase& database, Random& random) : database_(database), uuids_(random) {}

    /// Called after each story that ended, with the head.
    using Progress = std::function<void(const LogHead&)>;
    /// To the plan's end. An error leaves the database of no use.
    Result<void> play(Plan& plan, const Progress& progress);

private:
    struct Conversation {
        ConversationState state;
        Story story;
        std::size_t next = 0;         // step of the story
        std::optional<Event> robots;  // last message, unless it was shared
    };
    struct Due {
        UnixMillis at;
        std::int64_t conversation;
        bool operator>(const Due& other) const {
            return at == other.at ? conversation > other.conversation : at > other.at;
        }
    };

    void begin(Story story);
    Result<void> takeStep(Conversation& conversation);
    Result<void> append(Conversation& conversation, std::vector<Event> events, UnixMillis at);

    NewDatabase& database_;
    UuidGenerator uuids_;
    std::unordered_map<std::int64_t, std::unique_ptr<Conversation>> conversations_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> agenda_;
};

}  // namespace parley::app::generate
