#include "gateway/clients/token_deadlines.h"

namespace parley {

TokenDeadlines::Due TokenDeadlines::warningOf(ConnectionId connection, UnixMillis expires) const {
    return {{expires.value - warning_.count()}, connection, /*ends=*/false, expires};
}

TokenDeadlines::Due TokenDeadlines::endOf(ConnectionId connection, UnixMillis expires) {
    return {expires, connection, /*ends=*/true, expires};
}

void TokenDeadlines::add(ConnectionId connection, UnixMillis expires) {
    const bool warns = warning_.count() > 0;
    due_.insert(warns ? warningOf(connection, expires) : endOf(connection, expires));
}

void TokenDeadlines::remove(ConnectionId connection, UnixMillis expires) {
    if (due_.erase(endOf(connection, expires)) == 0) due_.erase(warningOf(connection, expires));
}

std::optional<TokenDeadlines::Due> TokenDeadlines::takeDue(UnixMillis now) {
    if (due_.empty() || due_.begin()->at > now) return std::nullopt;
    const Due due = due_.extract(due_.begin()).value();
    if (!due.ends) due_.insert(endOf(due.connection, due.expires));
    return due;
}

}  // namespace parley
