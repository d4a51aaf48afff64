#include "gateway/clients/rooms.h"

#include "engineio/world.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <vector>

using namespace parley;
using engineio::test::Packets;

namespace {

constexpr ConversationKey kRoom{1};
const Viewer kAgent = Viewer::of(UserKey{10}, UserRole::agent);
const Viewer kCustomer = Viewer::of(UserKey{20}, UserRole::customer);

Delivery delivery(ConversationKey room = kRoom) {
    Delivery made;
    made.frame = engineio::test::text(R"(2["news",1])");
    made.room = room;
    made.cursor.emplace();
    made.cursor->dashboard = Position{5};
    return made;
}

/// Rooms over a network that records.
struct World {
    /// A new connection, and the socket it hears on.
    Subscriber connect() {
        sockets.push_back(net.openWebSocket());
        return Subscriber(net.application.opened.back());
    }
    std::vector<ConnectionId> deliver(const Delivery& one) {
        std::vector<ConnectionId> held;
        rooms.deliver(one, net.endpoint, held);
        return held;
    }
    Packets heard(std::size_t socket) { return net.heard(sockets[socket]); }

    engineio::test::World net;
    std::vector<engineio::SocketNumber> sockets;
    std::atomic<std::int64_t> roomCount{0};
    std::atomic<std::int64_t> subscriptions{0};
    std::atomic<std::int64_t> presence{0};
    Rooms rooms{roomCount, subscriptions, presence};
};

const Packets kPlain{R"(42["news",1])"};

}  // namespace

TEST_CASE("a broadcast reaches the members of its room, but for the one it leaves out") {
    World world;
    Subscriber first = world.connect();
    Subscriber second = world.connect();
    Subscriber stranger = world.connect();
    world.rooms.join(first, kRoom, kAgent);
    world.rooms.join(second, kRoom, kCustomer);
    world.rooms.join(stranger, ConversationKey{2}, kAgent);
    world.deliver(delivery());
    CHECK(world.heard(0) == kPlain);
    CHECK(world.heard(1) == kPlain);
    auto others = delivery();
    others.except = first.connection();
    world.deliver(others);
    CHECK(world.heard(0).empty());
    CHECK(world.heard(1) == kPlain);
    CHECK(world.heard(2).empty());
}

TEST_CASE("a message hidden from customers reaches staff and the customer who wrote it") {
    World world;
    Subscriber agent = world.connect();
    Subscriber customer = world.connect();
    world.rooms.join(agent, kRoom, kAgent);
    world.rooms.join(customer, kRoom, kCustomer);
    auto hidden = delivery();
    hidden.visible = false;
    hidden.author = UserKey{11};
    world.deliver(hidden);
    CHECK(world.heard(0) == kPlain);
    CHECK(world.heard(1).empty());
    hidden.author = UserKey{20};
    world.deliver(hidden);
    CHECK(world.heard(1) == kPlain);
    // Joining again replaces the viewer.
    world.rooms.join(customer, kRoom, kAgent);
    hidden.author = UserKey{11};
    world.deliver(hidden);
    CHECK(world.heard(1) == kPlain);
    CHECK(customer.rooms() == std::vector<Subscription>{{kRoom, kAgent}});
}

TEST_CASE("dashboards that are told who is there are counted, each once") {
    World world;
    Subscriber first = world.connect();
    Subscriber second = world.connect();
    world.rooms.watchDashboard(first, true, true);
    world.rooms.watchDashboard(first, true, true);
    world.rooms.watchDashboard(second, true, false);
    CHECK(world.presence == 1);
    world.rooms.hold(first, true);
    world.rooms.watchDashboard(second, true, true);
    CHECK(world.presence == 2);
    world.rooms.watchDashboard(second, true, false);
    CHECK(world.presence == 1);
    world.rooms.leaveAll(first);
    world.rooms.leaveAll(second);
    CHECK(world.presence == 0);
}

TEST_CASE("a connection that takes cursors is sent them, and nobody else is") {
    World world;
    Subscriber plain = world.connect();
    Subscriber recovering = world.connect();
    recovering.takeCursors();
    world.rooms.watchDashboard(plain, true);
    world.rooms.watchDashboard(recovering, true);
    world.deliver(delivery(ConversationKey{0}));
    CHECK(world.heard(0) == kPlain);
    const auto frame = withCursor(delivery(ConversationKey{0}));
    CHECK(world.heard(1) == Packets{std::string(frame->payload())});
    CHECK(frame->payload() != kPlain[0]);
}

TEST_CASE("a held connection is named instead of being sent anything, until it is let go") {
    World world;
    Subscriber held = world.connect();
    world.rooms.hold(held, true);
    world.rooms.join(held, kRoom, kAgent);
    world.rooms.watchDashboard(held, true);
    const std::vector<ConnectionId> itself{held.connection()};
    CHECK(world.deliver(delivery()) == itself);
    CHECK(world.deliver(delivery(ConversationKey{0})) == itself);
    CHECK(world.heard(0).empty());
    world.rooms.hold(held, false);
    CHECK(world.deliver(delivery()).empty());
    CHECK(world.deliver(delivery(ConversationKey{0})).empty());
    CHECK(world.heard(0).size() == 2);
}

TEST_CASE("a connection that leaves everything is in no room, and the counts say so") {
    World world;
    Subscriber one = world.connect();
    Subscriber other = world.connect();
    world.rooms.join(one, kRoom, kAgent);
    world.rooms.join(one, kRoom, kAgent);
    world.rooms.join(one, ConversationKey{2}, kAgent);
    world.rooms.join(other, kRoom, kAgent);
    world.rooms.watchDashboard(one, true);
    CHECK(world.roomCount == 2);
    CHECK(world.subscriptions == 3);
    world.rooms.leaveAll(one);
    CHECK(one.rooms().empty());
    CHECK_FALSE(one.watchesDashboard());
    CHECK(world.roomCount == 1);
    CHECK(world.subscriptions == 1);
    world.deliver(delivery());
    world.deliver(delivery(ConversationKey{0}));
    CHECK(world.heard(0).empty());
    CHECK(world.heard(1) == kPlain);
    world.rooms.leave(other, kRoom);
    world.rooms.leave(other, kRoom);
    CHECK(world.roomCount == 0);
    CHECK(world.subscriptions == 0);
}
