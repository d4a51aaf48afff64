#include "net/port_owner.h"

#include "net/acceptor.h"

#include <catch2/catch.hpp>

#include <sstream>
#include <unistd.h>

using namespace parley;
using namespace parley::net;

TEST_CASE("the sockets that listen on a port are found in the kernel's table") {
    std::istringstream table(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
        "timeout "
        "inode\n"
        "   0: 0100007F:0DAC 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        "
        "0 "
        "4711 1 0000000000000000 100 0 0 10 0\n"
        "   1: 0100007F:0DAC 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        "
        "0 "
        "4712 1 0000000000000000 100 0 0 10 0\n"
        "   2: 0100007F:0DAD 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        "
        "0 "
        "4713 1 0000000000000000 100 0 0 10 0\n"
        "   3: 00000000000000000000000001000000:0DAC 00000000000000000000000000000000:0000 0A "
        "00000000:00000000 00:00000000 00000000     0        0 4714 1\n"
        "nonsense\n");
    CHECK(listeningOn(table, 3500) == std::set<std::uint64_t>{4711, 4714});
}

TEST_CASE("a server that finds its port taken says by which process") {
    auto first = listenOn("127.0.0.1", 0);
    REQUIRE(first.ok());
    const auto port = first->front().address().port();
    const std::string pid = "pid " + std::to_string(::getpid()) + " (";
    const auto found = processListeningOn(port);
    REQUIRE(found);
    CHECK(found->starts_with(pid));

    const auto second = listenOn("127.0.0.1", port);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == ErrorCode::address_in_use);
    CHECK(second.error().message.find("is in use by " + pid) != std::string::npos);

    first->front().close();
    CHECK_FALSE(processListeningOn(port));
}
