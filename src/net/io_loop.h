#pragma once

#include "net/address_table.h"
#include "net/connection.h"
#include "net/connection_slots.h"
#include "net/deadlines.h"
#include "net/epoll_set.h"
#include "net/mailbox.h"
#include "net/outbox.h"
#include "net/timers.h"
#include "net/web_access.h"
#include "net/ws_frame.h"

#include <parley/core/brief_wait.h>
#include <parley/core/random.h>
#include <parley/net/server.h>

#include <Poco/Net/StreamSocket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

namespace parley::net {

class Acceptor;
class IoLoop;

/// What the loops of one server have in common.
struct Shared {
    explicit Shared(const Options& given, const Clock& time)
        : options(given), clock(time), access(given) {}
    const Options options;
    const Clock& clock;
    const WebAccess access;
    std::vector<IoLoop*> loops;
    std::atomic<std::size_t> connectionsOpen{0};
    AddressTable addresses;
};

/// Written by one loop, read by any thread.
struct LoopCounters {
    std::atomic<std::uint64_t> accepted{0}, webSocketsOpen{0}, sessionsOpen{0}, bytesIn{0},
        bytesOut{0}, framesOut{0}, framesDropped{0}, slowClientsClosed{0}, pingTimeouts{0},
        acceptPauses{0}, outboxBytes{0}, pollsParked{0}, timers{0}, clientsPaused{0};
    std::atomic<bool> acceptPaused{false};
    std::array<std::atomic<std::uint64_t>, kRefusedCount> refused{};
    void count(Refused reason) {
        refused[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
    }
};

/// One thread with its epoll set. A turn: wait, read what came, run what was posted and what is
/// due, then write what all of that produced, once a connection.
class IoLoop final : public Loop, private engineio::Wire {
public:
    IoLoop(Shared& shared, LoopIndex index);
    ~IoLoop() override;

    LoopIndex index() const override { return index_; }
    using Loop::post;
    void post(std::function<void()> task, std::size_t bytes) override {
        mailbox_.post(std::move(task), bytes);
    }
    engineio::Server& sessions(std::size_t endpoint) override { return *engines_.at(endpoint); }
    void respond(std::uint64_t request, HttpResponse response) override;
    void after(std::chrono::milliseconds delay, std::function<void()> task) override;
    const Clock& clock() const override { return shared_.clock; }

    /// Before `start`: makes the Engine.IO servers over `service`.
    void setService(std::unique_ptr<Service> service);
    /// Before `start`, on one loop: the listening sockets.
    void setAcceptor(std::unique_ptr<Acceptor> acceptor);
    void start();
    void join();
    /// On the loop's thread: ends everything until `deadline` from now, then the thread.
    void beginStop(Millis deadline);
    void closeAcceptor();
    /// On the loop's thread: new Engine.IO sessions get 503.
    void refuseSessions();
    /// Any thread.
    MailboxLoad mailbox() const { return {mailbox_.taskCount(), mailbox_.bytes()}; }
    /// On the loop's thread: a socket that is new here, with what was read from it elsewhere.
    void adopt(std::unique_ptr<Connection> connection);
    /// Watches a descriptor that is not a connection's; `run` is called when it is readable.
    /// `run` stays where it is until the turn after `unwatch`.
    void watch(int descriptor, std::function<void()>* run) { epoll_.watch(descriptor, run); }
    void unwatch(int descriptor) { epoll_.remove(descriptor); }
    LoopCounters& counters() { return counters_; }
    const LoopCounters& counters() const { return counters_; }

private:
    class SocketEvents;

    // engineio::Wire
    void respond(engineio::RequestNumber number, int status, std::string_view contentType,
                 std::string body) override;
    void sendFrame(engineio::SocketNumber socket, const engineio::FramePtr& frame) override;
    void closeSocket(engineio::SocketNumber socket, std::uint16_t code) override;
    void writeFirst(engineio::SocketNumber socket) override;
    std::size_t backlogBytes(engineio::SocketNumber socket) override;
    std::size_t unreadBytes(engineio::RequestNumber request) override;

    // io_loop.cpp
    void run();
    void turn();
    int waitMs() const;
    int await(std::span<epoll_event> events, int wait);
    void runMailbox();
    void runTimers(Millis now);
    bool stopped(Millis now) const;
    void publishCounters();

