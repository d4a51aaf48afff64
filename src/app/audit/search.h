#pragma once

#include "app/audit/audit_options.h"
#include "app/audit/source.h"

#include <parley/core/ids.h>

namespace parley::app::audit {

/// `parley audit search`: the messages that have the words of `--words` (audit/search_query.h),
/// within `after` < position <= `upTo`, the newest first. Prints them as the other questions print
/// theirs, and returns the exit status. REQUIRES: `source` has audit.db.
int search(Source& source, const AuditOptions& options, Position after, Position upTo);

}  // namespace parley::app::audit
