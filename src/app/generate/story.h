#pragma once

#include "app/generate/people.h"

#include <parley/core/clock.h>
#include <parley/core/ids.h>

#include <cstdint>
#include <vector>

namespace parley::app::generate {

/// What somebody does in a conversation: one request, or one thing that a server does by itself.
enum class Act : std::uint8_t {
    start,       ///< begins a conversation with a title, as its first participant
    join,        ///< begins it where it is new
    joinHidden,  ///< customers are not told
    leave,
    remove,  ///< takes `other` out
    type,
    typeHidden,  ///< of a note
    stopTyping,
    typingTimeout,  ///< the server ends it, or the connection drops
    disconnect,
    say,            ///< begins the conversation where it is new, and joins
    note,           ///< a message that customers do not see
    answerByRobot,  ///< likewise; a robot's
    share,          ///< the last robot's message that was not shared
};

/// One of them, by the numbers of people in the story.
struct StoryStep {
    UnixMillis at;
    Act act = Act::join;
    std::uint8_t who = 0;
    std::uint8_t other = 0;
    std::uint64_t text = 0;  ///< the seed of what is said
};

/// Who takes part and types, after some steps; bits by number. What a step's events depend on.
struct Attendance {
    bool started = false;
    std::uint32_t present = 0;
    std::uint32_t typing = 0;

    /// How many events the step has, which is then taken.
    std::int64_t take(const StoryStep& step);
};

/// What happens in one conversation, in the order of time, or one more visit to it.
struct Story {
    std::int64_t conversation = 0;  ///< its number, from 1
    bool goesOn = false;            ///< there may be more stories of the same conversation
    Language language = Language::english;
    std::vector<Character> people{};  ///< of a further visit: the same, and more behind them
    std::vector<StoryStep> steps{};
};

/// The id of the conversation of that number.
ConversationId conversationIdOf(std::int64_t number);

/// Ends the story before `end`, and after `most` events. REQUIRES: one step fits.
/// `attendance`: before the story; gives that after it. Returns how many events there are.
std::int64_t cut(Story& story, Attendance& attendance, UnixMillis end, std::int64_t most);

/// Lengthens the story by requests that are one event each. REQUIRES: somebody is present.
void lengthen(Story& story, Attendance& attendance, UnixMillis end, std::int64_t events);

}  // namespace parley::app::generate
