#pragma once

#include <parley/core/result.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

/// How often something may be done: `perSecond` for as long as one likes, and up to `burst` at once
/// after a pause. A value.
struct Rate {
    static constexpr std::uint32_t kMax = 1'000'000;  ///< of either number

    std::uint32_t perSecond = 0;  ///< 0: there is no limit
    std::uint32_t burst = 0;      ///< at least 1, unless there is no limit

    bool off() const { return perSecond == 0; }
    bool operator==(const Rate&) const = default;
};

/// Reads "20/100" (per second, burst; both from 1 to Rate::kMax), or "0": no limit. Refuses all
/// else with `invalid_setting` and what is wrong. Any thread.
Result<Rate> parseRate(std::string_view text);
/// The text that parseRate takes. Any thread.
std::string rateText(Rate rate);

/// Counts what one sender does against a rate (the generic cell rate algorithm, ITU-T I.371). Fresh
/// it is full: `burst` are allowed at once. One thread at a time.
///
/// `now` is Clock::monotonic, from 0 on. Where a clock steps back so far that the bucket would be
/// from the future, the bucket begins anew, full.
class RateBucket {
public:
    using Millis = std::chrono::milliseconds;

    /// How long the next one has to wait; 0: it is allowed. Changes nothing.
    Millis waitOf(Rate rate, Millis now) const;
    /// Takes one where it is allowed, and returns 0. Else changes nothing, and returns after how
    /// long, rounded up, one will be allowed if none is taken before.
    Millis take(Rate rate, Millis now);
    /// Takes all that there are, and will be until `now`: none is allowed before `now` plus the
    /// time of one.
    void empty(Rate rate, Millis now);
    /// When the bucket is full again, rounded up: from then on it is as good as a fresh one.
    Millis fullAt() const;

private:
    std::int64_t fullAtNs_ = 0;
};
static_assert(sizeof(RateBucket) == 8);

}  // namespace parley
