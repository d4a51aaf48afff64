#include "support/engine_world.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>

using namespace parley;
using namespace parley::test;

namespace {

PidHash pid(int number) {
    return {static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8), 1};
}

EngineOptions atMost(std::size_t sessions) {
    EngineOptions options;
    options.sessionsMax = sessions;
    return options;
}

/// An engine with clients. Client N has the session with pid N.
class Clients {
public:
    explicit Clients(EngineOptions options = {}) : world(options) {}

    void subscribes(int client, std::string_view conversation = "a") {
        opens(client);
        REQUIRE(world.join(number(client), conversation, name(client), UserRole::agent).reply.ok());
    }
    void opens(int client) { world.submit(number(client), OpenSession{pid(client)}); }
    void drops(int client, bool ends = false) {
        world.ask(number(client), ConnectionClosed{ends});
        world.clock().advance(std::chrono::seconds(1));
    }
    /// On a new connection, which `number` returns from then on. Whether the session was resumed.
    bool comesBack(int client, std::optional<Cursor> cursor = {}) {
        connections_[client] += 1000;
        const auto outcome =
            world.ask(number(client), ResumeSession{pid(client), cursor, pid(++fresh_)});
        REQUIRE(outcome.reply.ok());
        return std::get<ResumeReply>(*outcome.reply).gap.has_value();
    }
    void leaves(int client, std::string_view name) {
        REQUIRE(world.ask(number(client), Command(LeaveRoom{room("a"), user(name)})).reply.ok());
    }
    ConnectionId number(int client) {
        return {static_cast<std::uint64_t>(client) + connections_[client]};
    }
    static std::string name(int client) { return "u" + std::to_string(client); }
    std::uint64_t stored() { return world.counters().sessionsStored; }
    int rowsOf(const std::string& table) {
        auto db = Database::openReader(world.database());
        REQUIRE(db.ok());
        return (*db)->sqlite().execAndGet("SELECT count(*) FROM " + table).getInt();
    }

    EngineWorld world;

private:
    std::map<int, std::uint64_t> connections_;
    int fresh_ = 10'000;
};

}  // namespace

TEST_CASE("a client that connects and drops without subscribing leaves no row") {
    Clients clients;
    for (int i = 1; i <= 200; ++i) {
        clients.opens(i);
        clients.drops(i);
    }
    clients.opens(300);
    clients.world.ask({300}, WatchDashboard{false});
    clients.drops(300);
    REQUIRE(clients.stored() == 0);
    REQUIRE(clients.rowsOf("session") == 0);
    REQUIRE_FALSE(clients.comesBack(1));
}

TEST_CASE("beyond the limit the session that dropped first is removed") {
    Clients clients(atMost(3));
    for (int i = 1; i <= 3; ++i) clients.subscribes(i);
    for (const int i : {2, 1, 3}) clients.drops(i);
    SECTION("as new sessions come") {
        clients.subscribes(4);
    }
    SECTION("after a restart, too") {
        clients.world.open();
        clients.subscribes(4);
    }
    REQUIRE(clients.stored() == 3);
    REQUIRE(clients.rowsOf("session_room") == 3);
    REQUIRE_FALSE(clients.comesBack(2));
    REQUIRE(clients.comesBack(1));
    REQUIRE(clients.comesBack(3));
}

TEST_CASE("a session that dropped first but is back is kept, until it drops again") {
    Clients clients(atMost(3));
    for (int i = 1; i <= 3; ++i) clients.subscribes(i);
    for (int i = 1; i <= 3; ++i) clients.drops(i);
    REQUIRE(clients.comesBack(1));
    clients.subscribes(4);
    REQUIRE_FALSE(clients.comesBack(2));
    clients.drops(1);
    REQUIRE(clients.comesBack(3));
    clients.subscribes(5);  // 3 is back and 4 never left
    REQUIRE_FALSE(clients.comesBack(1));
    clients.drops(3);
    REQUIRE(clients.comesBack(3));
    REQUIRE(clients.world.counters().sessionsEvicted == 2);
}

