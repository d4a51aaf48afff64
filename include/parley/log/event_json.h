#pragma once

#include <parley/core/hex.h>
#include <parley/core/json_writer.h>
#include <parley/log/read/stored_event.h>

#include <cstdint>
#include <span>
#include <string>

namespace parley {

/// A field of hex digits, written without a temporary string. `name`: a literal or a string_view.
template <typename Name>
void hexField(JsonWriter& json, const Name& name, std::span<const std::uint8_t> bytes) {
    json.key(name);
    std::string& out = json.out();
    out += '"';
    for (const auto byte : bytes) appendHex(out, byte);
    out += '"';
}

/// Appends the fields of a stored event to an object that the caller has begun, as a line of an
/// export has them (docs/format/export.md): all that its row says, in one line whatever it says.
/// Any thread.
void appendEvent(JsonWriter& json, const StoredEvent& stored);

}  // namespace parley
