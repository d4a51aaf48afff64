#include <parley/log/execute.h>
#include <parley/log/read/log_times.h>

#include <cstdint>

namespace parley {

LogTimes::LogTimes(Database& db)
    : db_(db),
      head_(db.sqlite(), "SELECT position, at FROM event ORDER BY position DESC LIMIT 1"),
      at_(db.sqlite(), "SELECT at FROM event WHERE position = ?") {}

LogMoment LogTimes::readHead() {
    const StatementReset guard(head_);
    if (!head_.executeStep()) return {};
    return {{head_.getColumn(0).getInt64()}, {head_.getColumn(1).getInt64()}};
}

std::int64_t LogTimes::timeOf(std::int64_t position) {
    return numberFrom(at_, position).value_or(0);
}

Result<LogMoment> LogTimes::head() {
    return db_.query([&] { return readHead(); });
}

Result<std::optional<LogMoment>> LogTimes::at(Position position) {
    return db_.query([&]() -> std::optional<LogMoment> {
        if (position.value == 0) return LogMoment{};
        const auto at = numberFrom(at_, position.value);
        if (!at) return std::nullopt;
        return LogMoment{position, {*at}};
    });
}

Result<LogMoment> LogTimes::at(UnixMillis time) {
    return db_.query([&]() -> LogMoment {
        const LogMoment head = readHead();
        if (head.at <= time) return head;
        LogMoment found;
        for (auto later = head.position.value; later - found.position.value > 1;) {
            const auto middle = found.position.value + (later - found.position.value) / 2;
            const UnixMillis at{timeOf(middle)};
            if (at <= time) {
                found = {{middle}, at};
            } else {
                later = middle;
            }
        }
        return found;
    });
}

}  // namespace parley
