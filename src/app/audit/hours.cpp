#include "app/audit/hours.h"

#include <algorithm>
#include <vector>

namespace parley::app::audit {
namespace {

constexpr std::int64_t kHour = 3'600'000;

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
    constexpr std::int64_t kStep = 6 * 24 * kHour;
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

bool isWhole(std::int64_t ms) {
    return ms % kHour == 0;
}

// The beginning of its hour, also before 1970; and the first hour that begins at it or later.
std::int64_t hourOf(std::int64_t ms) {
    return ms - ((ms % kHour) + kHour) % kHour;
}
std::int64_t hourFrom(std::int64_t ms) {
    return isWhole(ms) ? ms : hourOf(ms) + kHour;
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

// The hours that are in the range as a whole.
std::string ofHours(const AuditOptions& options, bool isUtc) {
    std::string where;
    if (options.from) {
        where += "\n    AND start_ms >= " + std::to_string(hourFrom(options.from->value));
    }
    if (options.to) where += "\n    AND start_ms < " + std::to_string(hourOf(options.to->value));
    return "  SELECT " + localOf("start_ms", isUtc) +
           " AS local_ms,\n    events, messages, customer_messages, staff_messages,"
           " robot_messages, notes, joins, leaves, typing\n  FROM v1_hour\n  WHERE true" +
           where;
}

// The hours that the range begins or ends in.
std::string cutHours(const AuditOptions& options) {
    std::string hours;
    for (const auto& border : {options.from, options.to}) {
        if (!border || isWhole(border->value)) continue;
        hours += (hours.empty() ? "" : ", ") + std::to_string(hourOf(border->value));
    }
    return hours;
}

std::string counted(const std::string& select) {
    return "counted AS (\n" + select + "\n)\n";
}

std::string fromHours(const AuditOptions& options, bool isUtc) {
    const std::string whole = ofHours(options, isUtc);
    const std::string cut = cutHours(options);
    if (cut.empty()) return counted(whole);
    return counted(whole + "\n  UNION ALL\n" +
                   ofEvents("v1_hour AS h CROSS JOIN v1_event AS e ON e.position\n"
                            "    BETWEEN max(h.first_position, :from_position)"
                            " AND min(h.last_position, :to_position)\n  WHERE h.start_ms IN (" +
                                cut + ")",
                            isUtc));
}

std::string fromEvents(bool isUtc) {
    return counted(ofEvents(
        "v1_event\n  WHERE position >= :from_position AND position <= :to_position", isUtc));
}

}  // namespace

std::string countedByHours(const AuditOptions& options, UnixMillis first, UnixMillis last) {
    const auto changes = changesOf(options.zone, first.value - kHour, last.value);
    const bool isUtc = changes.size() == 1 && changes.front().offset == 0;
    const bool byHours = std::all_of(changes.begin(), changes.end(),
                                     [](const Change& one) { return isWhole(one.offset); }) &&
                         std::all_of(changes.begin() + 1, changes.end(),
                                     [](const Change& one) { return isWhole(one.from); });
    return (isUtc ? "WITH " : zoneTable(changes) + ", ") +
           (byHours ? fromHours(options, isUtc) : fromEvents(isUtc));
}

}  // namespace parley::app::audit
