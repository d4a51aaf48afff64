#include "engine/sessions/held_sessions.h"

#include <cstring>
#include <utility>

namespace parley {

std::size_t HeldSessions::BucketOf::operator()(const PidHash& pid) const {
    std::size_t hash = 0;  // any part of a SHA-256 is one
    std::memcpy(&hash, pid.bytes.data(), sizeof hash);
    return hash;
}

const HeldSession* HeldSessions::find(ConnectionId connection) const {
    const auto known = held_.find(connection);
    return known == held_.end() ? nullptr : &known->second;
}

ConnectionId HeldSessions::holderOf(const PidHash& pid) const {
    const auto known = holders_.find(pid);
    return known == holders_.end() ? ConnectionId{} : known->second;
}

void HeldSessions::remember(ConnectionId connection) {
    const auto* known = find(connection);
    undo_.try_emplace(connection, known ? std::optional(*known) : std::nullopt);
}

void HeldSessions::set(ConnectionId connection, const std::optional<HeldSession>& session) {
    if (const auto* before = find(connection)) {
        if (holderOf(before->pid) == connection) {
            holders_.erase(before->pid);
            rows_.erase(before->row);
        }
        held_.erase(connection);
    }
    if (!session) return;
    held_.emplace(connection, *session);
    if (session->row) rows_.insert(session->row);
    holders_[session->pid] = connection;
}

void HeldSessions::put(ConnectionId connection, const HeldSession& session) {
    remember(connection);
    set(connection, session);
}

void HeldSessions::erase(ConnectionId connection) {
    remember(connection);
    set(connection, std::nullopt);
}

void HeldSessions::drop(ConnectionId connection, UnixMillis at) {
    const auto* held = find(connection);
    if (held == nullptr) return;
    if (held->row) drops_[held->row] = at;
    erase(connection);
}

std::vector<ConnectionId> HeldSessions::between(ConnectionId first, ConnectionId last) const {
    std::vector<ConnectionId> found;
    for (const auto& entry : held_) {
        if (first <= entry.first && entry.first <= last) found.push_back(entry.first);
    }
    return found;
}

void HeldSessions::dropsWritten() {
    for (const auto& [row, at] : std::exchange(drops_, {})) dropsWritten_[row] = at;
}

void HeldSessions::committed() {
    undo_.clear();
    dropsWritten_.clear();
}

void HeldSessions::rolledBack() {
    for (const auto& [connection, session] : undo_) set(connection, session);
    undo_.clear();
    drops_.merge(std::exchange(dropsWritten_, {}));
}

}  // namespace parley
