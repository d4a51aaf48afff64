#pragma once

#include <parley/core/ids.h>

#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// How far a client got. One event may be told twice, first to dashboards, then to its room; a
/// client that receives both can be cut off in between. So there are two texts: "42", all of
/// event 42 has been received; "41.5", everything up to 41, and of 42 the dashboard's part.
struct Cursor {
    Position room;       ///< everything up to here that rooms are told
    Position dashboard;  ///< everything up to here that dashboards are told; never before `room`
    auto operator<=>(const Cursor&) const = default;
};

/// Reads either text; nothing when it is neither.
std::optional<Cursor> parseCursor(std::string_view text);

/// Appends what a room's broadcast of the event at `position` carries: "42".
void appendRoomCursor(std::string& out, Position position);
/// Appends what a dashboard's carries: "41.5".
void appendDashboardCursor(std::string& out, Position position);

}  // namespace parley
