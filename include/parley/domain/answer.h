#pragma once

#include <parley/domain/event.h>
#include <parley/domain/roles.h>
#include <parley/domain/visibility.h>

#include <optional>

/// What customers ask, what answers them, and since when a conversation waits: the one definition
/// for every figure about response times. docs/metrics.md explains it for people, sqlAsks and
/// sqlAnswers (log/sql_lists.h) say the same to SQLite. Pure; any thread.
namespace parley {

/// Whether the event is a message that a customer wrote.
constexpr bool asks(const FoldableEvent& event) {
    return event.type == EventType::messageSent && event.role == UserRole::customer;
}

/// Whether the event answers the customers of its conversation: a text that an agent or a
/// supervisor wrote and that customers may see, or a robot's message that one of them shared. A
/// note, a system message and a robot's own message answer nobody.
constexpr bool answers(const FoldableEvent& event) {
    if (event.type == EventType::messageShared) return true;
    return event.type == EventType::messageSent && event.messageType == MessageType::text &&
           event.role && isStaff(*event.role) && visibleToEveryCustomer(event.visible);
}

/// An event of the past: where it stands in the log, and when it was.
struct Moment {
    Position position;
    UnixMillis at;

    bool operator==(const Moment&) const = default;
};
constexpr Moment momentOf(const FoldableEvent& event) {
    return {event.position, event.at};
}

/// What became of the questions of one conversation. A fold over its events, in their order.
struct Responses {
    std::optional<Moment> asked;     ///< the first message of a customer
    std::optional<Moment> answered;  ///< the first answer after it: the first response
    UserKey answeredBy;              ///< who gave it: 0 while there is none
    /// The first message of a customer after the last answer, and after the last moment without any
    /// customer in the conversation. Nothing: no customer waits.
    std::optional<Moment> waiting;

    bool operator==(const Responses&) const = default;
};

/// Takes in a message; other events change nothing. Whether anything changed.
constexpr bool noteMessage(Responses& responses, const FoldableEvent& event) {
    if (asks(event)) {
        const bool changes = !responses.waiting;
        if (!responses.asked) responses.asked = momentOf(event);
        if (!responses.waiting) responses.waiting = momentOf(event);
        return changes;  // the first question finds nobody waiting
    }
    if (!answers(event)) return false;
    const bool first = responses.asked && !responses.answered;
    const bool changes = first || responses.waiting;
    if (first) {
        responses.answered = momentOf(event);
        responses.answeredBy = event.actorKey;
    }
    responses.waiting.reset();
    return changes;
}

/// A leave, or a change of role, took the last customer out: nobody waits any more. Likewise.
constexpr bool noteNoCustomer(Responses& responses) {
    const bool changes = responses.waiting.has_value();
    responses.waiting.reset();
    return changes;
}

}  // namespace parley
