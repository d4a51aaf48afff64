#include "net/outbox.h"
#include "record_transport.h"
#include "support/temp_folder.h"
#include "tls_peers.h"

#include <catch2/catch.hpp>

#include <deque>
#include <poll.h>
#include <random>

using namespace parley;
using namespace parley::net;
using namespace parley::net::test;

namespace {

TlsCertificatePtr newCertificate() {
    const TempFolder folder;
    const TlsOptions options{.certificateFile = (folder.path() / "certificate.pem").string(),
                             .keyFile = (folder.path() / "key.pem").string()};
    const auto key = ecKey();
    writeCertificate(options.certificateFile, *key);
    writeKey(options.keyFile, *key);
    auto read = readCertificate(options);
    REQUIRE(read.ok());
    return std::move(read).value();
}

struct TlsSide {
    SystemClock clock;
    TlsContext context{clock, newCertificate()};

    std::unique_ptr<Transport> over(Poco::Net::StreamSocket socket) {
        return makeTlsTransport(std::move(socket), context.newConnection());
    }
};

/// One connection between a transport and a client, both driven by the test.
struct Pair {
    explicit Pair(int room = 1024 * 1024) {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
        for (const int end : ends) ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
        Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(ends[0]));
        socket.setBlocking(false);
        transport = server.over(std::move(socket));
        far = ends[1];
    }
    ~Pair() { ::close(far); }

    void shakeHands(TlsPeer& peer) {
        bool done = false;
        for (int i = 0; i < 10 && !done; ++i) {
            const bool peerDone = peer.shakeHands();
            const auto step = transport->shakeHands(true);
            REQUIRE(step.state != HandshakeStep::State::failed);
            done = step.state == HandshakeStep::State::done && peerDone;
        }
        REQUIRE(done);
    }
    bool isReadable() const {
        pollfd entry{transport->descriptor(), POLLIN, 0};
        return ::poll(&entry, 1, 0) == 1;
    }

    TlsSide server;
    std::unique_ptr<Transport> transport;
    int far = -1;
};

Poco::Net::SocketBuf pieceOf(std::string& text) {
    return {text.data(), text.size()};
}

/// A text that says its length, so that one that is cut shows.
engineio::FramePtr randomFrame(std::mt19937& random) {
    const std::size_t bytes = 8 + random() % (random() % 8 == 0 ? 40'000 : 300);
    const std::string length = std::to_string(bytes);
    engineio::FrameBuilder frame(bytes);
    frame.out() += std::string(8 - length.size(), '0') + length + std::string(bytes - 8, 'x');
    return frame.finish(/*droppable=*/random() % 2 == 0);
}

/// How many whole frames of that kind `bytes` is made of.
std::size_t countFrames(std::string_view bytes) {
    std::size_t count = 0;
    for (; !bytes.empty(); ++count) {
        REQUIRE(bytes.size() >= 4);
        const auto at = [&](std::size_t i) {
            return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
        };
        REQUIRE(at(0) == 0x81);
        const bool isLong = at(1) == 126;
        const std::size_t length = isLong ? at(2) << 8 | at(3) : at(1);
        bytes.remove_prefix(isLong ? 4 : 2);
        REQUIRE(bytes.size() >= length);
        REQUIRE(std::stoul(std::string(bytes.substr(0, 8))) == length);
        bytes.remove_prefix(length);
    }
    return count;
}

}  // namespace

