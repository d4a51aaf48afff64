#pragma once

#include <parley/core/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace parley::app::audit {

/// One value of a row, as SQLite has it: NULL, a whole number, a number, a text. Bytes are shown as
/// hexadecimal text. Texts are valid until the next row.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string_view>;

/// The shortest text that gives the number again.
std::string numberText(double number);

}  // namespace parley::app::audit
