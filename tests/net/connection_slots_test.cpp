#include "net/connection_slots.h"

#include "net/deadlines.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>

using namespace parley::net;

namespace {

TcpConnection& add(ConnectionSlots& connections) {
    auto made = std::make_unique<TcpConnection>(nullptr, parley::ClientAddress{});
    TcpConnection& added = *made;
    REQUIRE(connections.add(made));
    return added;
}

}  // namespace

TEST_CASE("a number never finds a later connection in the same slot") {
    ConnectionSlots connections(parley::LoopIndex{3});
    const std::uint64_t gone = add(connections).number;
    const std::uint64_t request = connections.newNumber(gone);
    CHECK(connections.findBySlotOf(request) == connections.find(gone));
    CHECK(connections.remove(gone)->number == gone);
    CHECK(connections.findBySlotOf(request) == nullptr);

    TcpConnection& next = add(connections);
    CHECK(connections.findBySlotOf(gone) == &next);
    CHECK(connections.find(gone) == nullptr);
    CHECK(connections.remove(gone) == nullptr);
    CHECK(connections.find(next.number) == &next);
    CHECK(connections.count() == 1);
}

TEST_CASE("connections of different loops have different numbers") {
    ConnectionSlots one(parley::LoopIndex{1});
    ConnectionSlots other(parley::LoopIndex{2});
    CHECK(add(one).number != add(other).number);
}

TEST_CASE("a deadline that moves on needs no further entry and comes once") {
    ConnectionSlots connections(parley::LoopIndex{0});
    Deadlines deadlines(connections);
    TcpConnection& connection = add(connections);
    deadlines.set(connection, Millis{10});
    deadlines.set(connection, Millis{20});
    CHECK(deadlines.size() == 1);
    CHECK(deadlines.popDue(Millis{10}) == nullptr);
    CHECK(deadlines.next() == Millis{20});
    CHECK(deadlines.popDue(Millis{20}) == &connection);
    CHECK(deadlines.popDue(Millis{20}) == nullptr);
}

TEST_CASE("a deadline that moves nearer comes in time, and a cancelled one does not come") {
    ConnectionSlots connections(parley::LoopIndex{0});
    Deadlines deadlines(connections);
    TcpConnection& connection = add(connections);
    deadlines.set(connection, Millis{20});
    deadlines.set(connection, Millis{10});
    CHECK(deadlines.popDue(Millis{10}) == &connection);
    deadlines.set(connection, Millis{0});
    CHECK(deadlines.popDue(Millis{100}) == nullptr);
}

TEST_CASE("closed connections leave no deadlines behind") {
    ConnectionSlots connections(parley::LoopIndex{0});
    Deadlines deadlines(connections);
    TcpConnection& stays = add(connections);
    deadlines.set(stays, Millis{5});
    std::size_t most = 0;
    for (int i = 0; i < 3000; ++i) {
        TcpConnection& leaves = add(connections);
        deadlines.set(leaves, Millis{10});
        connections.remove(leaves.number);
        most = std::max(most, deadlines.size());
    }
    CHECK(most < 1100);
    CHECK(deadlines.popDue(Millis{10}) == &stays);
    CHECK(deadlines.popDue(Millis{10}) == nullptr);
    CHECK(deadlines.size() == 0);
}
