#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/core/limits.h>
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
