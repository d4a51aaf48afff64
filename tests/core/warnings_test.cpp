#include <parley/core/warnings.h>

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE("a warning shows its newest text until it is taken back") {
    Warnings warnings;
    CHECK(warnings.lines().empty());
    warnings.raise("second", "two");
    warnings.raise("first", "one");
    warnings.raise("second", "two, and for longer");
    CHECK(warnings.lines() ==
          std::vector<Warnings::Line>{{"first", "one"}, {"second", "two, and for longer"}});
    warnings.clear("first");
    warnings.clear("first");
    CHECK(warnings.lines() == std::vector<Warnings::Line>{{"second", "two, and for longer"}});
}
