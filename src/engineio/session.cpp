#include "engineio/session.h"

#include <stdexcept>

namespace parley::engineio {

void SessionTable::grow() {
    const std::size_t first = chunks_.size() << kChunkBits;
    if (first > kSlotMask) throw std::length_error("session table is full");
    chunks_.push_back(std::make_unique<Session[]>(1U << kChunkBits));
    // From the end, so that the lowest slot is taken first.
    for (std::uint32_t i = 1U << kChunkBits; i-- > 0;) {
        freeSlots_.push_back(static_cast<std::uint32_t>(first) + i);
    }
}

Session& SessionTable::create(const SidSecret& secret) {
    if (freeSlots_.empty()) grow();
    const std::uint32_t slot = freeSlots_.back();
    freeSlots_.pop_back();
    Session& session = *at(slot);
    ++session.generation;
    session.number = ConnectionId{std::uint64_t{loop_.value} << 48 |
                                  std::uint64_t{session.generation} << kSlotBits | slot};
    session.secret = secret;
    session.state = SessionState::open;
    session.awaitsPong = session.paused = session.checked = false;
    ++size_;
    return session;
}

void SessionTable::destroy(Session& session) {
    const auto slot = static_cast<std::uint32_t>(session.number.value & kSlotMask);
    session.stop();
    session.polling.reset();
    session.number = {};
    session.socket = 0;
    session.state = SessionState::free;
    --size_;
    if (session.generation < kGenerationMax) freeSlots_.push_back(slot);
}

Session* SessionTable::find(std::string_view sid) const {
    const auto decoded = decodeSid(sid);
    if (!decoded || decoded->node != node_ || decoded->loop != loop_) return nullptr;
    Session* session = at(decoded->slot);
    if (session == nullptr || !session->number) return nullptr;
    return sameSecret(session->secret, decoded->secret) ? session : nullptr;
}

std::string SessionTable::sidOf(const Session& session) const {
    return encodeSid({node_, loop_, static_cast<std::uint32_t>(session.number.value & kSlotMask),
                      session.secret});
}

std::vector<ConnectionId> SessionTable::numbers() const {
    std::vector<ConnectionId> result;
    result.reserve(size_);
    for (const auto& chunk : chunks_) {
        for (std::uint32_t i = 0; i <= kChunkMask; ++i) {
            if (chunk[i].number) result.push_back(chunk[i].number);
        }
    }
    return result;
}

}  // namespace parley::engineio
