#pragma once

#include <compare>
#include <cstdint>
#include <functional>

/// Numbers that live no longer than the process. docs/glossary.md says what each thing is.
namespace parley {

/// One client's connection: from its Engine.IO handshake to its end, through a change of
/// transport. Never used twice in a process. The upper 16 bits are the LoopIndex of the loop that
/// serves it, so that a glance tells whom to ask. 0: no connection (REST, timers, the server).
struct ConnectionId {
    std::uint64_t value = 0;

    explicit operator bool() const { return value != 0; }
    auto operator<=>(const ConnectionId&) const = default;
};

/// One of the I/O loops, from 0. A process has no more than 64, see net::Options::threads.
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
