#include <parley/socketio/packet.h>

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::socketio;

namespace {

std::string repeated(std::string_view head, std::string_view text, int times) {
    std::string out(head);
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

}  // namespace

TEST_CASE("packets are read into type, attachments, namespace, id and data") {
    struct Row {
        const char* text;
        PacketType type;
        const char* nsp;
        std::optional<std::uint64_t> id;
        const char* data;
        int attachments = 0;
    };
    const Row rows[] = {
        {"0", PacketType::connect, "/", {}, "null"},
        {R"(0{"token":"123"})", PacketType::connect, "/", {}, R"({"token":"123"})"},
        {"0/custom,", PacketType::connect, "/custom", {}, "null"},
        {"0/random", PacketType::connect, "/random", {}, "null"},
        {R"(0/custom,{"a":1})", PacketType::connect, "/custom", {}, R"({"a":1})"},
        {"0/a?b=c,", PacketType::connect, "/a?b=c", {}, "null"},
        {"0/,", PacketType::connect, "/", {}, "null"},
        {"1", PacketType::disconnect, "/", {}, "null"},
        {"1/custom", PacketType::disconnect, "/custom", {}, "null"},
        {"1/custom,", PacketType::disconnect, "/custom", {}, "null"},
        {R"(2["a"])", PacketType::event, "/", {}, R"(["a"])"},
        {R"(2["a",1,"2",{"3":[true]}])", PacketType::event, "/", {}, R"(["a",1,"2",{"3":[true]}])"},
        {R"(2/admin,7["a"])", PacketType::event, "/admin", 7, R"(["a"])"},
        {R"(20["a"])", PacketType::event, "/", 0, R"(["a"])"},
        {"2[1]", PacketType::event, "/", {}, "[1]"},
        {R"(2["a",1e999])", PacketType::event, "/", {}, R"(["a",1e+308])"},
        {R"(20[-2.5,"a"])", PacketType::event, "/", 0, R"([-2.5,"a"])"},
        {R"(218446744073709551615["a"])", PacketType::event, "/", 18446744073709551615U,
         R"(["a"])"},
        {R"(2["",{"_placeholder":true,"num":9}])",
         PacketType::event,
         "/",
         {},
         R"(["",{"_placeholder":true,"num":9}])"},
        {"312[]", PacketType::ack, "/", 12, "[]"},
        {"3/n,0[1]", PacketType::ack, "/n", 0, "[1]"},
        {R"(4{"message":"no"})", PacketType::connectError, "/", {}, R"({"message":"no"})"},
        {R"(51-["a",{"_placeholder":true,"num":0}])",
         PacketType::binaryEvent,
         "/",
         {},
         R"(["a",{"_placeholder":true,"num":0}])",
         1},
        {R"(52-/n,789["a",[{"_placeholder":true,"num":1}]])", PacketType::binaryEvent, "/n", 789,
         R"(["a",[{"_placeholder":true,"num":1}]])", 2},
        {R"(50-["a"])", PacketType::binaryEvent, "/", {}, R"(["a"])", 0},
        {R"(61-4[{"_placeholder":true,"num":0}])", PacketType::binaryAck, "/", 4,
         R"([{"_placeholder":true,"num":0}])", 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const auto packet = decodePacket(row.text);
        REQUIRE(packet);
        CHECK(packet->type == row.type);
        CHECK(packet->nsp == row.nsp);
        CHECK(packet->id == row.id);
        CHECK(packet->data.dump() == row.data);
        CHECK(packet->attachments == row.attachments);
        CHECK(packet->binary.empty());
    }
}

TEST_CASE("malformed packets are refused") {
    const std::string rows[] = {
        "",
        "abc",
        "7",
        "9[]",
        "/",
        "0[]",
        "0\"text\"",
        "05",
        "05{}",
        "0{",
        "1{}",
        "1[]",
        "17",
        "2",
        "2{}",
        "2[]",
        "2[null]",
        "2[[\"a\"]]",
        "2\"a\"",
        "2[\"a\"",
        "2[\"a\"]x",
        "2[\"a\"]]",
        "2 [\"a\",]",
        "2abc[\"a\"]",
        "2-1[\"a\"]",
        "2+1[\"a\"]",
        "2/n[\"a\"]",
        "2[\"connect\"]",
        "2[\"connect_error\"]",
        "2[\"disconnect\"]",
        "2[\"disconnecting\"]",
        "2[\"newListener\"]",
        "2[\"removeListener\"]",
        "218446744073709551616[\"a\"]",
        "2[\"a\xff\"]",
        "2[\"a\",NaN]",
        "3[]",
        "31{}",
        "31",
        "4",
        "4[]",
        "5[\"a\"]",
        "5-[\"a\"]",
        "5-1-[\"a\"]",
        "51[\"a\"]",
        "51",
        "51-",
        "51x-[\"a\"]",
        "565-[\"a\"]",
        "599999999999-[\"a\"]",
        "50-[\"connect\"]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":1}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":-1}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":0.5}]",
        "51-[\"a\",{\"_placeholder\":true}]",
        "51-[\"a\",[{\"b\":{\"_placeholder\":true,\"num\":7}}]]",
        "60-[]",
        "61-[]",
        "0/a\x01,",
        "0/a\xff,",
    };
    for (const std::string& text : rows) {
        CAPTURE(text);
        CHECK_FALSE(decodePacket(text));
    }
}

