#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace parley {

/// Why a request was refused, or a start or a command ended: the rows of error_codes.def, which
/// clients can get, then those of operator_errors.def, which they cannot.
enum class ErrorCode : std::uint8_t {
#define PARLEY_ERROR(name, status, retry, meaning) name,
#include <parley/core/error_codes.def>
#undef PARLEY_ERROR
#define PARLEY_OPERATOR_ERROR(name, exit, meaning) name,
#include <parley/core/operator_errors.def>
};

/// What the table says of a code. The views point to static storage.
struct ErrorInfo {
    std::string_view name;     ///< what clients get in `code`
    int httpStatus;            ///< status of the REST twin's answer
    bool retry;                ///< the same request may succeed later
    std::string_view meaning;  ///< one sentence for people
};

/// The row of `code`. An operator's code, which no request should be refused with, has the status
/// 500. Any thread.
const ErrorInfo& errorInfo(ErrorCode code);

/// The code of this name; nothing where this program knows none. Any thread.
std::optional<ErrorCode> errorCodeOf(std::string_view name);

/// The refusals that clients can get, in the order of error_codes.def; the index is the ErrorCode.
/// Any thread.
std::span<const ErrorInfo> clientErrors();

/// A refusal: `message` is for people and carries the facts ("expected 7, found 9"). Programs read
/// the code: messages may change from version to version. A client's refusal is sent to it as it
/// is, so it never holds a message's content or a secret. A value.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;
    /// After how long the same request may succeed; 0: not known. Clients are told it.
    std::uint32_t retryAfterMs = 0;

    /// The code as clients get it. The view points to static storage.
    std::string_view name() const { return errorInfo(code).name; }
};

}  // namespace parley
