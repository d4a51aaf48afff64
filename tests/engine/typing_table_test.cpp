#include "engine/state/typing_table.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <utility>

using namespace parley;
using std::chrono::milliseconds;

namespace {

using Name = std::pair<std::string, std::string>;  // conversation, user

Name nameOf(const Typing& typing) {
    return {typing.conversation.str(), typing.user.str()};
}

std::vector<Name> sorted(const std::vector<Typing>& typing) {
    std::vector<Name> names;
    for (const auto& one : typing) names.push_back(nameOf(one));
    std::sort(names.begin(), names.end());
    return names;
}

// The table, and a model of what it should hold.
struct World {
    static constexpr milliseconds kTimeout{1000};
    static constexpr std::uint64_t kConnections = 5;

    UnitMembers unit;
    ManualClock clock;
    TypingTable table{unit, kTimeout, clock};
    std::map<Name, ConnectionId> now;     // the connection that started it
    std::map<Name, ConnectionId> before;  // `now`, before this batch
    std::minstd_rand random{7};

    unsigned upTo(unsigned end) { return static_cast<unsigned>(random()) % end; }

    void step() {
        const auto conversation = ConversationId::fromStored("c" + std::to_string(upTo(4)));
        const auto user = UserId::fromStored("u" + std::to_string(upTo(6)));
        const Name name{conversation.str(), user.str()};
        switch (upTo(8)) {
            case 0:
                unit.committed();
                before = now;
                break;
            case 1:
                unit.rolledBack();
                now = before;
                break;
            case 2:
                clock.advance(milliseconds(upTo(400)));
                for (const auto& due : table.takeDue()) now.erase(nameOf(due));
                break;
            case 3:
            case 4:
                table.stopped(conversation, user);
                now.erase(name);
                break;
            default: {
                const ConnectionId connection{1 + upTo(kConnections)};
                table.started({conversation, user, {connection}});
                now[name] = connection;
            }
        }
    }

    void check() const {
        REQUIRE(table.size() == now.size());
        for (std::uint64_t connection = 1; connection <= kConnections; ++connection) {
            std::vector<Name> own;
            for (const auto& [name, from] : now) {
                if (from.value == connection) own.push_back(name);
            }
            REQUIRE(sorted(table.of(ConnectionId{connection})) == own);
        }
    }
};

}  // namespace

TEST_CASE("a connection's typing is what it started and nothing stopped, also after any undo") {
    World world;
    for (int i = 0; i < 20'000; ++i) {
        world.step();
        world.check();
    }
}

TEST_CASE("a connection's typing is found in the order in which it began") {
    UnitMembers unit;
    ManualClock clock;
    TypingTable table(unit, milliseconds(1000), clock);
    const auto conversation = ConversationId::fromStored("c");
    for (const auto* user : {"zoe", "anna", "bob"}) {
        table.started({conversation, UserId::fromStored(user), ConnectionId{1}});
        table.started(
            {conversation, UserId::fromStored(std::string("other-") + user), ConnectionId{2}});
    }
    clock.advance(milliseconds(1));
    table.started({conversation, UserId::fromStored("zoe"), ConnectionId{1}});
    std::vector<std::string> users;
    for (const auto& typing : table.of(ConnectionId{1})) users.push_back(typing.user.str());
    CHECK(users == std::vector<std::string>{"anna", "bob", "zoe"});
}
