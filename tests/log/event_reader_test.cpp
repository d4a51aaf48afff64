#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/core/limits.h>
#include <parley/log/event_reader.h>

#include <catch2/catch.hpp>

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

TEST_CASE("events of a conversation between two positions are counted as they lie in the log") {
    TempFolder folder;
    WrittenLog log(folder.path());
    for (int i = 0; i < 40; ++i) {
        REQUIRE(log.append(1 + i % 3, 40, "other"));
        REQUIRE(log.append(1 + i % 4));
    }
    EventReader reader(log.db());
    const auto events = reader.read({}, 1000);
    REQUIRE(events.ok());
    const auto key = reader.find(ConversationId::fromStored("c"));
    REQUIRE((key.ok() && *key));
    const auto head = log.head().position.value;
    for (std::int64_t after = 0; after <= head; ++after) {
        std::int64_t expected = 0;
        for (const auto& stored : *events) {
            const bool within = stored.event.position.value > after;
            if (within && stored.event.conversationKey == **key) ++expected;
        }
        const auto count = reader.countBetween(**key, {after}, {head});
        REQUIRE(count.ok());
        REQUIRE(*count == expected);
    }
}

TEST_CASE("a place far back in a long conversation is found without walking there") {
    TempFolder folder;
    WrittenLog log(folder.path());
    REQUIRE(log.append(50'000, 1));
    EventReader reader(log.db());
    const auto key = reader.find(ConversationId::fromStored("c"));
    REQUIRE((key.ok() && *key));
    int checks = 0;  // one each kInterruptCheckOps of SQLite's steps
    log.db().interruptWhen([&] {
        ++checks;
        return false;
    });
    const auto count = reader.countBetween(**key, {7}, log.head().position);
    REQUIRE(count.ok());
    CHECK(*count == 50'000 - 7);
    MessagePage page;
    page.before = Position{10};
    int messages = 0;
    const auto read = reader.messages(**key, page, Viewer::of(UserKey{0}, UserRole::agent),
                                      [&](const Event&) { return ++messages > 0; });
    REQUIRE(read.ok());
    CHECK(read->end == PageEnd::reached);
    CHECK(messages == 9);
    CHECK(checks <= 3);
}
