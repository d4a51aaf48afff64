#pragma once

#include <compare>
#include <cstdint>
#include <functional>

/// Numbers that live no longer than the process. docs/glossary.md says what each thing is.
namespace parley {

/// One client's connection: from its Engine.IO handshake to its end, through a change of
/// transport. From 1, never used twice in a process. 0: no connection (REST, timers, the server).
struct ConnectionId {
    std::uint64_t value = 0;

    explicit operator bool() const { return value != 0; }
    auto operator<=>(const ConnectionId&) const = default;
};

/// One of the I/O loops, from 0.
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
