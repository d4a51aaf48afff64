#include "fleet.h"

#include "clock.h"

namespace parley::bench {
namespace {

constexpr std::size_t openingMax = 64;

}  // namespace

Fleet::Fleet(const Options& options, std::size_t connections)
    : options_(options), prefix_("bench-" + options.run + "-"), connections_(connections) {}

void Fleet::open() {
    const auto done = [&] {
        while (failure_.empty() && started_ < size() && started_ - open_ < openingMax) {
            const std::size_t index = started_++;
            connections_[index] = std::make_unique<Connection>(loop_, *this, options_, index);
        }
        return open_ == size() || !failure_.empty();
    };
    const bool inTime = loop_.runUntil(nowNs() + secondsToNs(options_.setupSeconds), done);
    if (!failure_.empty()) throw CannotRun(failure_);
    if (!inTime) {
        throw CannotRun("only " + std::to_string(open_) + " of " + std::to_string(size()) +
                        " connections were open in time");
    }
}

std::string Fleet::joinRoomEvent(std::size_t room, std::size_t user) const {
    return R"(["join_room",{"conversationId":")" + conversation(room) + R"(","userId":"u)" +
           std::to_string(user) + R"(","userRole":"cx-agent"}])";
}

void Fleet::onReady(Connection& connection) {
    const std::string event = joinEvent(connection.index());
    if (event.empty()) return opened();
    connection.request(joinAckId, event);
}

void Fleet::onEvent(Connection& connection, std::string_view json) {
    handleEvent(connection.index(), json);
}

void Fleet::onAck(Connection& connection, std::uint64_t ackId, std::string_view json) {
    if (ackId != joinAckId) return handleReply(connection.index(), ackId, json);
    if (json.find("\"success\":true") == std::string_view::npos) {
        failure_ = "joining was refused: " + std::string(json.substr(0, 400));
        return;
    }
    opened();
}

void Fleet::onLost(Connection& connection, const std::string& why) {
    if (open_ < size()) {
        failure_ = "connection " + std::to_string(connection.index()) + ": " + why;
        return;
    }
    handleLost(connection.index(), why);
}

void Fleet::opened() {
    ++open_;
}

}  // namespace parley::bench
