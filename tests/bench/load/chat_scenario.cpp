#include "chat_scenario.h"

#include "clock.h"
#include "usage_window.h"

namespace parley::bench {
namespace {

/// An open loop this far behind will not catch up, so it is ended instead of growing.
constexpr std::uint64_t outstandingMax = 50'000;
/// After a problem: how long missing messages may still arrive and count as late.
constexpr std::int64_t lateNs = 500 * nsPerMs;
/// After the last delivery: how long a second copy may still arrive.
constexpr std::int64_t quietNs = 150 * nsPerMs;

void addLatency(nlohmann::ordered_json& figures, const std::string& name, const Latency& latency) {
    const Latency::Summary summary = latency.summary();
    if (summary.count == 0) return;
    figures[name + "P50Us"] = summary.p50Us;
    figures[name + "P99Us"] = summary.p99Us;
    figures[name + "MaxUs"] = summary.maxUs;
}

}  // namespace

ChatScenario::ChatScenario(const Options& options, const ChatShape& shape)
    : Fleet(options, shape.rooms * shape.membersPerRoom + (shape.dashboard ? 1 : 0)),
      shape_(shape),
      dashboardIndex_(shape.rooms * shape.membersPerRoom),
      senders_(shape.rooms * shape.sendersPerRoom),
      check_(shape.rooms, shape.membersPerRoom, shape.sendersPerRoom),
      dashboardCheck_(conversationPrefix(), shape.rooms) {
    for (std::size_t room = 0; room < shape.rooms; ++room) {
        for (std::size_t member = 0; member < shape.sendersPerRoom; ++member) {
            sender(room, member).head = R"(["send_message",{"conversationId":")" +
                                        conversation(room) + R"(","fromUserId":"u)" +
                                        std::to_string(room * shape.membersPerRoom + member) +
                                        R"(","fromRole":"cx-agent","type":"text","content":")";
        }
    }
}

std::string ChatScenario::joinEvent(std::size_t index) const {
    if (isDashboard(index)) return R"(["join_dashboard",{}])";
    return joinRoomEvent(roomOf(index), index);
}

void ChatScenario::handleEvent(std::size_t index, std::string_view json) {
    if (json.starts_with("[\"new_message\",")) {
        if (isDashboard(index)) return check_.fail("the dashboard got a new_message");
        const auto ident = check_.deliver(roomOf(index), memberOf(index), json);
        if (!ident || !measuring_) return;
        const bool own = ident->sender == memberOf(index);
        if (!own && !shape_.timeEachDelivery) return;
        const std::int64_t ns =
            loop_.eventNs() - sender(ident->room, ident->sender).dueNs[ident->number];
        if (own) shownLatency_.add(ns);
        if (shape_.timeEachDelivery) deliveryLatency_.add(ns);
    } else if (json.starts_with("[\"conversation_updated\",")) {
        if (!isDashboard(index)) return check_.fail("a room got a conversation_updated");
        std::string problem = dashboardCheck_.deliver(json);
        if (!problem.empty()) check_.fail(std::move(problem));
    } else if (json.starts_with("[\"exception\",")) {
        check_.fail("refused: " + std::string(json.substr(0, 400)));
    }
}

void ChatScenario::handleReply(std::size_t index, std::uint64_t ackId, std::string_view json) {
    const std::size_t room = roomOf(index);
    const std::size_t member = memberOf(index);
    const Ident ident{static_cast<std::uint32_t>(room), static_cast<std::uint32_t>(member),
                      static_cast<std::uint32_t>(ackId - joinAckId - 1)};
    if (isDashboard(index) || member >= shape_.sendersPerRoom ||
        ident.number >= sender(room, member).dueNs.size()) {
        return check_.fail("an acknowledgement that nobody asked for");
    }
    Sender& author = sender(room, member);
    if (author.acknowledged[ident.number]) {
        return check_.fail(describe(ident) + " was acknowledged twice");
    }
    if (findIdent(json) != ident) {
        return check_.fail(describe(ident) + " got the reply " + std::string(json.substr(0, 400)));
    }
    author.acknowledged[ident.number] = true;
    ++acknowledged_;
    check_.acknowledge(member, ident);
    if (measuring_) ackLatency_.add(loop_.eventNs() - author.dueNs[ident.number]);
    if (talking_ && shape_.ratePerSecond == 0) {
        talk(room * shape_.sendersPerRoom + member, nowNs());
    }
}

