#pragma once

#include <compare>
#include <cstdint>
#include <functional>

/// Numbers that live no longer than the process. docs/glossary.md says what each thing is.
namespace parley {

inline constexpr unsigned kConnectionBits = 36;  ///< of a ConnectionId, below its loop

/// One client's connection: from its Engine.IO handshake to its end, through a change of
/// transport. Never used twice in a process. The upper 16 bits are the LoopIndex of the loop that
/// serves it, which stays the same for its whole life; of the others the lower kConnectionBits are
/// used. 0: no connection (REST, timers, the server).
/// Never stored or sent: a restart begins anew. The nodes of a cluster translate it into a number
/// for all of them (cluster/run_id.h), which their engines use.
struct ConnectionId {
    std::uint64_t value = 0;

    explicit operator bool() const { return value != 0; }
    auto operator<=>(const ConnectionId&) const = default;
};

/// One of the I/O loops, from 0. A process has no more than 64, see net::Options::threads. Its
/// number is fixed from the start to the end of the process.
struct LoopIndex {
    std::uint16_t value = 0;
    auto operator<=>(const LoopIndex&) const = default;
};

}  // namespace parley

template <>
struct std::hash<parley::ConnectionId> {
    std::size_t operator()(parley::ConnectionId id) const {
        return std::hash<std::uint64_t>{}(id.value);
    }
};
