#include <parley/log/verify.h>

#include <unordered_map>

#include <parley/log/event_reader.h>

namespace parley {
namespace {

constexpr int kChunkEvents = 4096;

struct Walk {
    HashChain chain;
    Digest previous{};
    Position position;
    UnixMillis at;
    std::unordered_map<std::int64_t, std::int64_t> seqs;

    std::string problemOf(const StoredEvent& stored);
};

std::string Walk::problemOf(const StoredEvent& stored) {
    const Event& event = stored.event;
    const auto expected = position.value + 1;
    if (event.position.value != expected) {
        return "expected position " + std::to_string(expected) + ", found " +
               std::to_string(event.position.value);
    }
    auto& seq = seqs[event.conversationKey.value];
    if (event.seq.value != seq + 1) {
        return "expected seq " + std::to_string(seq + 1) + ", found " +
               std::to_string(event.seq.value) + ", conversation \"" + event.conversation.str() +
               "\"";
    }
    if (event.at < at) return "its time is before that of the event before it";
    const bool salted = stored.salt.has_value();
    if (!stored.commitment && salted != event.content.has_value()) {
        return salted ? "its content is gone" : "it has content without a salt";
    }
    // The salt's place between data and content must be certain for the commitment to bind both.
    if (!stored.commitment && !(event.data.starts_with('{') && event.data.ends_with('}'))) {
        return "its data is no JSON object";
    }
    const auto commitment =
        stored.commitment.value_or(chain.commitment(event.data,
                                                    salted ? bytesOf(*stored.salt) : "",
                                                    event.content.value_or("")));
    const auto hash = chain.hash(previous, event, stored.key, commitment);
    if (hash != stored.hash) {
        return "its hash is " + toHex(stored.hash) + ", recomputed " + toHex(hash);
    }
    seq = event.seq.value;
    position = event.position;
    at = event.at;
    previous = hash;
    return {};
}

}  // namespace

Result<VerifyReport> verifyLog(Database& db) {
    EventReader reader(db);
    Walk walk;
    VerifyReport report;
    for (;;) {
        auto chunk = reader.read(walk.position, kChunkEvents);
        if (!chunk) return chunk.error();
        for (const auto& stored : *chunk) {
            if (auto problem = walk.problemOf(stored); !problem.empty()) {
                report.good = false;
                report.badPosition = stored.event.position;
                report.problem = std::move(problem);
                break;
            }
        }
        report.last = walk.position;
        report.hash = walk.previous;
        if (!report.good || chunk->empty()) return report;
    }
}

}  // namespace parley
