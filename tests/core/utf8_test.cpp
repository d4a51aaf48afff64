#include <parley/core/utf8.h>

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE(
    "characters that hide or reorder the text around them are found, their neighbours are not") {
    for (const char* deceptive :
         {"\xc2\x80", "a\xc2\x9f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa", "x\xe2\x80\xae",
          "\xe2\x81\xa6", "\xe2\x81\xa9"}) {
        CHECK(hasDeceptiveCharacter(deceptive));
    }
    for (const char* plain : {"", "abc", "\xc2\xa0", "\xc3\x80", "\xe2\x80\xa7", "\xe2\x80\xaf",
                              "\xe2\x81\xa5", "\xe2\x81\xaa", "\xe4\xb8\x80", "\xf0\x9f\x91\x8b",
                              "\xd9\x85\xd8\xb3\xd8\xaa\xd8\xae\xd8\xaf\xd9\x85"}) {
        CHECK_FALSE(hasDeceptiveCharacter(plain));
    }
}
