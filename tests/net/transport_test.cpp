#include "record_transport.h"

#include <catch2/catch.hpp>

#include <string>

using namespace parley::net;
using namespace parley::net::test;

TEST_CASE("bytes that a transport keeps are read although epoll does not report them") {
    LoopWorld world;
    auto& client = world.connect(/*recordBytes=*/16 * 1024);
    client.send(100 * 1024);
    world.turn();
    CHECK(client.received() == 64 * 1024);  // four records
    CHECK_FALSE(world.epollReports());
    CHECK(world.connections.hasUnread());
    world.turn();
    CHECK(client.received() == 100 * 1024);
    world.turn();
    CHECK_FALSE(world.connections.hasUnread());
}

TEST_CASE("a read of a single byte is followed by the next read") {
    LoopWorld world;
    auto& client = world.connect(/*recordBytes=*/1);
    client.send(10);
    for (int i = 0; i < 4; ++i) world.turn();
    CHECK(client.received() == 10);
    CHECK_FALSE(world.connections.hasUnread());
}

TEST_CASE("a connection with much to read gives others their turn") {
    LoopWorld world;
    auto& much = world.connect(16 * 1024);
    auto& little = world.connect(16 * 1024);
    much.send(150 * 1024);
    little.send(5);
    world.turn();
    CHECK(little.received() == 5);
    CHECK(much.received() == 64 * 1024);
}

TEST_CASE("bytes in the transport of a paused connection are read once it may be read again") {
    LoopWorld world;
    auto& client = world.connect(16 * 1024);
    client.pauseAfterReceiving = true;
    client.send(100 * 1024);
    world.turn();
    CHECK(client.received() == 16 * 1024);
    world.turn();
    CHECK(client.received() == 16 * 1024);
    client.pauseAfterReceiving = false;
    client.connection->paused = false;
    world.connections.markDirty(*client.connection);
    for (int i = 0; i < 4; ++i) world.turn();
    CHECK(client.received() == 100 * 1024);
}

TEST_CASE("a read that has to write first continues once the descriptor is writable") {
    LoopWorld world;
    auto& client = world.connect(16 * 1024);
    client.transport->writesBeforeRead = 1;
    client.send(5);
    world.turn();
    CHECK(client.received() == 0);
    CHECK(client.connection->events == EPOLLOUT);
    world.turn();
    CHECK(client.received() == 5);
    CHECK(client.connection->events == EPOLLIN);
}

TEST_CASE("a write that has to read first continues once something arrives") {
    LoopWorld world;
    auto& client = world.connect(16 * 1024);
    client.transport->readsBeforeWrite = 1;
    client.say("hello");
    world.turn();
    CHECK(client.heard().empty());
    CHECK(client.connection->blocked);
    CHECK(client.connection->events == EPOLLIN);
    client.send(1);
    world.turn();
    CHECK(client.heard() == "hello");
    CHECK_FALSE(client.connection->blocked);
}

TEST_CASE("output continues if the transport takes less than it is offered at a time") {
    LoopWorld world;
    auto& client = world.connect(16 * 1024);
    client.say(std::string(40 * 1024, 'a'));
    client.say("b");
    world.turn();
    CHECK(client.heard() == std::string(40 * 1024, 'a') + "b");
    CHECK(client.connection->outbox.empty());
}

TEST_CASE("an orderly end that the transport cannot send yet is tried again") {
    LoopWorld world;
    auto& client = world.connect(16 * 1024);
    client.transport->refusedFinishes = 1;
    world.connections.finish(*client.connection);
    world.turn();
    CHECK(client.connection->state == ConnectionState::finishing);
    CHECK((client.connection->events & EPOLLOUT) != 0);
    world.turn();
    CHECK(client.connection->state == ConnectionState::lingering);
    CHECK(client.transport->finished);
}

TEST_CASE("over plain TCP a message costs one read") {
    LoopWorld world;
    auto& client = world.connectPlain();
    client.send(5);
    world.turn();
    CHECK(client.received() == 5);
    CHECK(client.counting->reads == 1);
    CHECK_FALSE(world.connections.hasUnread());
    client.send(100 * 1024);  // more than the buffer holds
    world.turn();
    CHECK(client.received() == 5 + 100 * 1024);
    CHECK(client.counting->reads == 3);
}
