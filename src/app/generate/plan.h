#pragma once

#include "app/generate/rhythm.h"
#include "app/generate/story.h"

#include <cstdint>
#include <optional>

namespace parley::app::generate {

/// What is asked for.
struct Wanted {
    std::int64_t events = 0;  ///< kEventsMin and more
    std::uint64_t seed = 0;
    UnixMillis end;  ///< every event is before it
    int days = 180;  ///< from the first to the last
};
inline constexpr std::int64_t kEventsMin = 100;

/// Stories of conversations that together have exactly the events wanted, one after another by
/// when they begin. One of them is the long one, which goes on for the whole time: a fiftieth of
/// all events, but 200,000 at most. One thread.
class Plan {
public:
    explicit Plan(const Wanted& wanted);

    /// When the next story begins; nothing: there is no more.
    std::optional<UnixMillis> nextBegin() const;
    /// REQUIRES: there is one.
    Story next();

private:
    Story ordinary(UnixMillis begin, Attendance& before);
    Story visitOfLong(UnixMillis begin);
    bool isLongOnesTurn() const;

    const Wanted wanted_;
    const Rhythm rhythm_;
    People people_;
    std::int64_t planned_ = 0;  // events
    std::int64_t conversations_ = 0;

    struct Long {
        std::int64_t number = 0;  // of the conversation; 0: it has not begun
        Attendance attendance;
        std::vector<Character> people;
        UnixMillis last;  // of its last step
        std::int64_t events = 0;
    } long_;
};

}  // namespace parley::app::generate
