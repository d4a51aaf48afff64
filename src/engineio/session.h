#pragma once

#include "engineio/sid.h"
#include "engineio/timer_list.h"

#include <parley/engineio/endpoint.h>
#include <parley/engineio/pace.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace parley::engineio {

struct Session;

/// The bytes of one session, and its share in the sum over all.
class CountedBytes {
public:
    explicit CountedBytes(std::size_t& all) : all_(all) {}
    CountedBytes(const CountedBytes&) = delete;
    CountedBytes& operator=(const CountedBytes&) = delete;
    ~CountedBytes() { set(0); }
    std::size_t value() const { return own_; }
    void set(std::size_t bytes) {
        all_ += bytes;
        all_ -= own_;
        own_ = bytes;
    }

private:
    std::size_t& all_;
    std::size_t own_ = 0;
};

/// The timer of judging a client, which runs while something waits for its polls.
struct StallTimer : Timer {
    explicit StallTimer(Session& of) : session(of) {}
    Session& session;
};

/// What a session needs only while its transport is long-polling. Itself the timer of an upgrade.
struct Polling : Timer {
    Polling(Session& of, std::size_t& allQueued) : session(of), queueBytes(allQueued), stall(of) {}

    Session& session;
    std::vector<FramePtr> queue;  ///< waits for a poll, or for the end of an upgrade
    CountedBytes queueBytes;
    Pace pace;                   ///< of polls, while something waits
    StallTimer stall;            ///< while something waits
    RequestNumber parked = 0;    ///< the poll that awaits its answer
    RequestNumber answered = 0;  ///< the poll before
    RequestNumber heldPost = 0;  ///< a POST that was carried out, and is answered once less waits
    std::size_t unread = 0;      ///< Wire::unreadBytes of `answered`, when last looked at
    SocketNumber probe = 0;      ///< the WebSocket that may become the transport
    bool hasParked = false;
    bool hasHeldPost = false;
    bool postArrives = false;  ///< a POST is arriving: a second one would end the session
    bool hasProbe = false;
    bool givenUp = false;    ///< the client is too slow: the next tick ends the session
    bool comesBack = false;  ///< closing: the client should connect anew
    bool probed = false;     ///< the client sent "2probe": polls are answered at once from now on
};

enum class SessionState : std::uint8_t {
    free,  ///< the slot awaits its next session
    open,
    closing,       ///< ended for the application; the next poll takes the rest and a close packet
    clientClosed,  ///< ended by the client; a poll that arrives later gets a noop
};

/// One session, kept small: an idle WebSocket session is this and an entry in the table of sockets.
/// Itself a timer: in turn that of the next ping, of the pong, and of lingering after a close.
struct Session : Timer {
    ConnectionId number;               ///< 0 in a free slot
    SocketNumber socket = 0;           ///< once the transport is a WebSocket
    std::unique_ptr<Polling> polling;  ///< null once the transport is a WebSocket
    std::uint32_t generation = 0;      ///< how many sessions the slot has had
    SidSecret secret{};
    SessionState state = SessionState::free;
    bool awaitsPong = false;
    bool paused = false;   ///< not read until it takes more: no pong can arrive
    bool checked = false;  ///< the application is asked about every request
};

/// The sessions of one loop, found by number and by sid with an index and a comparison. A
/// session's address is stable while it lives.
class SessionTable {
public:
    /// `node`: Options::node.
    SessionTable(std::uint8_t node, LoopIndex loop) : node_(node), loop_(loop) {}

    Session& create(const SidSecret& secret);
    void destroy(Session& session);

    Session* find(ConnectionId number) const {
        Session* session = at(static_cast<std::uint32_t>(number.value & kSlotMask));
        return session != nullptr && session->number == number && number ? session : nullptr;
    }
    Session* find(std::string_view sid) const;
    std::string sidOf(const Session& session) const;

    /// Sessions there are, those that linger included.
    std::size_t size() const { return size_; }
    /// The numbers of all of them.
    std::vector<ConnectionId> numbers() const;

private:
    // A session's number: 16 bits loop, 12 bits of zeros, 12 bits generation of its slot, 24 bits
    // slot. A slot whose generations are used up is not used again: a Session of memory for each
    // 4,095 connections.
    static constexpr unsigned kSlotBits = 24;
    static constexpr std::uint32_t kSlotMask = (1U << kSlotBits) - 1;
    static constexpr std::uint32_t kGenerationMax = (1U << (kConnectionBits - kSlotBits)) - 1;
    static constexpr int kChunkBits = 8;
    static constexpr std::uint32_t kChunkMask = (1U << kChunkBits) - 1;

    Session* at(std::uint32_t slot) const {
        const std::size_t chunk = slot >> kChunkBits;
        return chunk < chunks_.size() ? &chunks_[chunk][slot & kChunkMask] : nullptr;
    }
    void grow();

    const std::uint8_t node_;
    LoopIndex loop_;
    std::size_t size_ = 0;
    std::vector<std::unique_ptr<Session[]>> chunks_;
    std::vector<std::uint32_t> freeSlots_;
};

}  // namespace parley::engineio
