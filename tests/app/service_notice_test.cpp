// What a service manager hears, at a socket of the test's own.
#include "app/service_notice.h"

#include "support/temp_folder.h"

#include <catch2/catch.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstring>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace parley::app;
using std::chrono::milliseconds;

namespace {

/// The manager's end.
class Manager {
public:
    Manager() { comeBack(); }
    ~Manager() { leave(); }

    void comeBack() {
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
        REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    }
    void leave() {
        ::close(socket_);
        ::unlink(path().c_str());
    }

    std::string path() const { return folder_ / "notify"; }
    std::string variable() const { return "NOTIFY_SOCKET=" + path(); }

    /// The next datagram; "" if none comes within `atMost`.
    std::string hear(milliseconds atMost = milliseconds(30'000)) const {
        pollfd waiting{socket_, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(atMost.count())) <= 0) return "";
        char text[512];
        const auto length = ::recv(socket_, text, sizeof text, 0);
        return length < 0 ? "" : std::string(text, static_cast<std::size_t>(length));
    }

private:
    TempFolder folder_;
    int socket_ = -1;
};

}  // namespace

TEST_CASE("the manager hears of a start, a reload and a stop in the words of sd_notify") {
    const Manager manager;
    const ServiceNotice notice({"HOME=/", manager.variable()});
    notice.ready("listening on http://localhost:3500");
    CHECK(manager.hear() == "READY=1\nSTATUS=listening on http://localhost:3500");
    notice.reloading();
    CHECK(manager.hear().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    notice.stopping(milliseconds(3'620'000));
    CHECK(manager.hear() == "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=3620000000");
    CHECK_FALSE(notice.watchdog());
}

TEST_CASE("a state waits for a manager whose queue is full, and a sign of life does not") {
    const Manager manager;
    const ServiceNotice notice({manager.variable()});
    int filled = 0;
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, manager.path().c_str(), sizeof address.sun_path - 1);
        const int other = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        while (::sendto(other, "x", 1, 0, reinterpret_cast<sockaddr*>(&address), sizeof address) ==
               1) {
            ++filled;
        }
        ::close(other);
    }
    REQUIRE(filled > 0);
    notice.alive();  // lost: the next one comes soon
    std::thread starting([&] { notice.ready("listening"); });
    for (int i = 0; i < filled; ++i) CHECK(manager.hear() == "x");
    const std::string heard = manager.hear();
    starting.join();
    CHECK(heard == "READY=1\nSTATUS=listening");
}

TEST_CASE("without a manager, or with one that has gone, nothing is told and nothing fails") {
    ServiceNotice({}).ready("");
    ServiceNotice({"NOTIFY_SOCKET="}).ready("");
    ServiceNotice({"NOTIFY_SOCKET=vsock:2:1"}).ready("");
    ServiceNotice({"NOTIFY_SOCKET=/" + std::string(200, 'x')}).ready("");
    ServiceNotice({"NOTIFY_SOCKET=/nowhere/at/all"}).ready("");
    CHECK_FALSE(ServiceNotice({"WATCHDOG_USEC=20000"}).watchdog());
}

TEST_CASE("a manager that has gone is logged once, and again after it came back") {
    std::ostringstream log;
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "notices", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
    const auto timesLogged = [&](const std::string& name) {
        int times = 0;
        const std::string text = log.str();
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
            ++times;
        }
        return times;
    };
    Manager manager;
    const ServiceNotice notice({manager.variable()});
    manager.leave();
    for (int i = 0; i < 3; ++i) notice.alive();
    CHECK(timesLogged("notify_failed") == 1);
    CHECK(timesLogged("notify_works") == 0);
    manager.comeBack();
    for (int i = 0; i < 3; ++i) notice.alive();
    CHECK(manager.hear() == "WATCHDOG=1");
    CHECK(timesLogged("notify_works") == 1);
    manager.leave();
    for (int i = 0; i < 3; ++i) notice.alive();
    CHECK(timesLogged("notify_failed") == 2);
    spdlog::set_default_logger(before);
}

TEST_CASE("an abstract socket is one, behind its @") {
    const std::string name = "parley-notice-test-" + std::to_string(::getpid());
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path + 1);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), length) == 0);
    ServiceNotice({"NOTIFY_SOCKET=@" + name}).alive();
    char text[32];
    CHECK(::recv(socket, text, sizeof text, 0) == 10);
    CHECK(std::string_view(text, 10) == "WATCHDOG=1");
    ::close(socket);
}

TEST_CASE("the watchdog's span counts for the process that it names") {
    const Manager manager;
    const auto spanFor = [&](const std::string& pid, const std::string& span) {
        return ServiceNotice({manager.variable(), "WATCHDOG_PID=" + pid, "WATCHDOG_USEC=" + span})
            .watchdog();
    };
    const std::string self = std::to_string(::getpid());
    CHECK(spanFor(self, "60000000") == milliseconds(60'000));
    CHECK_FALSE(spanFor("1", "60000000"));
    CHECK_FALSE(spanFor(self, "soon"));
    CHECK_FALSE(spanFor(self, "0"));
    CHECK(ServiceNotice({manager.variable(), "WATCHDOG_USEC=20000"}).watchdog() ==
          milliseconds(20));
}

TEST_CASE("the watchdog is fed while the writer's loop comes round, and starves while it hangs") {
    const Manager manager;
    const ServiceNotice notice({manager.variable(), "WATCHDOG_USEC=40000"});
    std::atomic<std::uint64_t> turns{7};
    std::atomic<std::uint64_t> looks{0};
    std::atomic<bool> hangs{false};
    const Watchdog watchdog(notice, [&]() -> std::uint64_t {
        ++looks;
        return hangs ? turns.load() : ++turns;
    });
    CHECK(manager.hear() == "WATCHDOG=1");
    CHECK(manager.hear() == "WATCHDOG=1");
    hangs = true;
    // A look at a number may be under way, and what it says on its way.
    const auto awaitLooks = [&](std::uint64_t more) {
        for (const auto until = looks + more; looks < until;) ::usleep(1000);
    };
    awaitLooks(3);
    while (!manager.hear(milliseconds(0)).empty()) {
    }
    awaitLooks(5);
    CHECK(manager.hear(milliseconds(0)).empty());
    hangs = false;
    CHECK(manager.hear() == "WATCHDOG=1");
}
