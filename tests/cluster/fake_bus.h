#pragma once

#include "cluster/chance.h"
#include "cluster/fake_log.h"

#include <parley/cluster/message_bus.h>
#include <parley/core/random.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parley::test {

/// Messages between nodes of one process and one thread: they arrive when the test says so, and
/// some are lost, doubled or late. Each node has a bus of its own, so that one can be cut off.
class FakeNetwork {
public:
    /// Chances in percent, each of a message to one receiver.
    struct Faults {
        unsigned lost = 0;
        unsigned doubled = 0;
        unsigned late = 0;
        unsigned slow = 0;  ///< of a read of the stream: it is not answered yet
    };
    explicit FakeNetwork(std::uint64_t seed) : random_(seed) {}
    void have(const Faults& faults) { faults_ = faults; }
    void cut(const std::string& node, bool isCut) {
        if (isCut) {
            cut_.insert(node);
        } else {
            cut_.erase(node);
        }
    }
    bool isCut(const std::string& node) const { return cut_.contains(node); }
    /// The node reads nothing of the stream, and hears and says what it did before.
    void stall(const std::string& node) { stalled_ = node; }
    bool isSlow(const std::string& node) {
        return node == stalled_ || happens(random_, faults_.slow);
    }

    /// What was sent so far arrives, and what that makes nodes send does not yet.
    void deliver() {
        for (auto count = sent_.size(); count > 0; --count) {
            auto message = std::move(sent_.front());
            sent_.pop_front();
            if (happens(random_, faults_.late)) {
                sent_.push_back(std::move(message));
                continue;
            }
            if (happens(random_, faults_.doubled)) sent_.push_back(message);
            if (happens(random_, faults_.lost) || isCut(message.from) || isCut(message.to))
                continue;
            for (const auto& [subject, sink] : listeners_[message.to]) {
                if (matches(subject, message.subject)) sink(message.subject, message.bytes);
            }
        }
    }

private:
    friend class FakeBus;
    struct Message {
        std::string from;
        std::string to;
        std::string subject;
        std::string bytes;
    };
    static bool matches(const std::string& pattern, const std::string& subject) {
        if (!pattern.ends_with('*')) return pattern == subject;
        return subject.starts_with(pattern.substr(0, pattern.size() - 1));
    }

    SeededRandom random_;
    Faults faults_;
    std::set<std::string> cut_;
    std::string stalled_;
    std::deque<Message> sent_;
    std::map<std::string, std::vector<std::pair<std::string, MessageBus::Sink>>> listeners_;
};

/// One node's end of it. Its listeners end with it, as those of a process that dies.
class FakeBus final : public MessageBus {
public:
    FakeBus(std::string node, FakeNetwork& network) : node_(std::move(node)), network_(network) {
        network_.listeners_[node_].clear();
    }
    ~FakeBus() override { network_.listeners_[node_].clear(); }

    /// Nothing leaves it any more.
    void silence() { isSilent_ = true; }

    void send(std::string_view subject, std::string_view bytes) override {
        if (isSilent_) return;
        for (const auto& [to, sinks] : network_.listeners_) {
            if (to == node_) continue;
            network_.sent_.push_back({node_, to, std::string(subject), std::string(bytes)});
        }
    }
    void listen(const std::string& subject, Sink sink) override {
        network_.listeners_[node_].emplace_back(subject, std::move(sink));
    }
    bool connected() const override { return !network_.isCut(node_); }

private:
    const std::string node_;
    FakeNetwork& network_;
    bool isSilent_ = false;
};

/// The stream as a node sees it that may be cut off.
class CuttableLog final : public ReplicatedLog {
public:
    CuttableLog(std::string node, FakeLog& log, FakeNetwork& network)
        : node_(std::move(node)), log_(log), network_(network) {}

    Append append(std::uint64_t last, std::string_view id, std::string_view bytes) override {
        return network_.isCut(node_) ? Append::unknown : log_.append(last, id, bytes);
    }
    Result<std::optional<StreamMessage>> read(std::uint64_t sequence) override {
        if (network_.isCut(node_) || network_.isSlow(node_)) {
            return Error{ErrorCode::busy, "no connection"};
        }
        return log_.read(sequence);
    }
    Result<std::optional<StreamMessage>> readLed(std::uint64_t sequence) override {
        if (network_.isCut(node_) || network_.isSlow(node_)) {
            return Error{ErrorCode::busy, "no connection"};
        }
        return log_.readLed(sequence);
    }
    std::optional<StreamMessage> find(std::uint64_t sequence) override {
        if (network_.isCut(node_) || network_.isSlow(node_)) return std::nullopt;
        return log_.find(sequence);
    }
    std::vector<StreamMessage> after(std::uint64_t sequence, std::size_t bytesMax) override {
        if (network_.isCut(node_) || network_.isSlow(node_)) return {};
        return log_.after(sequence, bytesMax);
    }
    Result<StreamEnds> ends() override {
        if (network_.isCut(node_)) return Error{ErrorCode::busy, "no connection"};
        return log_.ends();
    }
    void follow(std::uint64_t, std::function<void()>) override {}

private:
    const std::string node_;
    FakeLog& log_;
    FakeNetwork& network_;
};

}  // namespace parley::test
