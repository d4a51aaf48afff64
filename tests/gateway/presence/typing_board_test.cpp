#include "gateway/presence/typing_board.h"

#include "support/engine_world.h"

#include <catch2/catch.hpp>

#include <string>

using namespace parley;
using namespace parley::test;

namespace {

/// A board, and how often it asked for its news to be taken.
struct World {
    World() {
        board.onChange([this] { ++asked; });
    }
    void types(std::int64_t in, std::string_view who, bool isTyping = true) {
        board.note({.conversation = room("c" + std::to_string(in)),
                    .conversationKey = {in},
                    .user = user(who),
                    .userName = "Name of " + std::string(who),
                    .isTyping = isTyping});
    }
    void stops(std::int64_t in, std::string_view who) { types(in, who, false); }
    std::string take(std::size_t most = 10) { return words(board.take(most)); }
    std::string all(std::size_t most = 10) { return words(board.all(most)); }

    /// Like "c1: ann bob; c2: of 7 ...;", with the names of at most kNamedMax.
    static std::string words(const TypingBoard::News& news) {
        std::string words;
        for (const auto& one : news.conversations) {
            words += one.id.str() + ":";
            if (one.count != one.users.size()) words += " of " + std::to_string(one.count);
            for (const auto& who : one.users) words += " " + who.user.str();
            words += ";";
        }
        return words + (news.more ? " more" : "");
    }

    std::atomic<std::int64_t> dashboards{1};
    TypingBoard board{dashboards};
    int asked = 0;
};

}  // namespace

TEST_CASE("what changed is told once, as it is by then, and nobody asks twice for it") {
    World world;
    world.types(1, "ann");
    world.types(2, "cid");
    world.types(1, "bob");
    CHECK(world.asked == 1);
    CHECK(world.take() == "c1: ann bob;c2: cid;");
    CHECK(world.take().empty());
    world.stops(1, "ann");
    CHECK(world.asked == 2);
    CHECK(world.take() == "c1: bob;");
    world.stops(1, "bob");
    CHECK(world.take() == "c1:;");
}

TEST_CASE("who goes on typing, and who stops without having typed, is no news") {
    World world;
    world.types(1, "ann");
    world.take();
    world.types(1, "ann");
    world.stops(1, "bob");
    world.stops(2, "ann");
    CHECK(world.asked == 1);
    CHECK(world.take().empty());
}

TEST_CASE("typing that begins and ends between two tellings is left out") {
    World world;
    world.types(1, "ann");
    world.stops(1, "ann");
    world.types(2, "bob");
    CHECK(world.take(1) == "c2: bob;");
    CHECK(world.all() == "c2: bob;");
}

TEST_CASE("typing under another name is news") {
    World world;
    world.types(1, "ann");
    world.take();
    world.board.note({.conversation = room("c1"),
                      .conversationKey = {1},
                      .user = user("ann"),
                      .userName = "Ann B.",
                      .isTyping = true});
    const auto news = world.board.take(10);
    REQUIRE(news.conversations.size() == 1);
    CHECK(news.conversations[0].users.at(0).userName == "Ann B.");
}

TEST_CASE("of many who type in one conversation the first are named and all are counted") {
    World world;
    for (const char* who : {"a", "b", "c", "d", "e", "f", "g"}) world.types(1, who);
    CHECK(world.take() == "c1: of 7 a b c d e;");
    world.stops(1, "a");
    world.stops(1, "g");
    CHECK(world.take() == "c1: b c d e f;");
}

TEST_CASE("what is too much is told with the next news, in the order of the changes") {
    World world;
    for (const std::int64_t in : {7, 5, 9}) world.types(in, "ann");
    CHECK(world.take(2) == "c7: ann;c5: ann; more");
    world.types(5, "bob");
    CHECK(world.asked == 1);  // who took it knows that there is more
    CHECK(world.take(2) == "c9: ann;c5: ann bob;");
}

TEST_CASE("while no dashboard is there nothing is gathered, and a new one is told who types") {
    World world;
    world.dashboards = 0;
    world.types(1, "ann");
    world.types(2, "bob");
    world.stops(2, "bob");
    CHECK(world.asked == 0);
    world.dashboards = 1;
    CHECK(world.all() == "c1: ann;");
    CHECK(world.take().empty());
    world.stops(1, "ann");  // the new one is told of the end, too
    CHECK(world.take() == "c1:;");
}

TEST_CASE("what is too much for a new dashboard comes with the next news") {
    World world;
    world.dashboards = 0;
    for (std::int64_t in = 1; in <= 5; ++in) world.types(in, "ann");
    world.dashboards = 1;
    const auto first = world.board.all(3);
    CHECK(first.conversations.size() == 3);
    CHECK(first.more);
    CHECK(world.asked == 1);
    auto rest = world.board.take(10);
    CHECK(rest.conversations.size() == 2);
    CHECK_FALSE(rest.more);
    for (const auto& one : first.conversations) {
        for (const auto& other : rest.conversations) CHECK(one.id != other.id);
    }
}

TEST_CASE("a dashboard that comes after all others have left is told of typing and its end") {
    World world;
    world.types(1, "ann");
    world.take();
    world.dashboards = 0;
    world.stops(1, "ann");
    world.types(1, "bob");
    world.dashboards = 1;
    CHECK(world.all() == "c1: bob;");
    world.stops(1, "bob");
    CHECK(world.take() == "c1:;");
}
