#include <parley/log/lock_holder.h>

#include <catch2/catch.hpp>

#include <sstream>
#include <sys/sysmacros.h>

using namespace parley;

namespace {

constexpr const char* kLocks =
    "1: POSIX  ADVISORY  READ 10 fe:01:131 123 123\n"
    "2: POSIX  ADVISORY  WRITE 11 08:02:131 120 120\n"
    "3: POSIX  ADVISORY  WRITE 12 fe:01:131 120 122\n"
    "3: -> POSIX  ADVISORY  WRITE 13 fe:01:131 120 120\n"
    "4: FLOCK  ADVISORY  WRITE 14 fe:01:132 0 EOF\n"
    "5: OFDLCK ADVISORY  WRITE -1 fe:01:133 0 EOF\n"
    "6: POSIX  ADVISORY  WRITE 15 fe:01:134 0 EOF\n"
    "7: POSIX  ADVISORY\n"
    "nonsense\n";

std::optional<pid_t> find(LockSought::Kind kind, dev_t device, ino_t inode, std::int64_t byte) {
    std::istringstream locks(kLocks);
    return pidOfWriter(locks, {kind, device, inode, byte});
}

}  // namespace

TEST_CASE("the writer of a byte is found by device, inode and range") {
    using enum LockSought::Kind;
    const dev_t here = makedev(0xfe, 1);
    CHECK(find(posix, here, 131, 120) == 12);
    CHECK(find(posix, makedev(8, 2), 131, 120) == 11);
    CHECK(find(posix, here, 131, 122) == 12);
    CHECK(find(posix, here, 131, 123) == std::nullopt);  // held for reading
    CHECK(find(posix, here, 134, 4711) == 15);
    CHECK(find(flock, here, 132, 0) == 14);
    CHECK(find(posix, here, 132, 0) == std::nullopt);
}

TEST_CASE("a lock without a pid in sight has no known holder") {
    CHECK(find(LockSought::Kind::posix, makedev(0xfe, 1), 133, 0) == std::nullopt);
    CHECK(find(LockSought::Kind::posix, makedev(0xfe, 1), 999, 120) == std::nullopt);
}

TEST_CASE("where a file system shows another device, the inode alone decides") {
    CHECK(find(LockSought::Kind::flock, makedev(0, 77), 132, 0) == 14);
}
