#include "clock.h"
#include "fleet.h"
#include "ident.h"
#include "latency.h"
#include "other_scenarios.h"
#include "usage_window.h"

namespace parley::bench {
namespace {

constexpr std::uint32_t messagesPerRoom = 100;
constexpr std::uint32_t messagesAsked = 50;

class HistoryScenario : public Fleet {
public:
    explicit HistoryScenario(const Options& options)
        : Fleet(options, options.connections.value_or(32)), clients_(size()) {}

    Report run();

private:
    struct Client {
        std::uint32_t sent = 0;
        std::int64_t askedNs = 0;
        std::string answer;  ///< the first reply, checked in full; all others must equal it
    };

    std::string joinEvent(std::size_t index) const override { return joinRoomEvent(index, index); }
    void handleEvent(std::size_t index, std::string_view json) override {
        if (json.starts_with("[\"exception\",")) fail(index, json);
    }
    void handleReply(std::size_t index, std::uint64_t, std::string_view json) override {
        filling_ ? onStored(index, json) : onHistory(index, json);
    }
    void handleLost(std::size_t index, const std::string& why) override {
        if (problem_.empty()) problem_ = "connection " + std::to_string(index) + " lost: " + why;
    }

    Ident ident(std::size_t index, std::uint32_t number) const {
        return {static_cast<std::uint32_t>(index), 0, number};
    }
    void fail(std::size_t index, std::string_view json) {
        if (!problem_.empty()) return;
        problem_ = "client " + std::to_string(index) + ": " + std::string(json.substr(0, 400));
    }
    void store(std::size_t index);
    void onStored(std::size_t index, std::string_view json);
    void ask(std::size_t index);
    void onHistory(std::size_t index, std::string_view json);
    bool isRight(std::size_t index, std::string_view json) const;

    std::vector<Client> clients_;
    bool filling_ = true;
    bool asking_ = false;
    bool measuring_ = false;
    std::size_t filled_ = 0;
    std::size_t outstanding_ = 0;
    std::uint64_t answers_ = 0;
    Latency latency_;
    std::string problem_;
};

void HistoryScenario::store(std::size_t index) {
    const std::uint32_t number = clients_[index].sent++;
    connection(index).request(number + 1, R"(["send_message",{"conversationId":")" +
                                              conversation(index) + R"(","fromUserId":"u)" +
                                              std::to_string(index) +
                                              R"(","fromRole":"cx-agent","content":")" +
                                              contentOf(ident(index, number)) + R"("}])");
}

void HistoryScenario::onStored(std::size_t index, std::string_view json) {
    const std::uint32_t sent = clients_[index].sent;
    if (findIdent(json) != ident(index, sent - 1)) return fail(index, json);
    sent < messagesPerRoom ? store(index) : static_cast<void>(++filled_);
}

void HistoryScenario::ask(std::size_t index) {
    clients_[index].askedNs = nowNs();
    ++outstanding_;
    connection(index).request(messagesPerRoom + 1, R"(["get_messages",{"conversationId":")" +
                                                       conversation(index) + R"(","limit":)" +
                                                       std::to_string(messagesAsked) + "}]");
}

void HistoryScenario::onHistory(std::size_t index, std::string_view json) {
    Client& client = clients_[index];
    --outstanding_;
    if (client.answer.empty()) {
        if (!isRight(index, json)) return fail(index, json);
        client.answer = json;
    } else if (json != client.answer && !isRight(index, json)) {
        return fail(index, json);
    }
    ++answers_;
    if (measuring_) latency_.add(loop_.eventNs() - client.askedNs);
    if (asking_) ask(index);
}

/// Exactly the newest messages, oldest first.
bool HistoryScenario::isRight(std::size_t index, std::string_view json) const {
    std::uint32_t number = messagesPerRoom - messagesAsked;
    for (std::size_t at = findContent(json); at != std::string_view::npos;
         at = findContent(json, at)) {
        if (number == messagesPerRoom) return false;
        if (json.substr(at, contentBytes) != contentOf(ident(index, number))) return false;
        ++number;
    }
    return number == messagesPerRoom;
}

Report HistoryScenario::run() {
    open();
    for (std::size_t index = 0; index < size(); ++index) store(index);
    const bool inTime = loop_.runUntil(nowNs() + secondsToNs(options_.setupSeconds),
                                       [this] { return filled_ == size() || !problem_.empty(); });
    if (!problem_.empty()) return {{}, problem_};
    if (!inTime) throw CannotRun("the rooms were not filled in time");
    filling_ = false;

    const auto runFor = [this](double seconds) {
        loop_.runUntil(nowNs() + secondsToNs(seconds), [this] { return !problem_.empty(); });
    };
    asking_ = true;
    for (std::size_t index = 0; index < size(); ++index) ask(index);
    runFor(options_.warmupSeconds);
    UsageWindow window(options_.serverPids);
    const std::uint64_t before = answers_;
    measuring_ = true;
    window.start();
    runFor(options_.measureSeconds);
    window.stop();
    measuring_ = false;
    const std::uint64_t answers = answers_ - before;
    asking_ = false;
    loop_.runUntil(nowNs() + secondsToNs(options_.drainSeconds),
                   [this] { return outstanding_ == 0 || !problem_.empty(); });
    if (problem_.empty() && outstanding_ > 0) problem_ = "requests were never answered";

    Report report{{}, problem_};
    window.addRates(report.figures, "requests", answers);
    const Latency::Summary summary = latency_.summary();
    report.figures["requestP50Us"] = summary.p50Us;
    report.figures["requestP99Us"] = summary.p99Us;
    window.addCores(report.figures);
    return report;
}

}  // namespace

Report runHistory(const Options& options) {
    return HistoryScenario(options).run();
}

}  // namespace parley::bench