void ChatScenario::handleLost(std::size_t index, const std::string& why) {
    check_.fail("connection " + std::to_string(index) + " was lost: " + why);
}

void ChatScenario::talk(std::size_t senderIndex, std::int64_t dueNs) {
    const std::size_t room = senderIndex / shape_.sendersPerRoom;
    const std::size_t member = senderIndex % shape_.sendersPerRoom;
    Sender& author = senders_[senderIndex];
    const Ident ident{static_cast<std::uint32_t>(room), static_cast<std::uint32_t>(member),
                      static_cast<std::uint32_t>(author.dueNs.size())};
    author.dueNs.push_back(dueNs);
    author.acknowledged.push_back(false);
    ++sent_;
    connection(room * shape_.membersPerRoom + member)
        .request(joinAckId + 1 + ident.number, author.head + contentOf(ident) + "\"}]");
}

std::int64_t ChatScenario::talkByTheClock(std::int64_t now) {
    const auto dueNs = [&] {
        return firstDueNs_ + secondsToNs(static_cast<double>(sent_) / shape_.ratePerSecond);
    };
    while (talking_ && dueNs() <= now) {
        if (sent_ - acknowledged_ > outstandingMax) {
            check_.fail("the server does not keep up with this rate");
            break;
        }
        talk(sent_ % senders_.size(), dueNs());
    }
    return talking_ ? dueNs() : now + nsPerSecond;
}

void ChatScenario::startTalking() {
    talking_ = true;
    firstDueNs_ = nowNs();
    if (shape_.ratePerSecond > 0) {
        loop_.setTick([this](std::int64_t now) { return talkByTheClock(now); });
        return;
    }
    for (std::size_t i = 0; i < shape_.window; ++i) {
        for (std::size_t s = 0; s < senders_.size(); ++s) talk(s, firstDueNs_);
    }
}

Report ChatScenario::run() {
    open();
    loop_.runFor(quietNs);  // the last user_joined events are not part of any figure
    const auto broken = [this] { return check_.broken(); };
    const auto runFor = [&](double seconds) {
        loop_.runUntil(nowNs() + secondsToNs(seconds), broken);
    };

    startTalking();
    runFor(options_.warmupSeconds);

    UsageWindow window(options_.serverPids);
    const std::uint64_t deliveriesBefore = deliveries();
    const std::uint64_t acknowledgedBefore = acknowledged_;
    measuring_ = true;
    window.start();
    runFor(options_.measureSeconds);
    window.stop();
    measuring_ = false;
    const std::uint64_t delivered = deliveries() - deliveriesBefore;
    const std::uint64_t stored = acknowledged_ - acknowledgedBefore;

    talking_ = false;
    loop_.runUntil(nowNs() + secondsToNs(options_.drainSeconds),
                   [this] { return check_.broken() || settled(); });
    loop_.runFor(check_.broken() ? lateNs : quietNs);

    Report report;
    report.problem = verdict();
    window.addRates(report.figures, "messages", stored);
    window.addRates(report.figures, "deliveries", delivered);
    addLatency(report.figures, "ack", ackLatency_);
    addLatency(report.figures, "shown", shownLatency_);
    addLatency(report.figures, "delivery", deliveryLatency_);
    window.addCores(report.figures);
    report.figures["messagesChecked"] = acknowledged_;
    report.figures["deliveriesChecked"] = deliveries();
    return report;
}

bool ChatScenario::settled() const {
    if (sent_ != acknowledged_ || !check_.settled()) return false;
    if (!shape_.dashboard) return true;
    return dashboardCheck_.deliveries() == acknowledged_;
}

std::string ChatScenario::verdict() {
    std::string problem = check_.finish();
    if (!problem.empty()) return problem;
    if (sent_ != acknowledged_) {
        return std::to_string(sent_ - acknowledged_) + " messages were never acknowledged";
    }
    if (acknowledged_ == 0) return "not a single message was acknowledged";
    if (shape_.dashboard && dashboardCheck_.deliveries() != acknowledged_) {
        return "the dashboard saw " + std::to_string(dashboardCheck_.deliveries()) + " of " +
               std::to_string(acknowledged_) + " messages";
    }
    return {};
}

}  // namespace parley::bench
