#include "auth/base64url_decode.h"

#include "auth/mint.h"

#include <catch2/catch.hpp>

using namespace parley::auth;

TEST_CASE("every text of bytes has one spelling in base64url") {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        CHECK(decodeBase64Url(mint::base64Url(bytes)) == bytes);
        bytes += static_cast<char>(i * 37 + 1);
    }
    int spellings = 0;
    for (const char a : parley::kBase64Url) {
        for (const char b : parley::kBase64Url) {
            if (decodeBase64Url(std::string{a, b})) ++spellings;
        }
    }
    CHECK(spellings == 256);
}

TEST_CASE("what is not canonical is not decoded") {
    for (const char* text :
         {"A", "AAAAA", "AB", "AAB", "AA==", "AA=", "A A", "AA\n", "+/AA", "AA.A", "\xC3\xA4"}) {
        CAPTURE(text);
        CHECK_FALSE(decodeBase64Url(text));
    }
    CHECK(decodeBase64Url("") == "");
    CHECK_FALSE(decodeBase64Url(std::string_view("AA\0A", 4)));
}
