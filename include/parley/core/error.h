#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

/// Why a request was refused, from the closed table in error_codes.def.
enum class ErrorCode : std::uint8_t {
#define PARLEY_ERROR(name, status, retry, meaning) name,
#include <parley/core/error_codes.def>
#undef PARLEY_ERROR
};

/// What the table says of a code. The views point to static storage.
struct ErrorInfo {
    std::string_view name;     ///< what clients get in `code`
    int httpStatus;            ///< status of the REST twin's answer
    bool retry;                ///< the same request may succeed later
    std::string_view meaning;  ///< one sentence for people
};

/// The table's row of `code`. Any thread.
const ErrorInfo& errorInfo(ErrorCode code);

/// The whole table in its order, for the generated reference.
const ErrorInfo* errorTableBegin();
const ErrorInfo* errorTableEnd();

/// A refusal: `message` is for people and carries the facts ("expected 7, found 9").
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;

    std::string_view name() const { return errorInfo(code).name; }
};

}  // namespace parley
