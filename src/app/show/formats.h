#pragma once

#include "app/show/past_reading.h"

#include <parley/core/time_zone.h>

#include <ostream>

/// How `parley show` prints. One thread.
namespace parley::app::show_command {

/// For people, with times by `zone`. Texts that others typed cannot control the terminal.
Result<void> printText(std::ostream& out, PastReading& reading, const Shown& shown,
                       const TimeZone& zone);

/// One object: {"asOf", "viewer"?, "conversation"?, "participants"?, "typing"?, "messages"}, of the
/// wire's types (docs/wire.md). Absent: nobody in particular looks, or what the viewer could not
/// see.
Result<void> printJson(std::ostream& out, PastReading& reading, const Shown& shown);

}  // namespace parley::app::show_command
