#pragma once

#include <parley/domain/event.h>
#include <parley/domain/roles.h>
#include <parley/domain/visibility.h>
#include <parley/log/execute.h>

#include <cstdint>
#include <vector>

namespace parley {

/// What happened in a span of time: a row of `hour`, and of `quarter_hour` in audit.db.
struct EventCounts {
    std::int64_t number = 0;  ///< of the span, since 1970
    Position first{};
    Position last{};
    std::int64_t events = 0;
    std::int64_t messages = 0;
    std::int64_t customerMessages = 0;
    std::int64_t staffMessages = 0;
    std::int64_t robotMessages = 0;
    std::int64_t notes = 0;
    std::int64_t joins = 0;
    std::int64_t leaves = 0;
    std::int64_t typing = 0;

    /// Adds the log's next event.
    void add(const FoldableEvent& event);
    /// Runs a statement whose parameters are these figures, in this order; how many rows it
    /// changed.
    int write(SQLite::Statement& statement) const;

private:
    void addMessage(const FoldableEvent& message);
};

/// The number of the span of `millis` that `at` is in. Rounds down, also before 1970: a test's
/// clock may stand there.
inline std::int64_t spanNumber(UnixMillis at, std::int64_t millis) {
    return (at.value - (at.value % millis + millis) % millis) / millis;
}

inline void EventCounts::add(const FoldableEvent& event) {
    if (events == 0) first = event.position;
    last = event.position;
    ++events;
    if (isMessage(event.type)) {
        addMessage(event);
    } else if (isTyping(event.type)) {
        ++typing;
    } else if (isMembership(event.type)) {
        ++(event.type == EventType::participantJoined ? joins : leaves);
    }
}

inline void EventCounts::addMessage(const FoldableEvent& message) {
    ++messages;
    const auto role = message.role.value_or(UserRole::customer);
    if (role == UserRole::customer) {
        ++customerMessages;
    } else if (role == UserRole::robot) {
        ++robotMessages;
    } else if (visibleToEveryCustomer(message.visible)) {
        ++staffMessages;
    } else {
        ++notes;
    }
}

/// Adds the log's next event to the last of `spans`, each of `millis`, or begins one. Times never
/// fall along the log, so the spans stand in their order.
inline void addToSpans(std::vector<EventCounts>& spans, std::int64_t millis,
                       const FoldableEvent& event) {
    const auto number = spanNumber(event.at, millis);
    if (spans.empty() || spans.back().number != number) spans.push_back({.number = number});
    spans.back().add(event);
}

inline int EventCounts::write(SQLite::Statement& statement) const {
    const StatementReset guard(statement);
    bindNumbers(statement, number, first.value, last.value, events, messages, customerMessages,
                staffMessages, robotMessages, notes, joins, leaves, typing);
    return statement.exec();
}

}  // namespace parley
