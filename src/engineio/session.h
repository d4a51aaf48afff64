#pragma once

#include "engineio/sid.h"
#include "engineio/timer_list.h"

#include <parley/engineio/server.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace parley::engineio {

struct Session;

/// What a session needs only while its transport is long-polling. Its timer is that of an upgrade.
struct Polling : Timer {
    explicit Polling(Session& of) : session(of) {}

    Session& session;
    std::vector<FramePtr> queue;  ///< waits for a poll, or for the end of an upgrade
    std::size_t queueBytes = 0;
    RequestNumber parked = 0;  ///< the poll that awaits its answer
    SocketNumber probe = 0;    ///< the WebSocket that may become the transport
    bool hasParked = false;
    bool postArrives = false;  ///< a POST is on its way: no other may be
    bool hasProbe = false;
    bool givenUp = false;  ///< too slow: ends with the next tick
    bool probed = false;   ///< the client said "2probe": polls are answered at once from now on
};

enum class SessionState : std::uint8_t {
    free,  ///< the slot awaits its next session
    open,
    closing,       ///< ended for the application; the next poll takes the rest and a close packet
    clientClosed,  ///< ended by the client; a poll that was on its way gets a noop
};

/// One session, kept small: a WebSocket one that idles is this, and an entry of the table of
/// sockets. Its timer is, in turn, that of the next ping, of the pong, of lingering when closed.
struct Session : Timer {
    SessionNumber number = 0;          ///< 0 in a free slot
    SocketNumber socket = 0;           ///< once the transport is a WebSocket
    std::unique_ptr<Polling> polling;  ///< null once the transport is a WebSocket
    std::uint32_t generation = 0;      ///< how many sessions the slot has had
    SidSecret secret{};
    SessionState state = SessionState::free;
    bool awaitsPong = false;
};

/// The sessions of one loop, found by number and by sid with an index and a comparison. A
/// session's address is stable while it lives.
class SessionTable {
public:
    explicit SessionTable(std::uint16_t loop) : loop_(loop) {}

    Session& create(const SidSecret& secret);
    void destroy(Session& session);

    Session* find(SessionNumber number) const {
        Session* session = at(static_cast<std::uint32_t>(number & kSlotMask));
        return session != nullptr && session->number == number && number != 0 ? session : nullptr;
    }
    Session* find(std::string_view sid) const;
    std::string sidOf(const Session& session) const;

    /// Sessions there are, those that linger included.
    std::size_t size() const { return size_; }
    /// The numbers of all of them.
    std::vector<SessionNumber> numbers() const;

private:
    // A session's number: 16 bits loop, 24 bits generation of its slot, 24 bits slot. A slot whose
    // generations are used up is not used again.
    static constexpr int kSlotBits = 24;
    static constexpr std::uint32_t kSlotMask = (1U << kSlotBits) - 1;
    static constexpr std::uint32_t kGenerationMax = (1U << 24) - 1;
    static constexpr int kChunkBits = 8;
    static constexpr std::uint32_t kChunkMask = (1U << kChunkBits) - 1;

    Session* at(std::uint32_t slot) const {
        const std::size_t chunk = slot >> kChunkBits;
        return chunk < chunks_.size() ? &chunks_[chunk][slot & kChunkMask] : nullptr;
    }
    void grow();

    std::uint16_t loop_;
    std::size_t size_ = 0;
    std::vector<std::unique_ptr<Session[]>> chunks_;
    std::vector<std::uint32_t> freeSlots_;
};

}  // namespace parley::engineio
