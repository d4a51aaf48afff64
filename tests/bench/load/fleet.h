#pragma once

#include "connection.h"
#include "loop.h"
#include "options.h"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace parley::bench {

/// The run could not start or finish (exit status 2); this says nothing about deliveries.
struct CannotRun : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Many connections that are opened a few at a time, each optionally joining something. Base of the
/// scenarios; a scenario defines what to join and how to handle events and replies.
class Fleet : public ConnectionHandler {
public:
    Fleet(const Options& options, std::size_t connections);

    /// Opens all connections and lets them join. Throws CannotRun if one fails or time runs out.
    void open();

protected:
    /// The first request of a new connection, empty if it needs none.
    virtual std::string joinEvent(std::size_t index) const = 0;
    virtual void handleEvent(std::size_t index, std::string_view json) = 0;
    virtual void handleReply(std::size_t index, std::uint64_t ackId, std::string_view json) = 0;
    /// A connection ended while the scenario was running.
    virtual void handleLost(std::size_t index, const std::string& why) = 0;

    Connection& connection(std::size_t index) { return *connections_[index]; }
    std::size_t size() const { return connections_.size(); }

    /// A conversation of this run.
    std::string conversation(std::size_t room) const { return prefix_ + std::to_string(room); }
    const std::string& conversationPrefix() const { return prefix_; }
    std::string joinRoomEvent(std::size_t room, std::size_t user) const;

    const Options& options_;
    Loop loop_;

private:
    void onReady(Connection& connection) override;
    void onEvent(Connection& connection, std::string_view json) override;
    void onAck(Connection& connection, std::uint64_t ackId, std::string_view json) override;
    void onLost(Connection& connection, const std::string& why) override;
    void opened();

    std::string prefix_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::size_t started_ = 0;
    std::size_t open_ = 0;
    std::string failure_;
};

/// The id of a connection's join request; the scenarios' own ids are greater.
inline constexpr std::uint64_t joinAckId = 0;

}  // namespace parley::bench
