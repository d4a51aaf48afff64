#pragma once

#include <parley/core/error.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley {

/// What a request was refused by. limits.def has one row each.
enum class Limit : std::uint8_t {
#define LIMIT(constant, label, setting) constant,
#include "gateway/limits/limits.def"
};

/// As metrics name them, in the order of their values.
inline constexpr std::array kLimitLabels{
#define LIMIT(constant, label, setting) std::string_view(label),
#include "gateway/limits/limits.def"
};
inline constexpr std::size_t kLimitCount = kLimitLabels.size();

/// `rate_limited`, which names the setting and says when to try again. Any thread.
Error rateLimited(Limit limit, std::chrono::milliseconds wait);

}  // namespace parley