TEST_CASE("a packet's contents are bounded, and the bound itself is allowed") {
    PacketLimits limits;
    limits.depthMax = 3;
    limits.argumentsMax = 3;
    limits.keysMax = 2;
    limits.attachmentsMax = 2;
    limits.namespaceBytesMax = 4;
    struct Row {
        const char* good;
        const char* bad;
    };
    const Row rows[] = {
        {R"(2["a",[[]]])", R"(2["a",[[[]]]])"},
        {R"(2["a",1,2])", R"(2["a",1,2,3])"},
        {R"(2["a",{"b":1,"c":",,,{[\","}])", R"(2["a",{"b":1,"c":2,"d":3}])"},
        {R"(2["a",{"b":[1,2,3,4],"c":2}])", R"(2["a",{"b":[1],"c":2,"d":3}])"},
        {R"(52-["a"])", R"(53-["a"])"},
        {R"(2/abc,["a"])", R"(2/abcd,["a"])"},
        {R"(31[1,2,3])", R"(31[1,2,3,4])"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.good, row.bad);
        CHECK(decodePacket(row.good, limits));
        CHECK_FALSE(decodePacket(row.bad, limits));
    }
}

TEST_CASE("deep nesting and huge objects are refused before they are parsed") {
    CHECK_FALSE(decodePacket(repeated("2[\"a\",", "[", 100'000)));
    CHECK_FALSE(decodePacket(repeated("2[\"a\",", "{\"b\":", 100'000)));
    CHECK_FALSE(decodePacket(repeated("2[\"a\",{", "\"b\":0,", 200'000) + "\"b\":0}]"));
    CHECK_FALSE(decodePacket(repeated("2", "]", 1000)));
}

TEST_CASE("a head holds type, attachments, namespace and id") {
    struct Row {
        PacketType type;
        const char* nsp;
        std::optional<std::uint64_t> id;
        int attachments;
        const char* head;
    };
    const Row rows[] = {
        {PacketType::connect, "/", {}, 0, "40"},
        {PacketType::connect, "/custom", {}, 0, "40/custom,"},
        {PacketType::disconnect, "/n", {}, 0, "41/n,"},
        {PacketType::event, "/", {}, 0, "42"},
        {PacketType::event, "/", 13, 0, "4213"},
        {PacketType::ack, "/", 456, 0, "43456"},
        {PacketType::ack, "/n", 18446744073709551615U, 0, "43/n,18446744073709551615"},
        {PacketType::connectError, "/random", {}, 0, "44/random,"},
        {PacketType::binaryEvent, "/", {}, 2, "452-"},
        {PacketType::binaryAck, "/", 789, 2, "462-789"},
        {PacketType::binaryAck, "/n", 0, 1, "461-/n,0"},
    };
    for (const Row& row : rows) {
        std::string out;
        appendPacketHead(out, row.type, row.nsp, row.id, row.attachments);
        CHECK(out == row.head);
    }
}
