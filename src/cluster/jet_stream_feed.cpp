#include "cluster/jet_stream_feed.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <utility>

namespace parley::nats {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMessagesMax = 4096;
constexpr std::size_t kBytesMax = 8 * 1024 * 1024;
constexpr milliseconds kTurn{100};
// Between two subscriptions, so that one that fails at once does not keep the servers busy.
constexpr milliseconds kResubscribe{1000};
// Four heartbeats.
constexpr milliseconds kSilence{2000};
constexpr milliseconds kAsk{1000};
constexpr milliseconds kAskWait{500};

/// The number of the message in the stream; 0: it is none of the stream's.
std::uint64_t sequenceOf(natsMsg* message) {
    jsMsgMetaData* raw = nullptr;
    if (natsMsg_GetMetaData(&raw, message) != NATS_OK) return 0;
    const auto sequence = raw->Sequence.Stream;
    jsMsgMetaData_Destroy(raw);
    return sequence;
}

/// Heartbeats, and questions whether all before them has been taken: then the servers go on.
bool answerControl(const NatsConnection& connection, natsMsg* message) {
    if (natsMsg_GetDataLength(message) > 0 || headerOf(message, "Status") != "100") return false;
    const char* asked = natsMsg_GetReply(message);
    const auto stalled = headerOf(message, "Nats-Consumer-Stalled");
    if (asked != nullptr) connection.send(asked, {});
    if (!stalled.empty()) connection.send(stalled.data(), {});
    return true;
}

std::optional<StreamEnds> endsOf(const NatsConnection& connection, const std::string& stream) {
    auto ends = connection.ends(stream, kAskWait);
    return ends ? std::optional(*ends) : std::nullopt;
}

}  // namespace

void Feed::follow(std::uint64_t from, std::function<void()> news) {
    const std::lock_guard lock(mutex_);
    wish_ = {wish_.number + 1, from};
    messages_.clear();
    bytes_ = 0;
    news_ = std::move(news);
    changed_.notify_all();
}

std::optional<StreamMessage> Feed::find(std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    if (wish_.number == 0) return std::nullopt;
    while (!messages_.empty() && messages_.front().sequence < sequence) {
        bytes_ -= messages_.front().bytes.size();
        messages_.pop_front();
    }
    // What came another way, as a leader's own messages, need not come here any more.
    wish_.next = std::max(wish_.next, sequence);
    changed_.notify_all();
    if (messages_.empty() || messages_.front().sequence != sequence) return std::nullopt;
    return messages_.front();
}

std::vector<StreamMessage> Feed::after(std::uint64_t sequence, std::size_t bytesMax) const {
    const std::lock_guard lock(mutex_);
    std::vector<StreamMessage> found;
    std::size_t bytes = 0;
    for (const auto& message : messages_) {
        if (message.sequence <= sequence) continue;
        if (message.sequence != sequence + 1 + found.size()) break;
        bytes += message.bytes.size();
        if (bytes > bytesMax) break;
        found.push_back(message);
    }
    return found;
}

bool Feed::hasRoom() const {
    return messages_.size() < kMessagesMax && bytes_ < kBytesMax;
}

std::optional<Feed::Wish> Feed::wish() {
    std::unique_lock lock(mutex_);
    const auto wanted = [this] { return wish_.number != 0 && hasRoom(); };
    if (!wanted()) changed_.wait_for(lock, kTurn);
    if (!wanted()) return std::nullopt;
    return wish_;
}

void Feed::turn(const NatsConnection& connection) {
    const auto wanted = wish();
    const auto now = clock_.monotonic();
    if (!wanted) {
        // What has been pushed waits in libnats, and at the servers.
        heardAt_ = takenAt_ = now;
        return;
    }
    if (wanted->number != servedWish_) disconnected();
    servedWish_ = wanted->number;
    if (!subscription_) {
        const bool mayBe = !subscribedAt_ || now - *subscribedAt_ >= kResubscribe;
        if (!mayBe || !subscribe(connection, *wanted)) {
            if (mayBe) note(endsOf(connection, stream_));  // perhaps there is no stream
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, kTurn);
            return;
        }
    }
    natsMsg* raw = nullptr;
    const auto status = natsSubscription_NextMsg(&raw, subscription_.get(), kTurn.count());
    Message message(raw);
    if (status == NATS_OK) {
        take(connection, message.get());
        spent_.add(std::move(message));
    } else {
        spent_.free();
    }
    if (status != NATS_OK && status != NATS_TIMEOUT) return drop("broken");
    watch(connection);
}

bool Feed::subscribe(const NatsConnection& connection, const Wish& wish) {
    subscribedAt_ = heardAt_ = takenAt_ = clock_.monotonic();
    promised_ = 0;
    natsInbox* inbox = nullptr;
    if (natsInbox_Create(&inbox) != NATS_OK) return false;
    auto made = connection.subscribe(inbox);
    const bool fed = made && connection.consume(stream_, subject_, wish.next, inbox);
    natsInbox_Destroy(inbox);
    if (fed) subscription_ = std::move(made);
    return fed;
}

void Feed::take(const NatsConnection& connection, natsMsg* message) {
    heardAt_ = clock_.monotonic();
    if (answerControl(connection, message)) return;
    const auto sequence = sequenceOf(message);
    if (sequence == 0) return;
    switch (put(streamMessage(message, sequence))) {
        case Put::gap: return drop("gap");
        case Put::known: return;
        case Put::taken: break;
    }
    takenAt_ = heardAt_;
    isLogged_ = false;
    std::function<void()> news;
    {
        const std::lock_guard lock(mutex_);
        news = news_;
    }
    news();
}

Feed::Put Feed::put(StreamMessage message) {
    const std::lock_guard lock(mutex_);
    // Of a wish that is no more; the subscription goes at the next turn.
    if (wish_.number != servedWish_) return Put::known;
    if (message.sequence < wish_.next) return Put::known;
    if (message.sequence > wish_.next) return Put::gap;
    ++wish_.next;
    ends_.reset();
    bytes_ += message.bytes.size();
    messages_.push_back(std::move(message));
    return Put::taken;
}

void Feed::watch(const NatsConnection& connection) {
    if (!subscription_) return;
    const auto now = clock_.monotonic();
    if (now - heardAt_ > kSilence) return drop("silent");
    if (now - takenAt_ < kAsk) return;
    takenAt_ = now;
    const auto ends = endsOf(connection, stream_);
    note(ends);
    bool isBehind = false;
    {
        const std::lock_guard lock(mutex_);
        isBehind = promised_ >= wish_.next;
    }
    promised_ = ends && ends->exists ? ends->last : 0;
    if (isBehind) drop("behind");
}

// Once until something comes again: a stream that has discarded what we want fails each second.
void Feed::drop(const char* why) {
    if (!std::exchange(isLogged_, true)) {
        logger().warn("stream_subscribed_anew stream={} why={}", stream_, why);
    }
    subscription_.reset();
    resubscribed_.fetch_add(1);
}

std::optional<StreamEnds> Feed::endsHeard() const {
    const std::lock_guard lock(mutex_);
    return ends_;
}

void Feed::note(const std::optional<StreamEnds>& ends) {
    const std::lock_guard lock(mutex_);
    ends_ = ends;
}

void Feed::disconnected() {
    note(std::nullopt);
    subscription_.reset();
    subscribedAt_.reset();
}

}  // namespace parley::nats
