#pragma once

#include <parley/auth/token_fault.h>
#include <parley/core/clock.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace parley::auth {

/// Tells an operator that tokens are refused, and why: at the first one, and after that at most
/// once a minute how many there were since, by fault. Says nothing of any token. Any thread.
class RefusalLog {
public:
    static constexpr std::chrono::milliseconds kBetweenLines{60'000};

    /// One more was refused at the monotonic time `now`. Logs a line if it is time to.
    void note(TokenFault fault, std::chrono::milliseconds now);
    /// The same, but returns the line: "expired=2 signature=1".
    std::optional<std::string> count(TokenFault fault, std::chrono::milliseconds now);

private:
    std::mutex mutex_;
    std::array<std::uint64_t, kTokenFaultCount> untold_{};
    std::optional<std::chrono::milliseconds> next_;
};

}  // namespace parley::auth
