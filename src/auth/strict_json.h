#pragma once

#include <parley/core/json.h>

#include <optional>
#include <string_view>

namespace parley::auth {

/// Parses one JSON object as other readers of a token must read it too: nothing where a name comes
/// twice in one object, a text is not Unicode, or a number is beyond `double`; nothing that is
/// nested deeper than `depthMax` or has more than 256 names in one object. Never throws. Any
/// thread.
std::optional<Json> parseStrictObject(std::string_view text, int depthMax);

}  // namespace parley::auth
