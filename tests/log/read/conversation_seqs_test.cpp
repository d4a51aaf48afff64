#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/key_lookup.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/read/message_reader.h>

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE("events of a conversation between two positions are counted as they lie in the log") {
    TempFolder folder;
    WrittenLog log(folder.path());
    for (int i = 0; i < 40; ++i) {
        REQUIRE(log.append(1 + i % 3, 40, "other"));
        REQUIRE(log.append(1 + i % 4));
    }
    ConversationSeqs seqs(log.db());
    const auto events = LogWalk(log.db()).read({}, 1000);
    REQUIRE(events.ok());
    const auto key = KeyLookup(log.db()).find(ConversationId::fromStored("c"));
    REQUIRE((key.ok() && *key));
    const auto head = log.head().position.value;
    for (std::int64_t after = 0; after <= head; ++after) {
        std::int64_t expected = 0;
        for (const auto& stored : *events) {
            const bool within = stored.event.position.value > after;
            if (within && stored.event.conversationKey == **key) ++expected;
        }
        const auto count = seqs.countBetween(**key, {after}, {head});
        REQUIRE(count.ok());
        REQUIRE(*count == expected);
    }
}

TEST_CASE("a place far back in a long conversation is found without walking there") {
    TempFolder folder;
    WrittenLog log(folder.path());
    REQUIRE(log.append(50'000, 1));
    ConversationSeqs seqs(log.db());
    const auto key = KeyLookup(log.db()).find(ConversationId::fromStored("c"));
    REQUIRE((key.ok() && *key));
    int checks = 0;  // one each kInterruptCheckOps of SQLite's steps
    log.db().interruptWhen([&] {
        ++checks;
        return false;
    });
    const auto count = seqs.countBetween(**key, {7}, log.head().position);
    REQUIRE(count.ok());
    CHECK(*count == 50'000 - 7);
    MessagePage page;
    page.before = Position{10};
    int messages = 0;
    const auto read = MessageReader(log.db(), seqs)
                          .read(**key, page, Viewer::of(UserKey{0}, UserRole::agent),
                                [&](const Event&) { return ++messages > 0; });
    REQUIRE(read.ok());
    CHECK(read->end == PageEnd::reached);
    CHECK(messages == 9);
    CHECK(checks <= 3);
}
