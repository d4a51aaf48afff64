#pragma once

#include "delivery_check.h"
#include "fleet.h"
#include "latency.h"
#include "report.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parley::bench {

/// The parameters of a chat scenario.
struct ChatShape {
    std::size_t rooms = 1;
    std::size_t membersPerRoom = 2;
    std::size_t sendersPerRoom = 1;
    std::size_t window = 1;    ///< messages in flight per sender (closed loop)
    double ratePerSecond = 0;  ///< above 0: open loop, all senders together, and no window
    bool dashboard = false;
    bool timeEachDelivery = false;  ///< latency of every delivery, not only the author's own
};

/// room10, fan100, fan10, duo, pingpong and paced: the same loop with different parameters.
class ChatScenario : public Fleet {
public:
    ChatScenario(const Options& options, const ChatShape& shape);
    Report run();

private:
    struct Sender {
        std::string head;                 ///< the request up to the content
        std::vector<std::int64_t> dueNs;  ///< by number: when the message was due to be sent
        std::vector<bool> acknowledged;   ///< by number
    };

    std::string joinEvent(std::size_t index) const override;
    void handleEvent(std::size_t index, std::string_view json) override;
    void handleReply(std::size_t index, std::uint64_t ackId, std::string_view json) override;
    void handleLost(std::size_t index, const std::string& why) override;

    void startTalking();
    void talk(std::size_t sender, std::int64_t dueNs);
    std::int64_t talkByTheClock(std::int64_t now);
    bool settled() const;
    std::string verdict();
    std::uint64_t deliveries() const { return check_.deliveries() + dashboardCheck_.deliveries(); }

    bool isDashboard(std::size_t index) const { return index >= dashboardIndex_; }
    std::size_t roomOf(std::size_t index) const { return index / shape_.membersPerRoom; }
    std::size_t memberOf(std::size_t index) const { return index % shape_.membersPerRoom; }
    Sender& sender(std::size_t room, std::size_t member) {
        return senders_[room * shape_.sendersPerRoom + member];
    }

    ChatShape shape_;
    std::size_t dashboardIndex_;
    std::vector<Sender> senders_;
    DeliveryCheck check_;
    DashboardCheck dashboardCheck_;
    bool talking_ = false;
    bool measuring_ = false;
    std::uint64_t sent_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::int64_t firstDueNs_ = 0;
    Latency ackLatency_;
    Latency shownLatency_;
    Latency deliveryLatency_;
};

}  // namespace parley::bench
