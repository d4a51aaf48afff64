#pragma once

#include <string_view>

namespace parley {

/// Logs `check_failed` with the condition and its place, then ends the process with SIGABRT: no
/// destructor runs and no transaction is committed, so the next start finds what a crash leaves.
/// Any thread. Called by PARLEY_CHECK alone.
[[noreturn]] void checkFailed(std::string_view condition, std::string_view file, int line);

}  // namespace parley

/// An invariant of the program: false is a defect, and going on could store or tell what is wrong.
/// It is checked in release builds too, so the condition must be cheap. Input is never checked with
/// it: what a client or an operator can cause is an Error. The condition is evaluated once. An
/// expression of type void: it can stand wherever a statement can.
#define PARLEY_CHECK(condition) \
    (static_cast<bool>(condition) ? void(0) : ::parley::checkFailed(#condition, __FILE__, __LINE__))
