#include "net/connection_slots.h"

#include <utility>

namespace parley::net {

bool ConnectionSlots::add(std::unique_ptr<TcpConnection>& connection) {
    if (freeSlots_.empty()) {
        if (slots_.size() > kSlotMask) return false;
        freeSlots_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = freeSlots_.back();
    freeSlots_.pop_back();
    connection->number = newNumber(slot);
    slots_[slot] = std::move(connection);
    ++count_;
    return true;
}

std::unique_ptr<TcpConnection> ConnectionSlots::remove(std::uint64_t number) {
    if (!find(number)) return nullptr;
    const auto slot = static_cast<std::size_t>(number & kSlotMask);
    freeSlots_.push_back(static_cast<std::uint32_t>(slot));
    --count_;
    return std::move(slots_[slot]);
}

}  // namespace parley::net
