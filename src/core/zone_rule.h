#pragma once

#include <parley/core/time_zone.h>

#include <optional>
#include <string_view>
#include <vector>

namespace parley {

/// Until when rules are written out as changes. Later times keep the last offset.
inline constexpr int kZoneRulesUntilYear = 2200;

/// Appends to `changes` what a rule in the form of the variable TZ says of the time after them, as
/// the last line of a zone file has it: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX; RFC 8536, section
/// 3.3). Empty: nothing more is known. False, and nothing appended, where it cannot be read.
/// REQUIRES: there is a change already.
bool appendRule(std::string_view rule, std::vector<OffsetChange>& changes);

}  // namespace parley
