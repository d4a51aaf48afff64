#include <parley/core/random.h>
#include <parley/gateway/calls/quick_request.h>
#include <parley/socketio/packet.h>

#include <catch2/catch.hpp>

#include <string>
#include <tuple>
#include <vector>

using namespace parley;

namespace {

using Read = std::optional<QuickRequest>;

// What the general way makes of a packet; nothing where it refuses it.
Read readTheGeneralWay(const std::string& packet) {
    const auto decoded = socketio::decodePacket(packet);
    if (!decoded || decoded->type != socketio::PacketType::event) return std::nullopt;
    const auto request = parseWireRequest(decoded->data[0].get<std::string>());
    if (!request || decoded->data.size() < 2) return std::nullopt;
    const Json& body = decoded->data[1];
    const auto made = [&](auto parsed) -> Read {
        if (!parsed) return std::nullopt;
        return QuickRequest{*request, decoded->id, std::move(parsed).value()};
    };
    switch (*request) {
        case WireRequest::sendMessage: return made(parseSendMessage(body));
        case WireRequest::typingStart: return made(parseStartTyping(body));
        case WireRequest::typingStop: return made(parseStopTyping(body));
        case WireRequest::getMessages: return made(parseGetMessages(body));
        default: return std::nullopt;
    }
}

bool same(const SendMessage& a, const SendMessage& b) {
    const auto all = [](const SendMessage& m) {
        return std::tie(m.conversation, m.from, m.fromRole, m.content, m.type, m.toRole,
                        m.isVisible, m.clientMessageId, m.expectedSeq);
    };
    return all(a) == all(b);
}

bool same(const Command& a, const Command& b) {
    if (a.index() != b.index()) return false;
    if (const auto* send = std::get_if<SendMessage>(&a)) {
        return same(*send, std::get<SendMessage>(b));
    }
    if (const auto* start = std::get_if<StartTyping>(&a)) {
        const auto& other = std::get<StartTyping>(b);
        return std::tie(start->conversation, start->user, start->userName) ==
               std::tie(other.conversation, other.user, other.userName);
    }
    const auto& stop = std::get<StopTyping>(a);
    const auto& other = std::get<StopTyping>(b);
    return std::tie(stop.conversation, stop.user) == std::tie(other.conversation, other.user);
}

bool same(const HistoryRequest& a, const HistoryRequest& b) {
    const auto all = [](const HistoryRequest& r) {
        return std::tie(r.conversation, r.page.limit, r.page.offset, r.page.before, r.page.after);
    };
    return all(a) == all(b);
}

bool same(const QuickRequest& a, const QuickRequest& b) {
    if (a.request != b.request || a.ackId != b.ackId || a.body.index() != b.body.index()) {
        return false;
    }
    if (const auto* command = std::get_if<Command>(&a.body)) {
        return same(*command, std::get<Command>(b.body));
    }
    return same(std::get<HistoryRequest>(a.body), std::get<HistoryRequest>(b.body));
}

class Packets {
public:
    explicit Packets(std::uint64_t seed) : random_(seed) {}

    std::string next() {
        std::string packet = "2" + pick({"", "0", "7", "12345", "00", "18446744073709551615"});
        packet += "[\"" + pick({"send_message", "send_message", "send_message", "typing_start",
                                "typing_stop", "get_messages", "join_room", "nonsense"});
        packet += rare() ? "\", " : "\",";
        packet += object();
        if (rare()) packet += ",1";
        packet += ']';
        if (rare()) packet += ' ';
        if (below(6) == 0) packet[below(packet.size())] = static_cast<char>(below(256));
        return packet;
    }

private:
    std::size_t below(std::size_t bound) {
        std::uint8_t bytes[4];
        random_.fill(bytes);
        const std::size_t value = static_cast<std::size_t>(bytes[0]) << 16 |
                                  static_cast<std::size_t>(bytes[1]) << 8 | bytes[2];
        return value % bound;
    }
    bool rare() { return below(12) == 0; }
    std::string pick(const std::vector<std::string>& all) { return all[below(all.size())]; }

