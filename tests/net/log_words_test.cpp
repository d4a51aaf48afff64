#include "net/log_words.h"

#include <catch2/catch.hpp>

#include <string>

using namespace parley::net;

TEST_CASE("the log names hosts, and of addresses only their networks") {
    CHECK(hostForLog("chat.example") == "chat.example");
    CHECK(hostForLog("chat.example:8080") == "chat.example:8080");
    CHECK(hostForLog("203.0.113.77:3500") == "203.0.113.0/24:3500");
    CHECK(hostForLog("[2001:db8:7:8::9]:3500") == "[2001:db8:7::/48]:3500");
    CHECK(hostForLog("[::ffff:203.0.113.77]") == "[::/48]");
    for (const auto* other : {"", "anna@chat.example", "a b", "[203.0.113.77]", "chat.example/anna",
                              "2001:db8:7:8::9", "chat.example:x"}) {
        CHECK(hostForLog(other) == "?");
    }
}

TEST_CASE("the log names no address that is written in another way") {
    CHECK(hostForLog("203.0.113.77.") == "203.0.113.0/24");
    CHECK(originForLog("http://203.0.113.77.:5173") == "http://203.0.113.0/24:5173");
    for (const std::string other :
         {"3405803853", "3405803853.", "3405803853:8080", "0xcb00714d", "0XCB00714D",
          "031300070515", "203.0.29005", "203.0.0x714d", "0xcb.0.0x71.0x4d", "0313.0.0161.0115",
          "203.000.113.077", "203.0.113.77.0x", "1.203.0.113.77"}) {
        CHECK(hostForLog(other) == "?");
        CHECK(originForLog("http://" + other) == "?");
    }
    for (const auto* name :
         {"cafe.be", "0xcb00714d.example", "chat2.", "0xg", "x", "v4.2b", "203-0-113.example"}) {
        CHECK(hostForLog(name) == name);
    }
}

TEST_CASE("the log names origins without their secrets") {
    CHECK(originForLog("https://shop.example") == "https://shop.example");
    CHECK(originForLog("http://203.0.113.77:5173") == "http://203.0.113.0/24:5173");
    CHECK(originForLog("null") == "null");
    for (const auto* other : {"", "https://anna:secret@shop.example", "https://shop.example/secret",
                              "anna secret://shop.example", "shop.example", "https://"}) {
        CHECK(originForLog(other) == "?");
    }
}
