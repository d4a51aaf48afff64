#include "app/generate/plan.h"

#include "app/generate/visit.h"

#include <parley/core/check.h>

#include <algorithm>

namespace parley::app::generate {
namespace {

// Streams of the seed; those of conversations are their numbers, from 1.
constexpr std::uint64_t kRhythmStream = ~0ULL;
constexpr std::uint64_t kPeopleStream = ~1ULL;
constexpr std::uint64_t kLongStream = 1ULL << 40;  // and on, one a visit

constexpr std::int64_t kLongOnesPart = 50;  // one in so many events
constexpr std::int64_t kLongOnesEventsMax = 200'000;
constexpr double kLongOnesPace = 0.25;
constexpr int kLongOnesAgents = 12;

constexpr double kReturns = 0.06;
constexpr std::int64_t kDayMs = 86'400'000;
// Fewer events than this make no conversation of their own.
constexpr std::int64_t kFewEvents = 12;

}  // namespace

Plan::Plan(const Wanted& wanted)
    : wanted_(wanted),
      rhythm_(wanted.end, wanted.days, Dice(wanted.seed, kRhythmStream)),
      people_(Dice(wanted.seed, kPeopleStream)) {}

std::optional<UnixMillis> Plan::nextBegin() const {
    if (planned_ == wanted_.events) return std::nullopt;
    return rhythm_.at(static_cast<double>(planned_) / static_cast<double>(wanted_.events));
}

Story Plan::next() {
    const UnixMillis begin = nextBegin().value();
    const bool isLong = isLongOnesTurn();
    Attendance before = isLong ? long_.attendance : Attendance{};
    Story story = isLong ? visitOfLong(begin) : ordinary(begin, before);
    Attendance& attendance = isLong ? long_.attendance : before;

    const std::int64_t left = wanted_.events - planned_;
    const std::int64_t most = isLong ? std::min(left, kLongOnesEventsMax - long_.events) : left;
    std::int64_t events = cut(story, attendance, wanted_.end, most);
    if (left - events < kFewEvents && attendance.present != 0 && !story.steps.empty()) {
        lengthen(story, attendance, wanted_.end, left - events);
        events = left;
    }
    planned_ += events;
    if (isLong) {
        long_.events += events;
        if (!story.steps.empty()) long_.last = story.steps.back().at;
        if (events == 0) long_.events = kLongOnesEventsMax;  // its time is over
    }
    return story;
}

bool Plan::isLongOnesTurn() const {
    // The last events make an ordinary conversation, which ends at the very number.
    if (wanted_.events - planned_ < 500 && long_.number != 0) return false;
    return long_.events < std::min(planned_ / kLongOnesPart + 1, kLongOnesEventsMax);
}

Story Plan::ordinary(UnixMillis begin, Attendance& before) {
    Story story{.conversation = ++conversations_};
    Dice dice(wanted_.seed, static_cast<std::uint64_t>(story.conversation));
    story.language = People::language(dice);
    story.people.push_back(people_.customer(dice));
    Attendance attendance = before;
    addVisit(story, attendance, people_, begin, 1.0, dice);
    if (dice.chance(kReturns)) {
        // At about the same time of another day.
        const std::int64_t later = dice.logNormal(1.5, 0.8, 1, 20) * kDayMs +
                                   static_cast<std::int64_t>(dice.below(3'600'000));
        addVisit(story, attendance, people_, {story.steps.back().at.value + later}, 1.0, dice);
    }
    return story;
}

Story Plan::visitOfLong(UnixMillis begin) {
    if (long_.number == 0) {
        long_.number = ++conversations_;
        Dice dice(wanted_.seed, kLongStream);
        long_.people.push_back(people_.customer(dice));
        const auto add = [&](const Character& person) {
            const auto same = [&](const Character& one) { return one.user == person.user; };
            auto& all = long_.people;
            if (std::none_of(all.begin(), all.end(), same)) all.push_back(person);
        };
        for (int i = 0; i < 2; ++i) {
            add(people_.robot(dice));
            add(people_.supervisor(dice));
        }
        for (int i = 0; i < kLongOnesAgents; ++i) add(people_.agent({i * 2 * 3'600'000}, dice));
        long_.last = begin;
    }
    Story story{.conversation = long_.number, .goesOn = true, .people = long_.people};
    Dice dice(wanted_.seed, kLongStream + 1 + static_cast<std::uint64_t>(long_.events));
    Attendance attendance = long_.attendance;
    const UnixMillis from{std::max(begin.value, long_.last.value + 2'000)};
    addVisit(story, attendance, people_, from, kLongOnesPace, dice);
    long_.people = story.people;
    return story;
}

}  // namespace parley::app::generate
