#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/core/limits.h>
#include <parley/log/chain_check.h>
#include <parley/log/read/log_walk.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

// The sizes of the chunks in which a walk reads the whole log.
std::vector<std::size_t> walk(WrittenLog& written) {
    LogWalk log(written.db());
    std::vector<std::size_t> chunks;
    Position position;
    for (;;) {
        const auto chunk = log.nextChunk(position);
        REQUIRE(chunk.ok());
        if (chunk->empty()) break;
        for (const auto& stored : *chunk) {
            REQUIRE(stored.event.position.value == ++position.value);
        }
        chunks.push_back(chunk->size());
    }
    CHECK(position == written.head().position);
    return chunks;
}

}  // namespace

TEST_CASE("a walk over the log reads a bounded number of events at once") {
    TempFolder folder;
    WrittenLog log(folder.path());
    REQUIRE(log.append(limits::kWalkEvents + 1));
    CHECK(walk(log) == std::vector<std::size_t>{static_cast<std::size_t>(limits::kWalkEvents), 1});
}

TEST_CASE("a walk over large events reads a bounded number of bytes at once, one event at least") {
    TempFolder folder;
    WrittenLog log(folder.path());
    REQUIRE(log.append(5, limits::kWalkBytes / 2));
    REQUIRE(log.append(1, limits::kWalkBytes * 2));
    CHECK(walk(log) == std::vector<std::size_t>{2, 2, 2});
}

TEST_CASE("a walk that uses its memory again leaves nothing of an event in the next one") {
    TempFolder folder;
    WrittenLog log(folder.path());
    auto full = log.event(EventType::messageSent, "a conversation with a long name", "somebody");
    full.toRole = UserRole::customer;
    full.clientMessageId = ClientMessageId::fromStored("mine");
    full.original = full.id;
    full.cause = "timeout";
    full.data = R"({"a":1})";
    std::vector<Event> events{full, log.event(EventType::typingStarted, "c", "b")};
    events.back().role.reset();
    events.push_back(log.event(EventType::messageSent));
    REQUIRE(log.append(events));
    LogWalk walk(log.db());
    std::vector<StoredEvent> memory;
    ChainCheck check;  // recomputes the hash, which covers every field
    for (std::int64_t position = 1; position <= 3; ++position) {
        REQUIRE(walk.nextChunk({0}, memory));
        REQUIRE(memory.size() == 3);
        REQUIRE(walk.nextChunk({position - 1}, memory));
        CHECK(check.problemOf(memory.front()).empty());
    }
    REQUIRE(walk.nextChunk({3}, memory));
    CHECK(memory.empty());
}
