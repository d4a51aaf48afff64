#pragma once

#include <parley/domain/event.h>
#include <parley/log/hash_chain.h>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace parley {

/// An event as it was written, in its old payload version where it has one, with what its row holds
/// beyond it: what the hash chain is computed over. For the server itself, never for a client. A
/// value.
struct StoredEvent {
    Event event;
    std::optional<std::int64_t> key;   ///< that `content` is encrypted with; nothing: it is plain
    std::optional<Salt> salt;          ///< where the event has content
    std::optional<Digest> commitment;  ///< only where data or content has been emptied
    Digest hash{};                     ///< as stored; verifyLog computes it again
};

/// What an event counts for in bounds in bytes: what people typed. Its other columns are bounded
/// each.
inline std::size_t contentBytes(const Event& event) {
    return event.content ? event.content->size() : 0;
}

}  // namespace parley
