#include <parley/core/try.h>
#include <parley/log/read/fold_scan.h>
#include <parley/projection/minute_counts.h>

#include <algorithm>

namespace parley {
namespace {

constexpr std::int64_t kMillis = 60'000;
constexpr int kChunkEvents = 4096;

std::int64_t minuteOf(UnixMillis at) {
    return at.value / kMillis;
}

}  // namespace

Result<MinuteCounts::Answer> MinuteCounts::read(Database& db, LogTimes& times, UnixMillis now,
                                                int count) {
    const std::lock_guard lock(mutex_);
    PARLEY_TRY_ASSIGN(const auto head, times.head());
    const auto last = std::max(minuteOf(now), minuteOf(head.at));
    if (!begun_ || head.position.value - reached_.value > kEventsMax) {
        PARLEY_TRY(begin(times, head, last));
    }
    PARLEY_TRY(readOn(db, head.position));
    minutes_.erase(minutes_.begin(), minutes_.lower_bound(last - kMinutesMax + 1));
    Answer answer{.minutes = {}, .completeSince = completeSince_, .upTo = reached_};
    for (auto minute = last - count + 1; minute <= last; ++minute) {
        const auto known = minutes_.find(minute);
        answer.minutes.push_back(known == minutes_.end() ? Minute{{minute * kMillis}, {}, 0}
                                                         : known->second);
    }
    return answer;
}

// A day, or as much of it as one call may look at.
Result<void> MinuteCounts::begin(LogTimes& times, const LogMoment& head, std::int64_t minute) {
    const UnixMillis from{(minute - kMinutesMax + 1) * kMillis};
    PARLEY_TRY_ASSIGN(const auto before, times.at(UnixMillis{from.value - 1}));
    const Position earliest{head.position.value - kEventsMax};
    begun_ = true;
    minutes_.clear();
    reached_ = std::max(before.position, earliest);
    completeSince_.reset();
    if (reached_ == before.position) return {};
    PARLEY_TRY_ASSIGN(const auto cut, times.at(reached_));
    completeSince_ = UnixMillis{(minuteOf(cut->at) + 1) * kMillis};
    return {};
}

Result<void> MinuteCounts::readOn(Database& db, Position head) {
    while (reached_ < head) {
        std::map<std::int64_t, Minute> chunk;
        PARLEY_TRY_ASSIGN(const auto end,
                          scanForFold(db, reached_, kChunkEvents,
                                      [&](const FoldableEvent& event) { count(chunk, event); }));
        if (end == reached_) break;
        reached_ = end;
        for (const auto& [number, more] : chunk) {
            auto& minute = minutes_.try_emplace(number, Minute{more.at, {}, 0}).first->second;
            minute.started += more.started;
            for (std::size_t i = 0; i < more.messages.size(); ++i) {
                minute.messages[i] += more.messages[i];
            }
        }
    }
    return {};
}

void MinuteCounts::count(std::map<std::int64_t, Minute>& minutes,
                         const FoldableEvent& event) const {
    const bool starts = event.type == EventType::conversationStarted;
    if (!starts && !isMessage(event.type)) return;
    const auto number = minuteOf(event.at);
    auto& minute = minutes.try_emplace(number, Minute{{number * kMillis}, {}, 0}).first->second;
    if (starts) {
        ++minute.started;
    } else {
        const auto role = static_cast<std::size_t>(event.role.value_or(UserRole::customer));
        ++minute.messages[role - 1];
    }
}

}  // namespace parley
