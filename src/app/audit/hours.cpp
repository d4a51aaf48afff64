#include "app/audit/hours.h"

#include <parley/projection/event_counts.h>

#include <algorithm>
#include <vector>

namespace parley::app::audit {
namespace {

/// A view that has a row for each span of time.
struct Spans {
    std::int64_t millis;
    const char* view;
};
constexpr Spans kHours{3'600'000, "v1_hour"};
constexpr Spans kQuarterHours{900'000, "v1_quarter_hour"};

struct Change {
    std::int64_t from;
    std::int64_t offset;
};

std::int64_t offsetAt(const TimeZone& zone, std::int64_t at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(zone.offset({at})).count();
}

// The first moment after `from`, up to `to`, with the offset of `to`; both have one each.
std::int64_t changeBetween(const TimeZone& zone, std::int64_t from, std::int64_t to) {
    while (to - from > 1) {
        const auto middle = from + (to - from) / 2;
        (offsetAt(zone, middle) == offsetAt(zone, to) ? to : from) = middle;
    }
    return to;
}

// The zone's offsets from `first` to `last`. No zone changes its offset twice within six days.
std::vector<Change> changesOf(const TimeZone& zone, std::int64_t first, std::int64_t last) {
    constexpr std::int64_t kStep = 6 * 24 * kHours.millis;
    std::vector<Change> changes{{first, offsetAt(zone, first)}};
    for (auto at = first; at < last; at += kStep) {
        const auto next = std::min(at + kStep, last);
        const auto offset = offsetAt(zone, next);
        if (offset != changes.back().offset) {
            changes.push_back({changeBetween(zone, at, next), offset});
        }
    }
    return changes;
}

// The beginning of its span, also before 1970; and the first span that begins at it or later.
std::int64_t beginOf(const Spans& spans, std::int64_t ms) {
    return spanNumber({ms}, spans.millis) * spans.millis;
}
std::int64_t beginFrom(const Spans& spans, std::int64_t ms) {
    const auto begin = beginOf(spans, ms);
    return begin == ms ? ms : begin + spans.millis;
}

// Whether no span has two of the zone's hours in it.
bool fit(const std::vector<Change>& changes, const Spans& spans) {
    const auto isWhole = [&](std::int64_t ms) { return ms % spans.millis == 0; };
    return std::all_of(changes.begin(), changes.end(),
                       [&](const Change& one) { return isWhole(one.offset); }) &&
           std::all_of(changes.begin() + 1, changes.end(),
                       [&](const Change& one) { return isWhole(one.from); });
}

std::string zoneTable(const std::vector<Change>& changes) {
    std::string rows;
    for (const auto& [from, offset] : changes) {
        rows += rows.empty() ? "" : ", ";
        rows += '(' + std::to_string(from) + ", " + std::to_string(offset) + ')';
    }
    return "WITH zone(from_ms, offset_ms) AS (VALUES " + rows + ")";
}

std::string localOf(const std::string& ms, bool isUtc) {
    if (isUtc) return ms;
    return ms + " + (SELECT offset_ms FROM zone WHERE from_ms <= " + ms +
           "\n      ORDER BY from_ms DESC LIMIT 1)";
}

// `source`: rows of v1_event.
std::string ofEvents(const std::string& source, bool isUtc) {
    return "  SELECT " + localOf("at_ms", isUtc) +
           R"( AS local_ms, 1 AS events,
    type IN ('message_sent', 'message_shared') AS messages,
    type IN ('message_sent', 'message_shared')
      AND coalesce(role, 'cx-customer') = 'cx-customer' AS customer_messages,
    type IN ('message_sent', 'message_shared') AND role IN ('cx-agent', 'cx-supervisor')
      AND coalesce(is_visible, 1) = 1 AS staff_messages,
    type IN ('message_sent', 'message_shared') AND role = 'robot' AS robot_messages,
    type IN ('message_sent', 'message_shared') AND role IN ('cx-agent', 'cx-supervisor')
      AND is_visible = 0 AS notes,
    type = 'participant_joined' AS joins, type = 'participant_left' AS leaves,
    type IN ('typing_started', 'typing_stopped') AS typing
  FROM )" + source;
}

// The spans that are in the range as a whole.
std::string ofSpans(const AuditOptions& options, const Spans& spans, bool isUtc) {
    std::string where;
    if (options.from) {
        where += "\n    AND start_ms >= " + std::to_string(beginFrom(spans, options.from->value));
    }
    if (options.to) {
        where += "\n    AND start_ms < " + std::to_string(beginOf(spans, options.to->value));
    }
    return "  SELECT " + localOf("start_ms", isUtc) +
           " AS local_ms,\n    events, messages, customer_messages, staff_messages,"
           " robot_messages, notes, joins, leaves, typing\n  FROM " +
           spans.view + "\n  WHERE true" + where;
}

// The spans that the range begins or ends in.
std::string cutSpans(const AuditOptions& options, const Spans& spans) {
    std::string begins;
    for (const auto& border : {options.from, options.to}) {
        if (!border || border->value % spans.millis == 0) continue;
        begins += (begins.empty() ? "" : ", ") + std::to_string(beginOf(spans, border->value));
    }
    return begins;
}

std::string counted(const std::string& select) {
    return "counted AS (\n" + select + "\n)\n";
}

std::string fromSpans(const AuditOptions& options, const Spans& spans, bool isUtc) {
    const std::string whole = ofSpans(options, spans, isUtc);
    const std::string cut = cutSpans(options, spans);
    if (cut.empty()) return counted(whole);
    return counted(whole + "\n  UNION ALL\n" +
                   ofEvents(std::string(spans.view) +
                                " AS h CROSS JOIN v1_event AS e ON e.position\n"
                                "    BETWEEN max(h.first_position, :from_position)"
                                " AND min(h.last_position, :to_position)\n  WHERE h.start_ms IN (" +
                                cut + ")",
                            isUtc));
}

std::string fromEvents(bool isUtc) {
    return counted(ofEvents(
        "v1_event\n  WHERE position >= :from_position AND position <= :to_position", isUtc));
}

// From an hour before: an event of the range may be in a span that begins before it.
std::vector<Change> zoneIn(const AuditOptions& options, UnixMillis first, UnixMillis last) {
    return changesOf(options.zone, first.value - kHours.millis, last.value);
}

}  // namespace

std::string countedByHours(const AuditOptions& options, UnixMillis first, UnixMillis last,
                           bool hasAudit) {
    const auto changes = zoneIn(options, first, last);
    const bool isUtc = changes.size() == 1 && changes.front().offset == 0;
    const auto select = [&] {
        if (fit(changes, kHours)) return fromSpans(options, kHours, isUtc);
        if (hasAudit && fit(changes, kQuarterHours)) {
            return fromSpans(options, kQuarterHours, isUtc);
        }
        return fromEvents(isUtc);
    };
    return (isUtc ? "WITH " : zoneTable(changes) + ", ") + select();
}

bool wantsQuarterHours(const AuditOptions& options, UnixMillis first, UnixMillis last) {
    const auto changes = zoneIn(options, first, last);
    return !fit(changes, kHours) && fit(changes, kQuarterHours);
}

}  // namespace parley::app::audit
