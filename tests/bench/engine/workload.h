#pragma once

#include <parley/core/clock.h>
#include <parley/core/random.h>
#include <parley/core/uuid.h>
#include <parley/domain/event.h>

#include <cstdint>
#include <string>
#include <vector>

namespace parley::bench {

/// The load of the storage benchmarks: conversations of a few people, messages of 128 bytes. The
/// same seed gives the same load.
class Workload {
public:
    explicit Workload(std::uint64_t seed) : random_(seed), uuids_(random_) {}

    /// A random number below `bound`.
    std::uint32_t below(std::uint32_t bound);
    /// 128 bytes that look like text.
    std::string content();

    static ConversationId conversation(std::size_t number);
    static UserId user(std::size_t number);

    /// The next event of a log of `conversations` conversations: they start, people join, then
    /// everybody talks, and sometimes types. Sets everything except the log's own columns.
    Event next(std::size_t conversations);

private:
    Event make(EventType type, std::size_t conversation, std::size_t user);

    SeededRandom random_;
    UuidGenerator uuids_;
    std::vector<std::int64_t> seqs_;
    std::int64_t now_ = 1'700'000'000'000;
};

}  // namespace parley::bench
