#pragma once

#include "gateway/calls/answer.h"
#include "gateway/calls/publisher.h"
#include "gateway/clients/client.h"
#include "gateway/clients/connect_timeout.h"
#include "gateway/clients/pid.h"
#include "gateway/clients/rooms.h"
#include "gateway/history/reads.h"
#include "gateway/recovery/catch_up.h"
#include "gateway/rest/rest.h"
#include "gateway/shared.h"

#include <parley/core/random.h>
#include <parley/gateway/calls/quick_request.h>
#include <parley/gateway/calls/request_parser.h>
#include <parley/net/server.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace parley {

/// Everything Parley does on one I/O loop: its clients, its rooms, its REST requests. Every
/// method runs on the loop's thread.
class LoopService final : public net::Service, public BatchReceiver {
public:
    LoopService(Shared& shared, net::Loop& loop);
    ~LoopService() override;

    // net::Service
    void onHandshake(ConnectionId session, std::string_view query) override;
    void onOpen(ConnectionId session) override;
    void onMessage(ConnectionId session, bool binary, std::string_view message) override;
    void onClose(ConnectionId session, engineio::CloseReason reason) override;
    void onHttp(const net::HttpRequest& request) override { rest_.handle(request); }
    void onTurnEnd() override;
    std::uint64_t bytesHeld() const override {
        return shared_.answersHeldBytes.load(std::memory_order_relaxed);
    }
    // respond() ignores who has gone
    void onHttpAborted(std::uint64_t number) override {
        shared_.engine->forgetReads(askerOfHttp(number));
    }

    // BatchReceiver
    void receive(const LoopBatch& batch) override;

    // Client's
    void onConnect(Client& client, const Json& auth);
    void onRequest(Client& client, socketio::Packet packet);
    void onQuickRequest(Client& client, QuickRequest quick);
    void onLeft(Client& client, bool sessionEnds);
    /// Past whatever else waits for the client.
    void sendNow(ConnectionId session, const engineio::FramePtr& frame);

private:
    // How long a client that takes nothing it is sent, or a full queue of reads, is left alone.
    static constexpr std::chrono::milliseconds kPause{10};
    static constexpr std::size_t kSocketIdCharacters = 20;  // as many as the reference server's

    /// What follows once the writer has answered; told why, where it refuses or takes no more.
    using Step = std::function<void(Client&, const Result<Reply>&)>;

    // Clients, and what a batch brings them (loop_service.cpp).
    Client* find(ConnectionId session);
    void warnOfMalformedPacket();
    bool isConnecting(ConnectionId session);
    void send(Client& client, const engineio::FramePtr& frame);
    void sendTo(ConnectionId session, const engineio::FramePtr& frame);
    void take(const Delivery& delivery);
    void take(const SubscriptionChange& change);
    void take(const SubscriptionLost& lost);
    void unsubscribe(Client& client, ConversationKey room);
    void take(const TakenOver& takenOver);
    void countRooms();

    // Requests, to the writer and back (loop_service_requests.cpp, as onTurnEnd).
    bool refuseWhileStopping(Client& client, const SocketCall& call);
    void answerRequest(Client& client, const SocketCall& call, const Json& body);
    void watchDashboard(Client& client, const SocketCall& call, bool watch);
    template <typename Command>
    void submit(Client& client, const SocketCall& call, Result<Command> parsed);
    void submitWork(Client& client, Work work, ReplyAddress address);
    void submitStep(Client& client, Work work, Step step);
    void turnAway(const Error& error);
    void notTaken(const Request& request, const Error& error);
    void take(const Answer& answer);
    void respond(const Answer& answer);
    void continueStep(ConnectionId session, std::uint64_t number, const Result<Reply>& reply);
    void answered(ConnectionId session);
    void refuse(Client& client, const SocketCall& call, const Error& error);
    void refuseInOrder(Client& client, std::optional<std::uint64_t> ackId,
                       std::string_view eventName, const Error& error);

    // History (loop_service_history.cpp).
    void getMessages(Client& client, const SocketCall& call, Result<HistoryRequest> request);
    void readMessages(Client& client, const SocketCall& call,
                      const Result<HistoryRequest>& request);
    bool takesMore(const Client& client) const;
    bool answerFromMemory(Client& client, const SocketCall& call, const HistoryRequest& request,
                          const HistoryTails::ViewerOf& viewerOf);
    void readOn(Client& client);
    void read(Client& client, const Reads::Waiting& read);
    bool submitRead(std::uint64_t number, const Reads::Waiting& read);
    bool mayWait(const Client& client, const SocketCall& call) const;
    void postRead(std::uint64_t number, Reads::Answered answered);
    void onRead(std::uint64_t number, const std::shared_ptr<Reads::Answered>& answered);
    bool bringUpToDate(Reads::Answered& answered);
    void readAgain(Client& client, Reads::Waiting read);
    void endRead(Client& client, const Reads::Waiting& read);
    Client* findReading(ConnectionId session, std::uint64_t number);
    void dropReads(Client& client);

    // Recovery (loop_service_recovery.cpp).
    std::string newSocketId() { return randomText(random_, kSocketIdCharacters); }
    void openSession(Client& client);
    void resumeSession(Client& client, const std::string& pid, std::optional<Cursor> cursor);
    void onResumed(Client& client, const Result<Reply>& reply);
    void subscribe(Client& client, const Gap& gap);
    Receiver receiverOf(const Client& client) const;
    void hold(Client& client, const engineio::FramePtr& frame);
    void advance(ConnectionId session, std::uint64_t catchUp);
    Client* findCatchingUp(ConnectionId session, std::uint64_t catchUp);
    void advanceLater(ConnectionId session, std::uint64_t catchUp);
    bool sendSome(ConnectionId session, std::deque<engineio::FramePtr>& frames);
    void readMissed(ConnectionId session, CatchUp& catchUp);
    void goLive(Client& client);

    Shared& shared_;
    net::Loop& loop_;
    SystemRandom random_;
    Sha256 sha_;
    socketio::Options socketOptions_;
    Rest rest_;
    Rooms rooms_;
    std::unordered_map<ConnectionId, std::unique_ptr<Client>> clients_;
    std::unordered_map<std::uint64_t, Step> steps_;
    std::uint64_t nextStep_ = 1;
    std::vector<Request> gathered_;  // in this turn, for the writer
    ConnectTimeout connectTimeout_;
    std::size_t roomsCounted_ = 0;
    std::size_t subscriptionsCounted_ = 0;
    std::uint64_t nextCatchUp_ = 1;
    std::uint64_t nextReads_ = 1;
    std::vector<ConnectionId> heldMembers_;  // of the delivery in work
    // Whose session the handshake in work opens, between onHandshake and onOpen.
    RecoveryWish handshakeWish_;
};

}  // namespace parley