TEST_CASE("if all stored sessions are connected, a new one is not stored, and cannot be resumed") {
    Clients clients(atMost(2));
    for (int i = 1; i <= 3; ++i) clients.subscribes(i);
    REQUIRE(clients.stored() == 2);
    REQUIRE(clients.world.counters().sessionsNotStored == 1);
    clients.drops(1);
    // If it were stored from here on, it would lack the room that it has joined.
    REQUIRE(clients.world.join({3}, "b", "u3", UserRole::agent).reply.ok());
    clients.drops(3);
    REQUIRE_FALSE(clients.comesBack(3));
    REQUIRE(clients.comesBack(1));
    clients.drops(2);
    REQUIRE(clients.comesBack(2));
}

TEST_CASE("sessions that were connected at a crash count as dropped last of all") {
    Clients clients(atMost(3));
    for (int i = 1; i <= 3; ++i) clients.subscribes(i);
    clients.drops(3);
    clients.world.open();  // the others have no time of dropping
    clients.world.clock().advance(std::chrono::seconds(1));
    clients.subscribes(4);
    REQUIRE_FALSE(clients.comesBack(3));
    clients.subscribes(5);
    REQUIRE(clients.stored() == 3);
}

TEST_CASE("a smaller limit applies to the stored sessions") {
    Clients clients;
    for (int i = 1; i <= 600; ++i) clients.subscribes(i);
    for (int i = 1; i <= 600; ++i) clients.drops(i);
    REQUIRE(clients.stored() == 600);
    clients.world.open(atMost(5));
    REQUIRE(clients.world.becomes([&] { return clients.stored() == 5; }));
    REQUIRE_FALSE(clients.comesBack(595));
    for (int i = 596; i <= 600; ++i) REQUIRE(clients.comesBack(i));
}

TEST_CASE("a session's own events of a room are removed when it leaves the room") {
    Clients clients;
    clients.subscribes(1);
    REQUIRE(clients.world.join(clients.number(1), "b", "u1", UserRole::agent).reply.ok());
    REQUIRE(clients.world.join({9}, "a", "bob", UserRole::customer).reply.ok());
    clients.leaves(1, "bob");
    REQUIRE(clients.rowsOf("session_own") == 1);
    clients.leaves(1, "u1");
    REQUIRE(clients.rowsOf("session_own") == 0);
}

TEST_CASE("a session's own events are removed when it comes back with a later offset") {
    Clients clients;
    clients.subscribes(1);
    REQUIRE(clients.world.join({9}, "a", "bob", UserRole::customer).reply.ok());
    clients.leaves(1, "bob");
    const Position first{clients.world.counters().headPosition};
    REQUIRE(clients.world.join({9}, "a", "bob", UserRole::customer).reply.ok());
    clients.leaves(1, "bob");
    clients.drops(1);
    REQUIRE(clients.rowsOf("session_own") == 2);
    REQUIRE(clients.comesBack(1));
    REQUIRE(clients.rowsOf("session_own") == 2);
    clients.drops(1);
    REQUIRE(clients.comesBack(1, Cursor{first, first}));
    REQUIRE(clients.rowsOf("session_own") == 1);
}

TEST_CASE("a session with more own events than twice its rooms is not resumed") {
    EngineOptions options;
    options.roomsPerConnectionMax = 3;
    Clients clients(options);
    clients.subscribes(1);
    clients.subscribes(2);
    const auto causes = [&](int client, int times) {
        for (int i = 0; i < times; ++i) {
            REQUIRE(clients.world.join({9}, "a", "bob", UserRole::customer).reply.ok());
            clients.leaves(client, "bob");
        }
    };
    causes(1, 6);
    causes(2, 7);
    REQUIRE(clients.rowsOf("session_own") == 6);
    for (int i = 1; i <= 2; ++i) clients.drops(i);
    REQUIRE(clients.comesBack(1));
    REQUIRE_FALSE(clients.comesBack(2));
}
