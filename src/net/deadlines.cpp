#include "net/deadlines.h"

namespace parley::net {
namespace {

// Entries allowed beyond two a connection, so that a server with few does not search all the time.
constexpr std::size_t kVoidDeadlinesMax = 1024;

}  // namespace

void Deadlines::set(TcpConnection& connection, Millis deadline) {
    connection.deadline = deadline;
    if (deadline == Millis{0}) return;
    if (connection.armed != Millis{0} && connection.armed <= deadline) return;
    connection.armed = deadline;
    heap_.push(deadline, connection.number);
    dropVoid();
}

/// Drops the entries of closed connections, so that churn cannot grow the heap.
void Deadlines::dropVoid() {
    if (heap_.size() <= 2 * connections_.count() + kVoidDeadlinesMax) return;
    heap_.removeIf([this](Millis when, std::uint64_t number) {
        const TcpConnection* owner = connections_.find(number);
        return owner == nullptr || owner->armed != when;
    });
}

TcpConnection* Deadlines::popDue(Millis now) {
    while (const auto number = heap_.popDue(now)) {
        TcpConnection* connection = connections_.find(*number);
        if (!connection) continue;
        connection->armed = Millis{0};
        if (connection->deadline == Millis{0}) continue;
        if (connection->deadline <= now) return connection;
        set(*connection, connection->deadline);
    }
    return nullptr;
}

}  // namespace parley::net
