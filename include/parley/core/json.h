#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
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
};

/// Parses one JSON text. Nothing on bad syntax, bytes after the value, text that is not UTF-8, or
/// limits passed. An escaped surrogate without its other half, which no UTF-8 text can hold, is
/// read as NUL. Never throws. Any thread.
std::optional<Json> parseJson(std::string_view text, const JsonLimits& limits = {});

/// Appends `text` as a JSON string with its quotes. Only what RFC 8259 section 7 asks for is
/// escaped. `text` must be UTF-8; it is not checked again.
void appendJsonString(std::string& out, std::string_view text);

/// Appends a number in decimal.
void appendInt(std::string& out, std::int64_t value);

}  // namespace parley
