#pragma once

#include "cluster/chance.h"

#include <parley/cluster/replicated_log.h>
#include <parley/core/random.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace parley::test {

/// A stream in memory, for nodes of one process and one thread. Its faults are those of a network
/// and of servers that elect: answers get lost, requests get lost, and some arrive late.
class FakeLog final : public ReplicatedLog {
public:
    /// Chances in percent, each of an append.
    struct Faults {
        unsigned requestLost = 0;  ///< not carried out, and not answered
        unsigned answerLost = 0;   ///< carried out, and not answered
        unsigned late = 0;         ///< not answered, and carried out before a later call
        bool fenced = true;        ///< false: takes whatever comes, as no stream may
        bool remembersIds = true;  ///< false: refuses what it has taken before
    };
    explicit FakeLog(std::uint64_t seed = 1) : random_(seed) {}

    void have(const Faults& faults) { faults_ = faults; }
    const Faults& faults() const { return faults_; }
    /// The next append is answered with this, whatever becomes of it.
    void answerOnce(Append answer, bool isCarriedOut) { once_ = {answer, isCarriedOut}; }

    Append append(std::uint64_t last, std::string_view id, std::string_view bytes) override {
        ++appends_;
        arriveLate();
        if (once_) {
            const auto [answer, isCarriedOut] = *std::exchange(once_, std::nullopt);
            if (isCarriedOut) carryOut(last, id, bytes);
            return answer;
        }
        if (happens(random_, faults_.requestLost)) return Append::unknown;
        if (happens(random_, faults_.late)) {
            late_.push_back({last, std::string(id), std::string(bytes)});
            return Append::unknown;
        }
        const auto done = carryOut(last, id, bytes);
        return happens(random_, faults_.answerLost) ? Append::unknown : done;
    }

    Result<std::optional<StreamMessage>> read(std::uint64_t sequence) override {
        if (copy_ && copy_->sequence == sequence) return copy_;
        return asLed(sequence);
    }
    Result<std::optional<StreamMessage>> readLed(std::uint64_t sequence) override {
        ++ledReads_;
        if (!isLed_) return Error{ErrorCode::busy, "no server leads"};
        return asLed(sequence);
    }
    /// The server that is read from has this message in the other one's place.
    void haveInCopy(StreamMessage message) { copy_ = std::move(message); }
    /// Whether a server leads the stream.
    void beLed(bool isLed) { isLed_ = isLed; }
    std::uint64_t ledReads() const { return ledReads_; }

    std::optional<StreamMessage> find(std::uint64_t sequence) override { return *read(sequence); }
    std::vector<StreamMessage> after(std::uint64_t sequence, std::size_t bytesMax) override {
        std::vector<StreamMessage> found;
        while (found.size() < aheadMax_ && sequence + found.size() < messages_.size()) {
            const auto next = **read(sequence + found.size() + 1);
            if (next.bytes.size() > bytesMax) break;
            bytesMax -= next.bytes.size();
            found.push_back(next);
        }
        return found;
    }
    /// How many messages have come by themselves, beyond the one that is read.
    void haveAhead(std::size_t most) { aheadMax_ = most; }

    Result<StreamEnds> ends() override {
        std::uint64_t bytes = 0;
        for (const auto& message : messages_) bytes += message.bytes.size();
        return StreamEnds{true, messages_.empty() ? 0U : 1U, messages_.size(), bytes};
    }
    void follow(std::uint64_t, std::function<void()> news) override { news_ = std::move(news); }

    /// Of the last message; 0: there is none.
    std::uint64_t last() const { return messages_.size(); }
    std::uint64_t appends() const { return appends_; }
    StreamMessage& at(std::uint64_t sequence) {
        return messages_.at(static_cast<std::size_t>(sequence - 1));
    }

private:
    struct Request {
        std::uint64_t last;
        std::string id;
        std::string bytes;
    };

    Result<std::optional<StreamMessage>> asLed(std::uint64_t sequence) const {
        if (sequence == 0 || sequence > messages_.size()) return std::optional<StreamMessage>();
        return std::optional(messages_[static_cast<std::size_t>(sequence - 1)]);
    }

    void arriveLate() {
        for (const auto& request : std::exchange(late_, {})) {
            carryOut(request.last, request.id, request.bytes);
        }
    }
    Append carryOut(std::uint64_t last, std::string_view id, std::string_view bytes) {
        const auto known = ids_.find(std::string(id));
        if (faults_.remembersIds && known != ids_.end()) {
            return known->second == last + 1 ? Append::taken : Append::refused;
        }
        if (faults_.fenced && last != messages_.size()) return Append::refused;
        messages_.push_back({messages_.size() + 1, std::string(id), std::string(bytes)});
        ids_.emplace(id, messages_.size());
        if (news_) news_();
        return Append::taken;
    }

    SeededRandom random_;
    Faults faults_;
    std::optional<std::pair<Append, bool>> once_;
    std::vector<StreamMessage> messages_;
    std::unordered_map<std::string, std::uint64_t> ids_;
    std::vector<Request> late_;
    std::uint64_t appends_ = 0;
    std::optional<StreamMessage> copy_;
    bool isLed_ = true;
    std::uint64_t ledReads_ = 0;
    std::size_t aheadMax_ = 3;
    std::function<void()> news_;
};

}  // namespace parley::test
