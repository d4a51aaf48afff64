#include <parley/log/event_reader.h>

#include <catch2/catch.hpp>

#include <parley/core/limits.h>

#include "log/written_log.h"
#include "support/temp_folder.h"

using namespace parley;

namespace {

// The sizes of the parts in which a walk reads the whole log.
std::vector<std::size_t> walk(WrittenLog& log) {
    EventReader reader(log.db());
    std::vector<std::size_t> parts;
    Position position;
    for (;;) {
        const auto part = reader.readPart(position);
        REQUIRE(part.ok());
        if (part->empty()) break;
        for (const auto& stored : *part) {
            REQUIRE(stored.event.position.value == ++position.value);
        }
        parts.push_back(part->size());
    }
    CHECK(position == log.head().position);
    return parts;
}

}  // namespace

TEST_CASE("a walk over the log reads so many events at once and no more") {
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
