#include <parley/core/try.h>

#include <catch2/catch.hpp>

#include <memory>

namespace parley {
namespace {

Result<std::unique_ptr<int>> make(bool good) {
    if (!good) return Error{ErrorCode::not_found, "none"};
    return std::make_unique<int>(7);
}

Result<void> pass(bool good) {
    PARLEY_TRY(make(good));
    return {};
}

Result<int> both(bool first, bool second) {
    PARLEY_TRY_ASSIGN(const auto one, make(first));
    PARLEY_TRY_ASSIGN(const auto two, make(second));
    return *one + *two;
}

}  // namespace

TEST_CASE("an error is forwarded as it is") {
    CHECK(pass(true));
    REQUIRE_FALSE(pass(false));
    CHECK(pass(false).error().code == ErrorCode::not_found);
    CHECK(pass(false).error().message == "none");
    CHECK_FALSE(both(true, false));
    CHECK_FALSE(both(false, true));
}

TEST_CASE("a value is moved into the declaration") {
    CHECK(*both(true, true) == 14);
}

}  // namespace parley
