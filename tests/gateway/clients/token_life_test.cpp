#include "gateway/clients/token_life.h"

#include "gateway/clients/authentication.h"
#include "gateway/loop_world.h"
#include "support/temp_folder.h"

#include <parley/auth/authenticator.h>
#include <parley/auth/token_signer.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace {

/// Clients with tokens, as if these had been verified.
class World : public LoopWorld {
public:
    explicit World(std::chrono::milliseconds warning = 60s)
        : LoopWorld({}, {.auth = {.expiryWarning = warning}}) {}

    /// A client that is let in with a token which ends in `life`.
    Client& enter(std::chrono::milliseconds life) {
        Client& client = connect();
        Principal principal{.kind = PrincipalKind::person, .user = user("ann")};
        principal.role = UserRole::agent;
        principal.expires = {clock.now().value + life.count()};
        client.presence().principal = std::make_shared<const Principal>(std::move(principal));
        tokens.begin(client);
        return client;
    }
    void pass(std::chrono::milliseconds time) {
        clock.advance(time);
        loop.pass(time);
    }
};

bool tells(const std::vector<std::string>& frames, std::string_view text) {
    return std::ranges::any_of(
        frames, [&](const auto& frame) { return frame.find(text) != std::string::npos; });
}

Principal agent() {
    return {.kind = PrincipalKind::person, .user = user("ann"), .role = UserRole::agent};
}

}  // namespace

TEST_CASE("a client is told a minute before its token ends, and closed at the end") {
    World world;
    Client& client = world.enter(10min);
    for (int i = 0; i < 8 * 60; ++i) world.pass(1s);
    CHECK(world.heard(client).empty());
    world.pass(60s);
    CHECK(tells(world.heard(client), R"(42["token_expiring",{"expiresAt":)"));
    world.pass(59s);
    CHECK(world.heard(client).empty());
    CHECK(world.isOpen(client));
    const auto connection = client.connection();
    world.pass(1s);
    CHECK_FALSE(world.net.endpoint.has(connection));
    const auto& ended = world.shared.tokensEnded;
    CHECK(ended[static_cast<std::size_t>(auth::TokenFault::expired)] == 1);
}

TEST_CASE("without auth.expiry-warning nobody is told") {
    World world(0s);
    Client& client = world.enter(10s);
    world.pass(9s);
    CHECK(world.heard(client).empty());
    CHECK(world.isOpen(client));
}

TEST_CASE("clients without a token cost no timer, and those that left none either") {
    World world;
    world.connect();
    CHECK(world.loop.timers() == 1);  // of the connect timeout
    for (int i = 0; i < 5; ++i) {
        Client& client = world.enter(10s + std::chrono::seconds(i));
        CHECK(world.loop.timers() == 2);
        world.drop(client);
    }
    world.pass(1s);
    CHECK(world.loop.timers() == 1);
}

TEST_CASE("a clock that jumps ends tokens within a second") {
    World world;
    Client& client = world.enter(1h);
    world.clock.advance(2h);
    CHECK(world.isOpen(client));
    world.pass(1s);
    CHECK_FALSE(world.isOpen(client));
}

TEST_CASE("after a reload all clients are asked about, a part of them in each turn") {
    constexpr int kClients = 2500;
    World world;
    TempFolder files;
    const auth::Options options{.mode = auth::Mode::jwt,
                                .keyFiles = {(files / "keys").string()},
                                .revokedFile = (files / "revoked").string()};
    std::ofstream(files / "keys") << R"({"keys":[{"kty":"oct","k":")" << std::string(64, 'k')
                                  << R"("}]})";
    std::ofstream(files / "revoked").flush();
    auto opened = auth::Authenticator::open(options, world.clock);
    REQUIRE(opened.ok());
    world.shared.authenticator = opened->get();

    std::ofstream revoked(files / "revoked");
    std::vector<Client*> clients;
    for (int i = 0; i < kClients; ++i) {
        Principal ann = agent();
        ann.tokenId = "t" + std::to_string(i);
        ann.expires = {world.clock.now().value + 3'600'000};
        const auto token = auth::signToken(options.keyFiles[0], ann, options);
        REQUIRE(token.ok());
        clients.push_back(&world.open());
        REQUIRE(clients.back()->receive(false, "0" + Json({{"token", *token}}).dump()));
        REQUIRE(clients.back()->connected());
        if (i % 2 == 1) revoked << R"({"jti":")" << ann.tokenId << "\"}\n";
    }
    const auto open = [&] {
        return std::ranges::count_if(clients, [&](Client* one) { return world.isOpen(*one); });
    };
    revoked.close();
    REQUIRE((*opened)->reload().ok());
    CHECK(open() == kClients);
    world.tokens.checkAll();
    CHECK(open() < kClients);
    CHECK(open() > kClients / 2);
    world.loop.run();
    CHECK(open() == kClients / 2);
    for (int i = 0; i < kClients; i += 2) {
        REQUIRE(world.isOpen(*clients[static_cast<std::size_t>(i)]));
    }
    const auto& ended = world.shared.tokensEnded;
    CHECK(ended[static_cast<std::size_t>(auth::TokenFault::revoked)] == kClients / 2);
}

TEST_CASE("a renewed token is of the same user, kind and role, and reaches no less") {
    CHECK(continues(agent(), agent()));

    auto other = agent();
    other.user = user("bob");
    CHECK_FALSE(continues(other, agent()));
    other = agent();
    other.role = UserRole::supervisor;
    CHECK_FALSE(continues(other, agent()));
    other = agent();
    other.kind = PrincipalKind::auditor;
    CHECK_FALSE(continues(other, agent()));

    auto narrow = agent();
    narrow.conversations = {room("a"), room("b")};
    auto narrower = agent();
    narrower.conversations = {room("b")};
    CHECK_FALSE(continues(narrow, agent()));
    CHECK(continues(agent(), narrow));
    CHECK(continues(narrow, narrower));
    CHECK_FALSE(continues(narrower, narrow));

    // What a customer's list names is added to what it takes part in.
    for (auto* customer : {&narrow, &narrower}) customer->role = UserRole::customer;
    CHECK(continues(narrower, narrow));

    Principal service{.kind = PrincipalKind::service, .user = user("back")};
    service.actsAs = {UserRole::customer, UserRole::agent};
    auto less = service;
    less.actsAs = {UserRole::agent};
    CHECK(continues(service, less));
    CHECK_FALSE(continues(less, service));
}
