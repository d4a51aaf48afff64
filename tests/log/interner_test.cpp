#include <parley/core/clock.h>
#include <parley/core/limits.h>
#include <parley/log/database.h>
#include <parley/log/interner.h>
#include <parley/log/migrations.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace parley;

namespace {

UserId user(std::size_t i) {
    return UserId::fromStored("u" + std::to_string(i));
}

}  // namespace

TEST_CASE("more ids than the interner remembers keep their numbers, and it never remembers more") {
    auto db = Database::openInMemory().value();
    REQUIRE(migrate(*db, ManualClock()).ok());
    UserInterner interner(db->sqlite(), "user_key", limits::kInternedIdsCachedMax);
    constexpr std::size_t kBeyond = 10;
    std::vector<UserKey> keys;
    std::size_t most = 0;
    REQUIRE(db->begin().ok());
    for (std::size_t i = 0; i < limits::kInternedIdsCachedMax + kBeyond; ++i) {
        keys.push_back(interner.intern(user(i)));
        most = std::max(most, interner.remembered());
    }
    REQUIRE(db->commit().ok());
    CHECK(most == limits::kInternedIdsCachedMax);
    CHECK(interner.remembered() == kBeyond);

    // Forgotten, not lost: by asking and by interning anew.
    for (const std::size_t i : {std::size_t{0}, limits::kInternedIdsCachedMax - 1,
                                limits::kInternedIdsCachedMax, keys.size() - 1}) {
        CHECK(interner.find(user(i)) == keys[i]);
        CHECK(interner.intern(user(i)) == keys[i]);
    }
    CHECK(interner.intern(user(keys.size())).value == keys.back().value + 1);
    CHECK(db->sqlite().execAndGet("SELECT count(*) FROM user_key").getInt64() ==
          static_cast<std::int64_t>(keys.size()) + 1);
}
