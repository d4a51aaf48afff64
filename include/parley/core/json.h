#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// JSON whose objects keep the order of their keys, as clients sent them.
using Json = nlohmann::ordered_json;

/// Bounds of a JSON text. Objects that keep the order of their keys look each key up one by one:
/// one with very many would take quadratic time to read.
struct JsonLimits {
    int depthMax = 64;          ///< nesting of arrays and objects
    std::size_t keysMax = 256;  ///< of one object
    /// Values in all, arrays and objects counted twice: reading many small ones takes a hundred
    /// times as long as one text of as many bytes. At least 1.
    std::size_t valuesMax = std::numeric_limits<std::size_t>::max();
};

/// Parses one JSON text (RFC 8259). Nothing on bad syntax, bytes after the value, text that is not
/// UTF-8, or limits passed. An escaped surrogate without its other half, which no UTF-8 text can
/// hold, is read as NUL; a number too large for `double` as one near its end. The length of `text`
/// is bounded by the caller. The value holds copies: `text` need not outlive it. Never throws. Any
/// thread.
std::optional<Json> parseJson(std::string_view text, const JsonLimits& limits = {});

/// Appends `text` as a JSON string with its quotes. Only what RFC 8259 section 7 asks for is
/// escaped: quotes, backslashes and control characters, so one byte becomes six at most. `text`
/// must be UTF-8; it is not checked again, and must not be a part of `out`. Any thread.
void appendJsonString(std::string& out, std::string_view text);

/// Appends a number in decimal, with '-' where it is negative: 20 bytes at most. Any thread.
void appendInt(std::string& out, std::int64_t value);

}  // namespace parley
