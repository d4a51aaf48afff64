#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/log/read/key_lookup.h>
#include <parley/log/read/message_reader.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

MessagePage pageOf(int limit, int offset = 0) {
    MessagePage page;
    page.limit = limit;
    page.offset = offset;
    return page;
}

const auto kStaff = Viewer::of({}, UserRole::agent);

/// A conversation of 10 messages, of which customers may not see those with an even seq.
struct World {
    World() {
        std::vector<Event> events;
        for (int i = 0; i < 10; ++i) events.push_back(log.event(EventType::messageSent));
        for (auto& event : events) event.visible = event.seq.value % 2 != 0;
        REQUIRE(log.append(events));
        conversation = events.front().conversationKey;
    }

    struct Page {
        std::vector<std::int64_t> seqs;
        PageEnd end;
        int skipped;
        bool operator==(const Page&) const = default;
    };
    Page read(const MessagePage& page, const Viewer& viewer, std::size_t room = 100) {
        std::vector<std::int64_t> seqs;
        const auto read = messages.read(conversation, page, viewer, [&](const Event& event) {
            if (seqs.size() == room) return false;
            seqs.push_back(event.seq.value);
            return true;
        });
        REQUIRE(read.ok());
        return {seqs, read->end, read->skipped};
    }

    TempFolder folder;
    WrittenLog log{folder.path()};
    ConversationSeqs places{log.db()};
    MessageReader messages{log.db(), places};
    ConversationKey conversation;
};

}  // namespace

TEST_CASE("a page holds the newest messages that its viewer may see, the newest first") {
    World world;
    CHECK(world.read(pageOf(3), kStaff) == World::Page{{10, 9, 8}, PageEnd::limit, 0});
    CHECK(world.read(pageOf(3), Viewer()) == World::Page{{9, 7, 5}, PageEnd::limit, 0});
    CHECK(world.read(pageOf(3, 2), Viewer()) == World::Page{{5, 3, 1}, PageEnd::limit, 2});
    CHECK(world.read(pageOf(9), Viewer()) == World::Page{{9, 7, 5, 3, 1}, PageEnd::reached, 0});
}

TEST_CASE("neither bound of a page is included, and with `after` alone it goes forward") {
    World world;
    MessagePage between;
    between.before = Position{8};
    between.after = Position{4};
    CHECK(world.read(between, kStaff) == World::Page{{7, 6, 5}, PageEnd::reached, 0});
    MessagePage forward = pageOf(2);
    forward.after = Position{4};
    CHECK(world.read(forward, kStaff) == World::Page{{5, 6}, PageEnd::limit, 0});
    CHECK(world.read(forward, Viewer()) == World::Page{{5, 7}, PageEnd::limit, 0});
}

TEST_CASE("nothing later than `upTo` is on a page, whatever its direction") {
    World world;
    MessagePage newest = pageOf(2);
    newest.upTo = Position{6};
    CHECK(world.read(newest, kStaff) == World::Page{{6, 5}, PageEnd::limit, 0});
    newest.before = Position{6};
    CHECK(world.read(newest, kStaff) == World::Page{{5, 4}, PageEnd::limit, 0});
    newest.before = Position{9};
    CHECK(world.read(newest, kStaff) == World::Page{{6, 5}, PageEnd::limit, 0});
    MessagePage forward = pageOf(9);
    forward.after = Position{4};
    forward.upTo = Position{6};
    CHECK(world.read(forward, kStaff) == World::Page{{5, 6}, PageEnd::reached, 0});
}

TEST_CASE("a page ends where the next message is not taken") {
    World world;
    CHECK(world.read(pageOf(9), kStaff, 2) == World::Page{{10, 9}, PageEnd::refused, 0});
}
