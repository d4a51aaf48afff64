#pragma once

#include "app/show/past_reading.h"

#include <ostream>

/// How `parley show` prints. One thread.
namespace parley::app::show_command {

/// For people. Texts that others typed cannot control the terminal.
Result<void> printText(std::ostream& out, PastReading& reading, const Shown& shown);

/// One object: {"asOf", "viewer"?, "conversation"?, "participants"?, "typing"?, "messages"}, of the
/// wire's types (docs/wire.md). Absent: nobody in particular looks, or what the viewer could not
/// see.
Result<void> printJson(std::ostream& out, PastReading& reading, const Shown& shown);

}  // namespace parley::app::show_command