    // io_loop_connections.cpp, as adopt
    void forget(const Connection& connection);
    void handleEvent(std::uint64_t number, std::uint32_t events);
    void markDirty(Connection& connection);
    void doom(Connection& connection);
    void finish(Connection& connection);
    void readFrom(Connection& connection);
    void onReadClosed(Connection& connection);
    void settleAll();
    void settle(Connection& connection);
    void flush(Connection& connection);
    void updateEvents(Connection& connection);
    void onDeadline(Connection& connection);
    void destroy(std::uint64_t number);

    // io_loop_slow.cpp, as backlogBytes and unreadBytes
    void watchBacklog(Connection& connection);
    void setPaused(Connection& connection, bool paused);
    void lookAtBacklog(Connection& connection, Millis now);
    void judgeBacklog(Connection& connection);
    void closeSlow(Connection& connection);
    std::uint64_t outputBytes() const;
    bool relieve();

    // io_loop_http.cpp
    void processHttp(Connection& connection, std::string_view bytes);
    bool processOne(Connection& connection, std::size_t& used);
    void awaitBody(Connection& connection);
    bool readChunks(Connection& connection, std::size_t& used);
    void announcePost(Connection& connection);
    void withdrawPost(Connection& connection);
    bool startRequest(Connection& connection, std::size_t& used);
    bool leavesHttp(Connection& connection, const RequestHead& head, int endpoint,
                    std::size_t& used, std::size_t length);
    void dispatch(Connection& connection, RequestHead head, std::string_view body);
    void abortRequests(Connection& connection);
    bool mayAsk(Connection& connection, const RequestHead& head, int endpoint);
    void logRefusal(const RequestHead& head, const HttpError& error);
    void refuse(Connection& connection, const HttpError& error, RequestHead head = {},
                const HeaderList& headers = {});
    void endWith(Connection& connection, RequestHead head, int status, std::string_view body,
                 const HeaderList& headers = {});
    PendingAnswer& addPending(Connection& connection, const RequestHead& head);
    void answer(std::uint64_t number, int status, std::string_view contentType,
                std::string_view body, HeaderList headers);
    void fill(PendingAnswer& pending, int status, std::string_view contentType,
              std::string_view body, HeaderList headers);
    int endpointOf(std::string_view path) const;
    const engineio::Options& endpointOptions(int endpoint) const;
    IoLoop* ownerOf(int endpoint, std::string_view sid) const;
    void handOver(std::unique_ptr<Connection> connection);
    bool mayRead(const Connection& connection) const;
    void settleHttp(Connection& connection);
    void updateHttpDeadline(Connection& connection, bool progressed);

    // io_loop_ws.cpp
    void openWebSocket(Connection& connection, const RequestHead& head, std::string_view early);
    void processWebSocket(Connection& connection, std::string_view bytes);
    void sendClose(Connection& connection, std::uint16_t code, std::string_view reason = {});
    void tellEngine(Connection& connection, engineio::CloseReason reason);

    Shared& shared_;
    const LoopIndex index_;
    EpollSet epoll_;
    Mailbox mailbox_;
    std::vector<Mailbox::Task> tasks_;
    std::function<void()> onMailbox_;
    SystemRandom random_;
    std::unique_ptr<Service> service_;
    std::vector<std::unique_ptr<engineio::Server>> engines_;
    std::unique_ptr<Acceptor> acceptor_;

    ConnectionSlots connections_;
    Deadlines deadlines_{connections_};
    std::vector<std::uint64_t> dirty_;
    std::vector<std::uint64_t> settling_;
    std::vector<std::uint64_t> doomed_;
    DueHeap<std::function<void()>> timers_;
    OutboxPool pool_;
    std::uint64_t framesDropped_ = 0;
    std::uint64_t slowClients_ = 0;
    std::uint64_t clientsPaused_ = 0;
    FrameCodec codec_;
    std::vector<char> readBuffer_;
    LoopCounters counters_;

    // About 50 us each. Kept apart, as they take differently long: clients to ask for more after
    // what they were sent, and the writer to commit what they asked for.
    BriefWait waitForClients_{64};
    BriefWait waitForPosts_{64};
    // About 300 us, which a commit may take: where a client, alone, answers at once what it was
    // sent, the next thing to happen is that.
    BriefWait waitForCommit_{600};
    bool ranPosts_ = false;     // in this turn
    bool takingTurns_ = false;  // a client answered within `waitForClients_`
    bool stopping_ = false;
    bool ended_ = false;
    Millis stopAt_{0};
    Millis nextRefusalLog_{0};
    std::thread thread_;
};

}  // namespace parley::net
