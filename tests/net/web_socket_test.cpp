#include "net/echo_server.h"
#include "net/raw_client.h"

#include <catch2/catch.hpp>

using namespace parley::net;
using namespace parley::net::test;

namespace {

/// A WebSocket with an open session; its open packet has been read.
struct OpenSocket : RawClient {
    explicit OpenSocket(const EchoServer& server) : RawClient(server.port()) {
        REQUIRE(upgrade(kWebSocket) == 101);
        const auto open = frame();
        REQUIRE(open);
        REQUIRE(open->payload.starts_with("0{"));
    }
};

std::string closePayload(int code, const std::string& reason = "") {
    return std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)} + reason;
}

}  // namespace

TEST_CASE("a WebSocket handshake is accepted or refused as RFC 6455 says") {
    EchoServer server;
    struct Row {
        const char* name;
        std::string from, to;
        int status;
    };
    const Row rows[] = {
        {"as it should be", "", "", 101},
        {"version 8", "Version: 13", "Version: 8", 426},
        {"no version", "Sec-WebSocket-Version: 13\r\n", "", 426},
        {"short key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ==", 400},
        {"key that is not base64", "dGhlIHNhbXBsZSBub25jZQ==", "dGhl*HNhbXBsZSBub25jZQ==", 400},
        {"no key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400},
        {"no upgrade token", "keep-alive, Upgrade", "keep-alive", 400},
        {"POST", "GET", "POST", 400},
        {"HTTP/1.0", "HTTP/1.1", "HTTP/1.0", 400},
        {"unknown transport", "transport=websocket", "transport=tea", 400},
        {"unknown sid", "transport=websocket", "transport=websocket&sid=abc", 400},
        {"other path", "/socket.io/", "/other", 200},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        std::string head = handshake(kWebSocket);
        if (!row.from.empty()) head.replace(head.find(row.from), row.from.size(), row.to);
        RawClient client(server.port());
        client.send(head);
        const auto response = client.response();
        REQUIRE(response);
        CHECK(response->status == row.status);
        if (row.status == 426) CHECK(response->header("sec-websocket-version") == "13");
        if (row.status == 101) {
            CHECK(response->header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        }
    }
}

TEST_CASE("the first subprotocol that a client offers is accepted") {
    EchoServer server;
    RawClient client(server.port());
    std::string head = handshake(kWebSocket);
    head.insert(head.size() - 2, "Sec-WebSocket-Protocol: chat, superchat\r\n");
    client.send(head);
    CHECK(client.response()->header("sec-websocket-protocol") == "chat");
}

TEST_CASE("handshake and first frame may come in one segment, and frames byte by byte") {
    EchoServer server;
    RawClient client(server.port());
    REQUIRE(client.upgrade(kWebSocket, textMessage("4first")) == 101);
    CHECK(client.frame()->payload.starts_with("0{"));
    CHECK(client.frame()->payload == "4first");
    client.sendByteByByte(textMessage(packet(300, 'x')));
    CHECK(client.frame()->payload == packet(300, 'x'));
}

TEST_CASE("messages of every length form are echoed") {
    EchoServer server;
    OpenSocket client(server);
    for (const std::size_t length : {0, 1, 125, 126, 127, 65'534, 65'535, 65'536, 900'000}) {
        CAPTURE(length);
        const std::string text = packet(length, 'y');
        client.send(textMessage(text));
        const auto echo = client.frame();
        REQUIRE(echo);
        CHECK(echo->op == 1);
        CHECK(echo->payload == text);
        const std::string bytes(length, '\xff');
        client.send(clientFrame(0x82, bytes));
        const auto binary = client.frame();
        REQUIRE(binary);
        CHECK(binary->op == 2);
        CHECK(binary->payload == bytes);
    }
}

TEST_CASE("fragments make one message, with control frames between them") {
    EchoServer server;
    OpenSocket client(server);
    client.send(clientFrame(0x01, "4ab"));
    client.send(clientFrame(0x89, "between"));
    const auto pong = client.frame();
    REQUIRE(pong);
    CHECK(pong->op == 0xA);
    CHECK(pong->payload == "between");
    client.send(clientFrame(0x00, ""));
    client.send(clientFrame(0x8A, "unasked"));
    client.send(clientFrame(0x00, "\xe2\x82"));
    client.send(clientFrame(0x80,
                            "\xac"
                            "e"));
    CHECK(client.frame()->payload ==
          "4ab\xe2\x82\xac"
          "e");
    client.sendByteByByte(clientFrame(0x01, "4x") + clientFrame(0x80, "y") + clientFrame(0x89, ""));
    CHECK(client.frame()->payload == "4xy");
    CHECK(client.frame()->op == 0xA);
}

TEST_CASE("each breach of RFC 6455 fails the connection with its close code") {
    EchoServer server([](Options& options) { options.engineio.maxPayloadBytes = 1000; });
    struct Row {
        const char* name;
        std::string bytes;
        int code;
    };
    const std::string longHead = clientFrame(0x82, std::string(70'000, 'x')).substr(0, 14);
    const std::string paddedLength("\x82\xfe\x00\x05maskabcde", 13);
    const Row rows[] = {
        {"unmasked", clientFrame(0x81, "4a", false), 1002},
        {"RSV1", clientFrame(0xC1, "4a"), 1002},
        {"RSV2", clientFrame(0xA1, "4a"), 1002},
        {"RSV3 on a ping", clientFrame(0x99, ""), 1002},
        {"opcode 3", clientFrame(0x83, ""), 1002},
        {"opcode 7", clientFrame(0x87, ""), 1002},
        {"opcode 11", clientFrame(0x8B, ""), 1002},
        {"opcode 15", clientFrame(0x8F, ""), 1002},
        {"fragmented ping", clientFrame(0x09, "a"), 1002},
        {"fragmented close", clientFrame(0x08, ""), 1002},
        {"ping of 126 bytes", clientFrame(0x89, std::string(126, 'p')), 1002},
        {"continuation of nothing", clientFrame(0x80, "a"), 1002},
        {"new message within one", clientFrame(0x01, "4a") + clientFrame(0x81, "4b"), 1002},
        {"length not in its shortest form", paddedLength, 1002},
        {"length with the highest bit",
         std::string("\x82\xff\x80\0\0\0\0\0\0\0", 10) + std::string(4, 'a'), 1002},
        {"too long, seen in its head", longHead, 1009},
        {"too long over fragments",
         clientFrame(0x02, std::string(600, 'a')) + clientFrame(0x80, std::string(600, 'b')), 1009},
        {"bad UTF-8", clientFrame(0x81, "4\xce\xba\xed\xa0\x80"), 1007},
        {"cut UTF-8", clientFrame(0x81, "4\xe2\x82"), 1007},
        {"bad UTF-8 in a fragment", clientFrame(0x01, "4a") + clientFrame(0x00, "\xff"), 1007},
        {"UTF-8 cut at the last fragment", clientFrame(0x01, "4\xe2") + clientFrame(0x80, "\x82"),
         1007},
        {"bad UTF-8 in a frame still arriving",
         clientFrame(0x81, "4abc\xf4\x90zzzzzzzzzzzzzzzzzzzz").substr(0, 16), 1007},
        {"close with one byte", clientFrame(0x88, "a"), 1002},
        {"close with bad UTF-8", clientFrame(0x88, closePayload(1000, "\xff")), 1007},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        OpenSocket client(server);
        client.send(row.bytes);
        const auto close = client.frame();
        REQUIRE(close);
        CHECK(close->op == 8);
        CHECK(close->closeCode() == row.code);
        CHECK(client.closed());
    }
    CHECK(EchoServer::until(
        [&] { return server.services[0]->closed == static_cast<int>(std::size(rows)); }));
}

TEST_CASE("a close frame is answered with its code, or with 1002 if the code is invalid") {
    EchoServer server;
    for (const int code :
         {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
        CAPTURE(code);
        OpenSocket client(server);
        client.send(clientFrame(0x88, closePayload(code, "bye")) + textMessage("4after"));
        CHECK(client.frame()->closeCode() == code);
        CHECK(client.closed());
    }
    for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65'535}) {
        CAPTURE(code);
        OpenSocket client(server);
        client.send(clientFrame(0x88, closePayload(code)));
        CHECK(client.frame()->closeCode() == 1002);
        CHECK(client.closed());
    }
    OpenSocket client(server);
    client.send(clientFrame(0x88, ""));
    const auto close = client.frame();
    REQUIRE(close);
    CHECK(close->op == 8);
    CHECK(close->payload.empty());
    CHECK(client.closed());
}

TEST_CASE("an upgrade moves a session from polling to WebSocket") {
    EchoServer server;
    RawClient poll(server.port());
    const std::string sid = sidOf(poll.get(kPolling)->body);
    RawClient client(server.port());
    REQUIRE(client.upgrade(kWebSocket + "&sid=" + sid, textMessage("2probe")) == 101);
    CHECK(client.frame()->payload == "3probe");
    CHECK(poll.get(kPolling + "&sid=" + sid)->body == "6");
    client.send(textMessage("5") + textMessage("4hello"));
    CHECK(client.frame()->payload == "4hello");
    CHECK(poll.get(kPolling + "&sid=" + sid)->status == 400);
}

TEST_CASE("a client that breaks off its connection ends its session, and no other") {
    EchoServer server;
    OpenSocket other(server);
    {
        OpenSocket client(server);
        client.send(textMessage("4half").substr(0, 3));
        client.reset();
    }
    CHECK(EchoServer::until([&] { return server.services[0]->closed == 1; }));
    {
        OpenSocket client(server);
        client.endSending();
        CHECK(client.closed());
    }
    CHECK(EchoServer::until([&] { return server.services[0]->closed == 2; }));
    other.send(textMessage("4still here"));
    CHECK(other.frame()->payload == "4still here");
}

TEST_CASE("for a client that pings without reading, one pong waits, not one for each ping") {
    EchoServer server;
    RawClient client(server.port(), false, 4096);
    REQUIRE(client.upgrade(kWebSocket) == 101);
    constexpr int kPings = 120'000;
    const auto numbered = [](int i) {
        std::string payload(125, '.');
        const std::string digits = std::to_string(i);
        return payload.replace(0, digits.size(), digits);
    };
    // Far more than the kernel and the outbox may hold.
    std::string pings;
    for (int i = 0; i < kPings; ++i) pings += clientFrame(0x89, numbered(i));
    client.send(pings + textMessage("4and then"));

    int pongs = 0;
    int last = -1;
    std::string said;
    while (said != "4and then") {
        const auto frame = client.frame();
        REQUIRE(frame);
        if (frame->op == 0xA) {
            const int number = std::stoi(frame->payload);
            REQUIRE(number > last);
            last = number;
            ++pongs;
        } else {
            said = frame->payload;
        }
    }
    CHECK(last == kPings - 1);
    CHECK(pongs < kPings);
    CHECK(server.server->counters().slowClientsClosed == 0);
}
