#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley::auth {

/// Why a token was refused, or no longer counts. token_faults.def has one row a fault.
enum class TokenFault : std::uint8_t {
#define TOKEN_FAULT(constant, ...) constant,
#include <parley/auth/token_faults.def>
};

inline constexpr std::size_t kTokenFaultCount = 0
#define TOKEN_FAULT(...) +1
#include <parley/auth/token_faults.def>
    ;

/// The label of a metric: "missing", "too_long" … Static storage. Any thread.
std::string_view tokenFaultName(TokenFault fault);

}  // namespace parley::auth
