#include "gateway/limits/limit.h"

#include <algorithm>
#include <string>

namespace parley {
namespace {

constexpr std::array kSettings{
#define LIMIT(constant, label, setting) std::string_view(setting),
#include "gateway/limits/limits.def"
};
// Of a rate of one in a second with the largest burst, and more than any wait.
constexpr std::int64_t kWaitMaxMs = 1'000'000'000;

}  // namespace

Error rateLimited(Limit limit, std::chrono::milliseconds wait) {
    const auto waitMs = std::clamp<std::int64_t>(wait.count(), 1, kWaitMaxMs);
    return {ErrorCode::rate_limited,
            std::string(kSettings[static_cast<std::size_t>(limit)]) + " is reached; try again in " +
                std::to_string(waitMs) + " ms",
            static_cast<std::uint32_t>(waitMs)};
}

}  // namespace parley