    std::string object() {
        std::string out = "{";
        std::vector<std::string> names{"conversationId", "content"};
        if (below(3) != 0) names.insert(names.end(), {"userId", "userName"});
        for (const char* name : {"fromUserId", "fromRole", "type", "messageType", "toRole",
                                 "isVisible", "clientMessageId", "expectedSeq", "limit", "offset",
                                 "before", "after", "unknown", "conversationId"}) {
            if (below(4) == 0) names.emplace_back(name);
        }
        for (const auto& name : names) {
            if (out.size() > 1) out += ',';
            out += '"' + name + (rare() ? "\" :" : "\":") + value(name);
        }
        return out + "}";
    }

    std::string value(const std::string& name) {
        if (rare()) {
            return pick({"null", "true", "1.5", "1.0", "1e0", "-0", "01", "1e3", "[]", "{}", "\"\"",
                         "-7", "99999999999999999999", "\"\\u0000\"", "\"\\ud83d\"", "\"\\x\"",
                         "\"" + std::string(129, 'x') + "\"", "\"a\tb\"", "\"\xff\""});
        }
        if (name.find("ole") != std::string::npos) {
            return pick({"\"cx-customer\"", "\"cx-agent\"", "\"robot\"", "\"chef\""});
        }
        if (name == "type" || name == "messageType") return pick({"\"text\"", "\"robot\""});
        if (name == "isVisible") return pick({"true", "false"});
        if (name == "expectedSeq" || name == "limit" || name == "offset" || name == "before" ||
            name == "after") {
            return pick({"0", "1", "50", "100", "101", "123456789012345", "1234567890123456"});
        }
        return pick({"\"c-1\"", "\"hello\"", "\"a \\\"quoted\\\" word\\n\"", "\"\\u00e9\\u4e2d\"",
                     "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80 \xd7\xa9\"",
                     "\"\\/\\b\\f\\r\\t\\\\\""});
    }

    SeededRandom random_;
};

}  // namespace

TEST_CASE("the quick path reads requests exactly like the general path") {
    Packets packets(7);
    int quick = 0;
    int onlyGeneral = 0;
    for (int i = 0; i < 80'000; ++i) {
        const std::string packet = packets.next();
        const auto read = readQuickRequest(packet);
        const auto expected = readTheGeneralWay(packet);
        if (!read) {
            onlyGeneral += expected ? 1 : 0;
            continue;
        }
        ++quick;
        if (!expected || !same(*read, *expected)) {
            CAPTURE(packet);
            REQUIRE(expected);
            REQUIRE(same(*read, *expected));
        }
    }
    CHECK(quick > 3'000);
    CHECK(onlyGeneral > 100);
}

TEST_CASE("the usual requests are read quickly") {
    for (const char* packet : {
             R"(2["send_message",{"conversationId":"c","content":"hi"}])",
             R"(217["send_message",{"conversationId":"c","fromUserId":"u","fromRole":"cx-agent",)"
             R"("content":"two\nlines","type":"text","isVisible":true,"clientMessageId":"m1"}])",
             R"(20["typing_start",{"conversationId":"c","userId":"u","userName":"U"}])",
             R"(21["typing_stop",{"conversationId":"c","userId":"u"}])",
             R"(22["get_messages",{"conversationId":"c","limit":50,"offset":0}])",
         }) {
        CAPTURE(packet);
        const auto read = readQuickRequest(packet);
        REQUIRE(read);
        const auto expected = readTheGeneralWay(packet);
        REQUIRE(expected);
        CHECK(same(*read, *expected));
    }
}

TEST_CASE("the beginning of a packet says what it asks for, whatever follows") {
    for (const char* body : {"{}]", "{\"content\":", "\xff\xff", ""}) {
        const std::string text = std::string("217[\"send_message\",") + body;
        const auto head = readQuickHead(text);
        REQUIRE(head);
        CHECK(head->request == WireRequest::sendMessage);
        CHECK(head->ackId == std::optional<std::uint64_t>{17});
        CHECK(head->rest == body);
    }
    const auto join = readQuickHead("2[\"join_room\",{}]");
    REQUIRE(join);
    CHECK(join->request == WireRequest::joinRoom);
    CHECK_FALSE(join->ackId);
    for (const char* text : {"", "2", "2[", "2[]", "3[\"send_message\",", "2[\"send_message\"]",
                             "2[\"no_such_request\",{}]", "2[ \"send_message\",{}]",
                             "2/,[\"send_message\",{}]", "51-[\"send_message\",{}]"}) {
        CAPTURE(text);
        CHECK_FALSE(readQuickHead(text));
    }
}
