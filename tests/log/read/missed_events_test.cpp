#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/log/conversation_merge.h>
#include <parley/log/read/key_lookup.h>
#include <parley/log/read/missed_events.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

const auto kStaff = Viewer::of({}, UserRole::supervisor);

std::vector<std::int64_t> positionsOf(const std::vector<Event>& events) {
    std::vector<std::int64_t> positions;
    for (const auto& event : events) positions.push_back(event.position.value);
    return positions;
}

ConversationKey keyOf(WrittenLog& log, const std::string& conversation) {
    const auto key = KeyLookup(log.db()).find(ConversationId::fromStored(conversation));
    REQUIRE((key.ok() && *key));
    return **key;
}

// Positions 1 to 6: a note among messages in "c", and messages of "d".
void writeTwoConversations(WrittenLog& log) {
    std::vector<Event> events;
    for (const char* conversation : {"c", "d", "c", "d", "c", "c"}) {
        events.push_back(log.event(EventType::messageSent, conversation));
    }
    events[2].visible = false;
    REQUIRE(log.append(events));
}

}  // namespace

TEST_CASE("missed events are read with each conversation's viewer") {
    TempFolder folder;
    WrittenLog log(folder.path());
    writeTwoConversations(log);
    MissedEvents missed(log.db());
    const auto read = [&](const Viewers& viewers) {
        const auto chunk = missed.chunk({}, {6}, 100, viewers);
        REQUIRE(chunk.ok());
        CHECK(chunk->upTo == Position{6});
        return positionsOf(chunk->events);
    };
    const auto c = keyOf(log, "c");
    CHECK(read({{{c, Viewer()}}, {}}) == std::vector<std::int64_t>{1, 5, 6});
    CHECK(read({{{c, kStaff}}, {}}) == std::vector<std::int64_t>{1, 3, 5, 6});
    CHECK(read({{{c, Viewer()}}, kStaff}) == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6});
    CHECK(read({{}, {}}).empty());
}

TEST_CASE("a chunk says how far it looked, also where the viewer may see nothing of it") {
    TempFolder folder;
    WrittenLog log(folder.path());
    writeTwoConversations(log);
    MissedEvents missed(log.db());
    const auto c = keyOf(log, "c");
    const auto chunk = missed.chunk({1}, {6}, 2, {{{c, Viewer()}}, {}});
    REQUIRE(chunk.ok());
    CHECK(chunk->events.empty());
    CHECK(chunk->upTo == Position{3});

    const auto one = missed.chunkOf(c, {1}, {6}, {6}, 1, 1000, Viewer());
    REQUIRE(one.ok());
    CHECK(one->events.empty());
    CHECK(one->rows == 1);
    CHECK(one->reached == Seq{2});
    CHECK(one->next == Position{5});
}

TEST_CASE("merged conversations come in the log's order, each as its own viewer may see it") {
    TempFolder folder;
    WrittenLog log(folder.path());
    writeTwoConversations(log);
    MissedEvents missed(log.db());
    ConversationSeqs seqs(log.db());
    for (const auto& viewer : {Viewer(), kStaff}) {
        ConversationMerge merge({6});
        REQUIRE(merge.add(seqs, keyOf(log, "c"), viewer, {}, {6}).ok());
        REQUIRE(merge.add(seqs, keyOf(log, "d"), viewer, {}, {6}).ok());
        CHECK(merge.events() == 6);
        std::vector<std::int64_t> positions;
        Position upTo;
        while (upTo < Position{6}) {
            const auto chunk = merge.next(missed, 1, 1000);
            REQUIRE(chunk.ok());
            for (const auto position : positionsOf(chunk->events)) positions.push_back(position);
            REQUIRE(chunk->upTo > upTo);
            upTo = chunk->upTo;
        }
        CHECK(merge.events() == 0);
        const bool all = viewer == kStaff;
        CHECK(positions == (all ? std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}
                                : std::vector<std::int64_t>{1, 2, 4, 5, 6}));
    }
}

TEST_CASE("a conversation's start is read with its first participants alone") {
    TempFolder folder;
    WrittenLog log(folder.path());
    std::vector<Event> events{
        log.event(EventType::conversationStarted), log.event(EventType::participantJoined),
        log.event(EventType::participantJoined, "c", "bert"),
        log.event(EventType::participantJoined, "c", "carl"), log.event(EventType::messageSent)};
    events[1].cause = events[2].cause = cause::kStart;
    REQUIRE(log.append(events));
    const auto start = MissedEvents(log.db()).startOf(keyOf(log, "c"), Viewer());
    REQUIRE(start.ok());
    CHECK(positionsOf(*start) == std::vector<std::int64_t>{1, 2, 3});
}
