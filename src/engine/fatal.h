#pragma once

#include <parley/engine/options.h>

#include <string>

namespace parley {

/// Ends the process because its storage can no longer be trusted: calls EngineOptions::onFatal with
/// `why`, and aborts where there is none, or where it returns. Any thread.
[[noreturn]] void endProcess(const EngineOptions& options, const std::string& why);

}  // namespace parley
