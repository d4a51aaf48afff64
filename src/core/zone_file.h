#pragma once

#include <parley/core/time_zone.h>

#include <optional>
#include <string_view>
#include <vector>

namespace parley {

/// The changes that a zone file describes, of version 2 or later (RFC 8536), those of its last line
/// included; the first one is from the beginning of time. Nothing where `bytes` are no such file,
/// or one with leap seconds.
std::optional<std::vector<OffsetChange>> readZoneFile(std::string_view bytes);

}  // namespace parley
