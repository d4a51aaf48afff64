#include "engine/session_table.h"

#include <cstring>
#include <utility>

namespace parley {

std::size_t SessionTable::HashOfPid::operator()(const PidHash& pid) const {
    std::size_t hash = 0;  // any part of a SHA-256 is one
    std::memcpy(&hash, pid.data(), sizeof hash);
    return hash;
}

const HeldSession* SessionTable::find(ConnectionId connection) const {
    const auto known = held_.find(connection);
    return known == held_.end() ? nullptr : &known->second;
}

ConnectionId SessionTable::holderOf(const PidHash& pid) const {
    const auto known = holders_.find(pid);
    return known == holders_.end() ? ConnectionId{} : known->second;
}

void SessionTable::remember(ConnectionId connection) {
    const auto* known = find(connection);
    undo_.try_emplace(connection, known ? std::optional(*known) : std::nullopt);
}

void SessionTable::set(ConnectionId connection, const std::optional<HeldSession>& session) {
    if (const auto* before = find(connection)) {
        if (holderOf(before->pid) == connection) {
            holders_.erase(before->pid);
            rows_.erase(before->row);
        }
        held_.erase(connection);
    }
    if (!session) return;
    held_.emplace(connection, *session);
    if (session->row != 0) rows_.insert(session->row);
    holders_[session->pid] = connection;
}

void SessionTable::put(ConnectionId connection, const HeldSession& session) {
    remember(connection);
    set(connection, session);
}

void SessionTable::erase(ConnectionId connection) {
    remember(connection);
    set(connection, std::nullopt);
}

void SessionTable::drop(ConnectionId connection, UnixMillis at) {
    const auto* held = find(connection);
    if (held == nullptr) return;
    if (held->row != 0) drops_[held->row] = at;
    erase(connection);
}

void SessionTable::dropsWritten() {
    for (const auto& [row, at] : std::exchange(drops_, {})) dropsWritten_[row] = at;
}

void SessionTable::committed() {
    undo_.clear();
    dropsWritten_.clear();
}

void SessionTable::rolledBack() {
    for (const auto& [connection, session] : undo_) set(connection, session);
    undo_.clear();
    drops_.merge(std::exchange(dropsWritten_, {}));
}

}  // namespace parley
