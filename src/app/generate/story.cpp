#include "app/generate/story.h"

#include <parley/core/check.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>

namespace parley::app::generate {
namespace {

constexpr std::int64_t kTypingMs = 3'000;

std::int64_t ending(std::uint32_t& typing, std::uint32_t who) {
    const bool typed = (typing & who) != 0;
    typing &= ~who;
    return typed ? 1 : 0;
}

}  // namespace

std::int64_t Attendance::take(const StoryStep& step) {
    const std::uint32_t who = 1U << step.who;
    const auto enter = [&] {
        const std::int64_t events = (started ? 0 : 1) + ((present & who) != 0 ? 0 : 1);
        started = true;
        present |= who;
        return events;
    };
    switch (step.act) {
        case Act::start:
        case Act::join:
        case Act::joinHidden: return enter();
        case Act::leave: present &= ~who; return 1 + ending(typing, who);
        case Act::remove: {
            const std::uint32_t other = 1U << step.other;
            present &= ~other;
            return 1 + ending(typing, other);
        }
        case Act::type:
        case Act::typeHidden: typing |= who; return 1;
        case Act::stopTyping: typing &= ~who; return 1;
        case Act::typingTimeout:
        case Act::disconnect: return ending(typing, who);
        case Act::say:
        case Act::note:
        case Act::answerByRobot: return enter() + ending(typing, who) + 1;
        case Act::share: return ending(typing, who) + 1;
    }
    return 0;
}

ConversationId conversationIdOf(std::int64_t number) {
    std::array<char, 32> id{};
    std::snprintf(id.data(), id.size(), "case-%07lld", static_cast<long long>(number));
    return ConversationId::fromStored(id.data());
}

std::int64_t cut(Story& story, Attendance& attendance, UnixMillis end, std::int64_t most) {
    std::int64_t events = 0;
    std::size_t kept = 0;
    for (; kept < story.steps.size() && story.steps[kept].at < end; ++kept) {
        Attendance next = attendance;
        const auto more = next.take(story.steps[kept]);
        if (events + more > most) break;
        attendance = next;
        events += more;
    }
    story.steps.resize(kept);
    return events;
}

void lengthen(Story& story, Attendance& attendance, UnixMillis end, std::int64_t events) {
    PARLEY_CHECK(attendance.present != 0 && !story.steps.empty());
    const auto who = static_cast<std::uint8_t>(std::countr_zero(attendance.present));
    for (; events > 0; --events) {
        const UnixMillis at{std::min(story.steps.back().at.value + kTypingMs, end.value - 1)};
        story.steps.push_back({.at = at, .act = Act::type, .who = who});
        attendance.take(story.steps.back());
    }
}

}  // namespace parley::app::generate
