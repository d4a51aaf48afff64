#include "delivery_check.h"

#include <catch2/catch.hpp>

#include <string>

namespace parley::bench {
namespace {

std::string message(const Ident& ident) {
    return R"(["new_message",{"id":"x","content":")" + contentOf(ident) + R"("}])";
}

/// One room of three members, the first two of which send.
struct Room {
    DeliveryCheck check{1, 3, 2};

    void gets(std::size_t member, std::uint32_t sender, std::uint32_t number) {
        check.deliver(0, member, message({0, sender, number}));
    }
    void everybodyGets(std::uint32_t sender, std::uint32_t number) {
        for (std::size_t member = 0; member < 3; ++member) gets(member, sender, number);
    }
    void acknowledged(std::uint32_t sender, std::uint32_t number) {
        check.acknowledge(sender, {0, sender, number});
    }
};

TEST_CASE("a run in which everybody gets everything once and in one order passes") {
    Room room;
    room.everybodyGets(0, 0);
    room.acknowledged(0, 0);
    room.gets(2, 1, 0);
    room.gets(2, 0, 1);
    for (std::size_t member : {0u, 1u}) {
        room.gets(member, 1, 0);
        room.gets(member, 0, 1);
    }
    room.acknowledged(1, 0);
    room.acknowledged(0, 1);
    CHECK(room.check.settled());
    CHECK(room.check.finish() == "");
    CHECK(room.check.deliveries() == 9);
}

TEST_CASE("the same message in other bytes is the same message") {
    Room room;
    room.gets(0, 0, 0);
    room.check.deliver(0, 1, R"(["new_message",{"content":")" + contentOf({0, 0, 0}) + R"("}])");
    room.gets(2, 0, 0);
    room.acknowledged(0, 0);
    CHECK(room.check.finish() == "");
}

TEST_CASE("a message that one member never gets is lost") {
    Room room;
    room.everybodyGets(0, 0);
    room.acknowledged(0, 0);
    room.gets(0, 0, 1);
    room.gets(1, 0, 1);
    room.acknowledged(0, 1);

    SECTION("when a later one shows the gap") {
        room.everybodyGets(0, 2);
        CHECK(room.check.broken());
        CHECK(room.check.finish() ==
              "room 0, member 2: message 1 of sender 0 in room 0 was lost: instead came message 2 "
              "of sender 0 in room 0");
    }
    SECTION("when it was the last one") {
        CHECK_FALSE(room.check.settled());
        CHECK(room.check.finish() ==
              "room 0, member 2: message 1 of sender 0 in room 0 was lost: nothing came after it");
    }
}

TEST_CASE("a message that nobody gets is lost") {
    Room room;
    room.everybodyGets(0, 0);
    room.acknowledged(0, 0);

    SECTION("when a later one shows the gap") {
        room.everybodyGets(0, 2);
        CHECK(room.check.finish().find("message 1 of sender 0 in room 0 was lost") !=
              std::string::npos);
    }
    SECTION("when only its acknowledgement came") {
        room.acknowledged(0, 1);
        CHECK(room.check.finish() ==
              "room 0, member 0: message 1 of sender 0 in room 0 was lost: instead came its "
              "acknowledgement");
    }
}

TEST_CASE("a message that is acknowledged before its author sees it is out of order") {
    Room room;
    room.gets(1, 0, 0);
    room.acknowledged(0, 0);
    CHECK(room.check.broken());
    room.gets(0, 0, 0);
    CHECK(room.check.finish() ==
          "room 0, member 0: message 0 of sender 0 in room 0 came out of order, after its "
          "acknowledgement");
}

TEST_CASE("a message that comes twice is noticed") {
    Room room;
    room.everybodyGets(0, 0);
    room.everybodyGets(1, 0);
    room.gets(0, 0, 1);

    SECTION("by a member that has seen everything") {
        room.gets(0, 1, 0);
    }
    SECTION("by a member that is behind the others") {
        room.gets(1, 1, 0);
    }
    CHECK(room.check.finish().find("got message 0 of sender 1 in room 0 twice") !=
          std::string::npos);
}

TEST_CASE("two messages of one sender in the wrong order are noticed") {
    Room room;
    room.everybodyGets(0, 0);

    SECTION("by the first member that sees them") {
        room.gets(0, 0, 2);
        room.gets(0, 0, 1);
    }
    SECTION("by a member that sees them after the others") {
        room.gets(1, 0, 1);
        room.gets(1, 0, 2);
        room.gets(0, 0, 2);
        room.gets(0, 0, 1);
    }
    CHECK(room.check.finish() ==
          "room 0, member 0: message 1 of sender 0 in room 0 came out of order, after message 2 of "
          "sender 0 in room 0");
}

TEST_CASE("two members that see two senders in different orders are noticed") {
    Room room;
    room.gets(0, 0, 0);
    room.gets(0, 1, 0);
    room.gets(1, 1, 0);
    room.gets(1, 0, 0);
    CHECK(room.check.finish() ==
          "room 0, member 1: message 0 of sender 0 in room 0 came out of order, after message 0 of "
          "sender 1 in room 0");
}

TEST_CASE("altered content is noticed") {
    Room room;
    std::string json = message({0, 0, 0});

    SECTION("in the first copy") {
        json[json.size() - 10] ^= 1;
    }
    SECTION("in a later copy") {
        room.gets(1, 0, 0);
        json[json.size() - 10] ^= 1;
    }
    room.check.deliver(0, 0, json);
    CHECK(room.check.finish().find("altered") != std::string::npos);
}

TEST_CASE("a message of another room is noticed") {
    DeliveryCheck check{2, 2, 1};
    check.deliver(1, 0, message({0, 0, 0}));
    CHECK(check.finish().find("belongs elsewhere") != std::string::npos);
}

TEST_CASE("a message that was shown but never acknowledged is noticed") {
    Room room;
    room.everybodyGets(0, 0);
    CHECK_FALSE(room.check.settled());
    CHECK(room.check.finish() ==
          "1 messages of sender 0 in room 0 were shown but never acknowledged");
}

TEST_CASE("a seq that does not rise is noticed") {
    DeliveryCheck check{1, 1, 1};
    const auto withSeq = [](std::uint32_t number, int seq) {
        return R"(["new_message",{"content":")" + contentOf({0, 0, number}) + R"(","seq":)" +
               std::to_string(seq) + "}]";
    };
    check.deliver(0, 0, withSeq(0, 5));
    check.deliver(0, 0, withSeq(1, 5));
    CHECK(check.finish().find("has seq 5 after 5") != std::string::npos);
}

TEST_CASE("the dashboard must count each message of each conversation once") {
    DashboardCheck check{"bench-1-", 12};
    const auto update = [](int room, int count) {
        return R"(["conversation_updated",{"conversationId":"bench-1-)" + std::to_string(room) +
               R"(","changes":{"messageCount":)" + std::to_string(count) + "}}]";
    };
    CHECK(check.deliver(update(11, 1)) == "");
    CHECK(check.deliver(update(1, 1)) == "");
    CHECK(check.deliver(update(11, 2)) == "");
    CHECK(check.deliver(update(1, 3)) == "dashboard: room 1 counts 3 messages after 1");
    CHECK(check.deliver(update(12, 1)).starts_with("dashboard: unexpected"));
    CHECK(check.messageCount(11) == 2);
}

}  // namespace
}  // namespace parley::bench