TEST_CASE("pieces are joined to records of at most 16 kB") {
    Pair pair;
    TlsPeer peer(pair.far, GENERATE(TLS1_2_VERSION, TLS1_3_VERSION));
    pair.shakeHands(peer);

    std::vector<std::string> texts(50, std::string(100, 'a'));
    Poco::Net::SocketBufVec pieces;
    for (auto& text : texts) pieces.push_back(pieceOf(text));
    const auto small = pair.transport->write(pieces);
    CHECK(small.status == IoStatus::ok);
    CHECK(small.bytes == 5'000);
    CHECK(peer.receive() == std::string(5'000, 'a'));

    std::string large(40'000, 'b');
    std::string tail("end");
    CHECK(pair.transport->write({pieceOf(tail), pieceOf(large), pieceOf(tail)}).bytes == 40'006);
    std::vector<std::size_t> records;
    std::string all;
    for (std::string text; !(text = peer.receive()).empty(); all += text) {
        records.push_back(text.size());
    }
    CHECK(records == std::vector<std::size_t>{16'384, 16'384, 40'006 - 2 * 16'384});
    CHECK(all == tail + large + tail);
}

TEST_CASE("a blocked record is sent whole, whatever its caller has thrown away meanwhile") {
    const auto seed = GENERATE(range(0u, 20u));
    std::mt19937 random(seed);
    CAPTURE(seed);
    Pair pair(/*room=*/4'096);
    TlsPeer peer(pair.far);
    pair.shakeHands(peer);

    OutboxPool pool;
    Outbox outbox;
    std::size_t pushed = 0;
    std::size_t dropped = 0;
    std::uint64_t written = 0;
    std::string heard;
    int blocked = 0;
    for (int turn = 0; turn < 300 || !outbox.empty(); ++turn) {
        REQUIRE(turn < 100'000);
        for (auto i = turn < 300 ? random() % 6 : 0; i > 0; --i, ++pushed) {
            outbox.push(randomFrame(random), pool);
        }
        const auto result = outbox.flush(*pair.transport, pool, written);
        REQUIRE(result.status != IoStatus::closed);
        blocked += result.status == IoStatus::again ? 1 : 0;
        if (random() % 3 == 0) dropped += outbox.dropDroppable(pool);
        if (random() % 2 == 0) heard += peer.receive();
    }
    for (std::string text; !(text = peer.receive()).empty();) heard += text;
    CHECK(blocked > 10);
    CHECK(dropped > 0);
    CHECK(written + dropped == pushed);
    CHECK(countFrames(heard) == written);
    CHECK(pool.bytes == 0);
}

TEST_CASE("a handshake that may not sign yet waits, and takes nothing from the peer") {
    Pair pair;
    TlsPeer peer(pair.far, GENERATE(TLS1_2_VERSION, TLS1_3_VERSION));
    CHECK_FALSE(peer.shakeHands());
    CHECK(pair.transport->shakeHands(false).state == HandshakeStep::State::deferred);
    CHECK(pair.isReadable());
    const auto step = pair.transport->shakeHands(true);
    CHECK(step.state == HandshakeStep::State::waits);
    CHECK(step.isSigned);
    peer.shakeHands();
    CHECK(pair.transport->shakeHands(false).state == HandshakeStep::State::done);
}

TEST_CASE("a resumed handshake signs nothing") {
    Pair first;
    TlsPeer peer(first.far);
    first.shakeHands(peer);
    std::string text("x");
    first.transport->write({pieceOf(text)});
    CHECK(peer.receive() == "x");  // the ticket came before it
    const std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> ticket(
        SSL_get1_session(peer.ssl()), SSL_SESSION_free);

    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(ends[0]));
    socket.setBlocking(false);
    const auto again = first.server.over(std::move(socket));
    TlsPeer second(ends[1]);
    SSL_set_session(second.ssl(), ticket.get());
    CHECK_FALSE(second.shakeHands());
    CHECK_FALSE(again->shakeHands(true).isSigned);
    CHECK(second.shakeHands());
    const auto step = again->shakeHands(true);
    CHECK(step.state == HandshakeStep::State::done);
    CHECK_FALSE(step.isSigned);
    CHECK(step.isResumed);
    ::close(ends[1]);
}

TEST_CASE("a client that sends nothing but key updates is read one record at a time") {
    Pair pair;
    TlsPeer peer(pair.far, TLS1_3_VERSION);
    pair.shakeHands(peer);
    constexpr int kUpdates = 50;
    for (int i = 0; i < kUpdates; ++i) {
        REQUIRE(SSL_key_update(peer.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
        REQUIRE(peer.shakeHands());
    }
    peer.send("hello");
    std::array<char, 1024> buffer;
    int reads = 0;
    for (ReadResult result; result.bytes == 0 && reads <= 2 * kUpdates; ++reads) {
        REQUIRE(pair.isReadable());
        result = pair.transport->read(buffer);
        REQUIRE(result.status != IoStatus::closed);
    }
    CHECK(reads == kUpdates + 1);
}

TEST_CASE("the peer is told of the end, and its own bytes can still be read") {
    Pair pair;
    TlsPeer peer(pair.far);
    pair.shakeHands(peer);
    CHECK(pair.transport->finish() == IoStatus::ok);
    CHECK(peer.receive().empty());
    CHECK(peer.lastError() == SSL_ERROR_ZERO_RETURN);
    peer.send("still here");
    std::array<char, 1024> buffer;
    CHECK(pair.transport->read(buffer).bytes == 10);
    SSL_shutdown(peer.ssl());
    CHECK(pair.transport->read(buffer).status == IoStatus::closed);
}

TEST_CASE("a connection that is dropped tells its peer") {
    Pair pair;
    TlsPeer peer(pair.far);
    pair.shakeHands(peer);
    pair.transport.reset();
    CHECK(peer.receive().empty());
    CHECK(peer.lastError() == SSL_ERROR_ZERO_RETURN);
}

TEST_CASE("a record that was changed on its way breaks the connection") {
    Pair pair;
    TlsPeer peer(pair.far);
    pair.shakeHands(peer);
    const std::string forged = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
    REQUIRE(::send(pair.far, forged.data(), forged.size(), 0) == 37);
    std::array<char, 1024> buffer;
    CHECK(pair.transport->read(buffer).status == IoStatus::closed);
    std::string text("x");
    CHECK(pair.transport->write({pieceOf(text)}).status == IoStatus::closed);
    CHECK(pair.transport->finish() == IoStatus::ok);
}

TEST_CASE("plain HTTP gets an alert that reaches the client, and no answer in plain") {
    TlsSide server;
    LoopWorld world;
    auto& client =
        world.connectShaking([&](auto socket) { return server.over(std::move(socket)); });
    const std::string request("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE(::send(client.far, request.data(), request.size(), 0) > 0);
    for (int i = 0; i < 3; ++i) world.turn();
    CHECK(client.heard() == std::string("\x15\x03\x01\x00\x02\x02\x0a", 7));
    CHECK(client.received() == 0);
    ::shutdown(client.far, SHUT_WR);
    world.turn();
    CHECK(world.connections.count() == 0);
    CHECK(world.counters.handshakesFailed.load() == 1);
}

TEST_CASE("a turn signs as many handshakes as it may, and those that waited go first") {
    constexpr std::size_t kMax = 8;
    TlsSide server;
    LoopWorld world(kMax);
    struct Shaking {
        TestClient& client;
        TlsPeer peer;
    };
    std::deque<Shaking> all;
    const auto connect = [&](int count) {
        for (int i = 0; i < count; ++i) {
            auto& client =
                world.connectShaking([&](auto socket) { return server.over(std::move(socket)); });
            all.push_back({client, TlsPeer(client.far)});
            all.back().peer.shakeHands();
        }
    };
    const auto answered = [&](std::size_t from, std::size_t to) {
        std::size_t count = 0;
        for (std::size_t i = from; i < to; ++i) {
            char byte = 0;
            count += ::recv(all[i].client.far, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? 1 : 0;
        }
        return count;
    };
    connect(12);
    world.turn();
    CHECK(answered(0, 12) == kMax);
    CHECK(world.connections.hasUnread());
    connect(12);
    world.turn();
    CHECK(answered(0, 12) == 12);
    CHECK(answered(12, 24) <= kMax - 4);
    for (int i = 0; i < 4; ++i) world.turn();
    CHECK(answered(0, 24) == 24);
    for (auto& one : all) one.peer.shakeHands();
    for (int i = 0; i < 2; ++i) world.turn();
    CHECK(world.counters.handshakesFull.load() == 24);
    CHECK_FALSE(world.connections.hasUnread());
}
