#pragma once

#include <spdlog/spdlog.h>

#include <memory>
#include <string>

namespace parley {

/// Sets up the process's one logger: lines to standard error as
/// `2026-01-31T08:15:30.042Z info event_name key=value ...`, each flushed at once. `level` is one
/// of trace, debug, info, warn, error, off; an unknown text is `off`. Call once, before threads
/// start.
void setUpLogging(const std::string& level);

/// The process's logger. Structured: one event name, then key=value; never a message's
/// content. Any thread; a line is written on the caller's thread, which waits for standard error.
inline spdlog::logger& logger() {
    return *spdlog::default_logger_raw();
}

}  // namespace parley
