#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/engine/replicated_unit.h>
#include <parley/log/hash_chain.h>
#include <parley/log/read/stored_event.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A message of a cluster's stream: what one node has decided, for all nodes to store alike.
/// docs/format/batch-message.md has the bytes.
namespace parley {

/// A value.
struct BatchMessage {
    /// The numbers are in the format.
    enum class Kind : std::uint8_t {
        genesis = 1,  ///< the first message: the log that the stream continues
        epoch = 2,    ///< a node begins to lead; no events
        batch = 3,    ///< one unit of work
    };

    Kind kind = Kind::batch;
    std::uint64_t incarnation = 0;
    std::uint64_t epoch = 0;  ///< the leadership it is of; for `epoch`: that begins with it
    std::string node;         ///< that wrote it
    Position after;           ///< of the last event before the message; 0: none
    Digest previous{};        ///< that event's hash
    /// As stored, with the keys of the writing node's database.
    std::vector<StoredEvent> events;
    std::string changes;                  ///< as ReplicatedUnit::changes
    std::vector<OutcomeRecord> outcomes;  ///< as ReplicatedUnit::outcomes
};

/// The newest version of the format that this program knows, and the one that it writes.
inline constexpr std::uint8_t kBatchFormat = 1;
/// Of a node's name.
inline constexpr std::size_t kNodeBytesMax = 64;

/// REQUIRES: the events follow `after` without a gap, and have positions and keys. Any thread.
std::string encode(const BatchMessage& message);
/// Refuses with `invalid_value` bytes that are no message, or one that encode would write in
/// another way; with `storage_damaged` a format or a type of event that this program does not know.
/// Checks the form alone: whether the events continue a log is what ApplyUnits checks. Never
/// throws. Any thread.
Result<BatchMessage> decodeBatch(std::string_view bytes);

}  // namespace parley
