#pragma once

#include <string_view>

namespace parley {

/// Logs which check failed, and where, then ends the process with SIGABRT. Any thread.
[[noreturn]] void checkFailed(std::string_view condition, std::string_view file, int line);

}  // namespace parley

/// An invariant of the program: false is a defect, and going on could store or tell what is wrong.
/// It is checked in release builds too, so the condition must be cheap. Input is never checked with
/// it: what a client or an operator can cause is an Error.
#define PARLEY_CHECK(condition) \
    (static_cast<bool>(condition) ? void(0) : ::parley::checkFailed(#condition, __FILE__, __LINE__))
