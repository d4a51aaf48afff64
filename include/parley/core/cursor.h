#pragma once

#include <parley/core/fingerprint.h>
#include <parley/core/ids.h>

#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// How far a client got, and in which history. One event may be told twice, first to dashboards,
/// then to its room; a client that receives both can be cut off in between. So there are two
/// texts: "42:pV-0aK3x", all of event 42 has been received; "41.5:pV-0aK3x", everything up to 41,
/// and of 42 the dashboard's part. What follows the colon is the fingerprint of event 42, eight
/// characters of base64url. Versions before decision 029 gave none: "42", "41.5".
/// A cursor is a claim of a client: whether the log has such an event is for its reader to ask. A
/// value.
struct Cursor {
    Position room;       ///< everything up to here that rooms are told
    Position dashboard;  ///< everything up to here that dashboards are told; never before `room`
    std::optional<Fingerprint> fingerprint = std::nullopt;  ///< of the event at `dashboard`
    auto operator<=>(const Cursor&) const = default;
};

/// What a room's broadcast of the event at `position` carries: all of that event has been told.
Cursor roomCursor(Position position, const Fingerprint& fingerprint);
/// What a dashboard's carries: the room's part of the same event is still to come.
Cursor dashboardCursor(Position position, const Fingerprint& fingerprint);

/// Appends the text of a cursor, 30 bytes at most. REQUIRES: `dashboard` is `room`, or the position
/// after it. Any thread.
void appendCursor(std::string& out, const Cursor& cursor);
/// Reads any of the texts, as `appendCursor` writes them; nothing when it is none: a sign, leading
/// zeros, blanks, a number beyond 63 bits or a fingerprint of another length. Any thread.
std::optional<Cursor> parseCursor(std::string_view text);

}  // namespace parley
