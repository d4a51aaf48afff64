#pragma once

#include <parley/core/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// A message of the stream. A value.
struct StreamMessage {
    std::uint64_t sequence = 0;  ///< its number in the stream, from 1, without gaps
    std::string id;              ///< that its writer gave it
    std::string bytes;
};

/// What became of an append.
enum class Append : std::uint8_t {
    taken,    ///< it is the stream's message after the expected one
    refused,  ///< it is not and never will be: another message is there
    unknown,  ///< no answer: it may be there, may get there yet, or may be lost
};

/// The replicated log that all nodes share: the engine behind a cluster, behind one interface. It
/// orders and fences messages and keeps copies; what they say is not its concern. It may lose its
/// end when all its servers lose power, and promises nothing of when a reader sees a message. Any
/// thread; calls of one thread are carried out in their order.
class ReplicatedLog {
public:
    virtual ~ReplicatedLog() = default;

    /// Appends a message if `last` is the sequence of the stream's last one: of several writers
    /// that expect the same, one is taken. After `unknown` the same call, with the same id and
    /// bytes, tells what became of the first one, and puts nothing into the stream twice. Waits
    /// for the answer, for some seconds at most.
    virtual Append append(std::uint64_t last, std::string_view id, std::string_view bytes) = 0;
    /// The message with this number; nothing where the stream does not have it (yet). Refuses with
    /// `busy` where it cannot be asked now.
    virtual Result<std::optional<StreamMessage>> read(std::uint64_t sequence) = 0;
};

}  // namespace parley
