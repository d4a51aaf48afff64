#pragma once

#include "app/audit/audit_options.h"

#include <parley/log/read/log_times.h>

#include <string>

namespace parley::app::audit {

/// The beginning of a statement that counts what happened by the clocks of a zone: common table
/// expressions that end with `counted`, which has `local_ms` (what the zone's clocks show, as
/// milliseconds) and the figures of v1_hour. It takes them from v1_hour, or from v1_quarter_hour
/// where the zone is no whole hours away from UTC, and counts the events of the spans that the
/// range begins or ends in. Plain SQL: the zone's rules are in it. `first`, `last`: the range.
/// `hasAudit`: v1_quarter_hour is there; without it, such a zone's events are counted one by one.
std::string countedByHours(const AuditOptions& options, UnixMillis first, UnixMillis last,
                           bool hasAudit);

/// Whether v1_quarter_hour would be read.
bool wantsQuarterHours(const AuditOptions& options, UnixMillis first, UnixMillis last);

}  // namespace parley::app::audit
