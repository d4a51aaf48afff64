#pragma once

#include <parley/core/result.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// A message of the stream. A value.
struct StreamMessage {
    std::uint64_t sequence = 0;  ///< its number in the stream, from 1, without gaps
    std::string id;              ///< that its writer gave it
    std::string bytes;
};

/// Of an append's bytes. A message of NATS holds a mebibyte unless set, its headers included.
inline constexpr std::size_t kAppendBytesMax = 1020 * 1024;

/// What the stream holds, as the server that leads it says. A value.
struct StreamEnds {
    bool exists = true;       ///< false: there is no such stream, and nothing below is known
    std::uint64_t first = 0;  ///< sequence of the oldest message that is still there; 0: none yet
    std::uint64_t last = 0;   ///< of the newest one; 0: none yet
    std::uint64_t bytes = 0;  ///< of its files, on each server
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
    /// bytes, tells what became of the first one, and puts nothing into the stream twice. It stays
    /// `unknown` for good where the stream has no message after `last` to tell by: it has lost its
    /// end, or discarded that message (`ends`). Waits for the answer, for some seconds at most.
    /// REQUIRES: no other message has or gets this id; bytes are not empty, and at most
    /// kAppendBytesMax.
    virtual Append append(std::uint64_t last, std::string_view id, std::string_view bytes) = 0;
    /// The message with this number, as some server has it; nothing where the stream does not have
    /// it (yet). Refuses with `busy` where it cannot be asked now.
    virtual Result<std::optional<StreamMessage>> read(std::uint64_t sequence) = 0;
    /// The same of what has come by itself (`follow`): asks nobody.
    virtual std::optional<StreamMessage> find(std::uint64_t sequence) = 0;
    /// The same as the server has it that leads the stream. Another server's copy may hold another
    /// message there once power was lost. Refuses with `busy` where none leads now.
    virtual Result<std::optional<StreamMessage>> readLed(std::uint64_t sequence) = 0;
    /// Messages after that one which have come by themselves, too, in their order and without a
    /// gap: as many as have at most `bytesMax` together. It asks nobody, and may give none.
    virtual std::vector<StreamMessage> after(std::uint64_t sequence, std::size_t bytesMax) = 0;
    /// How far the stream goes. Refuses with `busy` where nobody knows now.
    virtual Result<StreamEnds> ends() = 0;
    /// What the stream's servers have said last, of themselves and without a wait: at rest once a
    /// second. Nothing where there were messages since, or no answer.
    virtual std::optional<StreamEnds> endsHeard() const { return std::nullopt; }
    /// For metrics: how often what `follow` asked for broke off and was asked for anew.
    virtual std::uint64_t resubscribed() const { return 0; }
    /// From now on messages from `from` on come to this node by themselves, a bounded number of
    /// them ahead of `read`, which then has them in memory. REQUIRES: reads go upwards. `news` is
    /// called when there may be a new one, and now and then for nothing; it does not wait and does
    /// not call this object, and what it refers to outlives this object. Called again: anew from
    /// there; the `news` before may be called once more.
    virtual void follow(std::uint64_t from, std::function<void()> news) = 0;
};

}  // namespace parley
