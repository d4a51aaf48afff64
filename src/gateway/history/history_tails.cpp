#include <parley/core/limits.h>
#include <parley/gateway/history/history_tails.h>

#include <algorithm>
#include <vector>

namespace parley {

HistoryTails::Tail& HistoryTails::Shard::tailOf(const Event& message) {
    if (const auto known = index.find(message.conversation); known != index.end()) {
        order.splice(order.begin(), order, known->second);
    } else {
        order.push_front(
            {message.conversation, message.conversationKey, {}, 0, 0, droppedUpTo, droppedUpTo});
        index.emplace(message.conversation, order.begin());
    }
    return order.front();
}

void HistoryTails::Shard::dropFirst(Tail& tail) {
    const std::size_t size = tail.messages.front().json.size();
    tail.droppedUpTo = tail.messages.front().position;
    tail.bytes -= size;
    bytes -= size;
    tail.messages.pop_front();
    ++tail.firstNumber;
}

void HistoryTails::Shard::makeRoom() {
    while (bytes > limits::kHistoryTailsBytesMax / kShards ||
           order.size() > limits::kHistoryTailsMax / kShards) {
        bytes -= order.back().bytes;
        droppedUpTo = std::max(droppedUpTo, order.back().newest);
        index.erase(order.back().conversation);
        order.pop_back();
    }
}

void HistoryTails::add(const Event& message, std::int64_t number, std::string_view json) {
    Shard& shard = shards_[shardOf(message.conversation)];
    const std::lock_guard lock(shard.mutex);
    Tail& tail = shard.tailOf(message);
    const auto expected = tail.firstNumber + static_cast<std::int64_t>(tail.messages.size());
    if (number != expected) {
        if (tail.firstNumber != 0) tail.droppedUpTo = {message.position.value - 1};
        while (!tail.messages.empty()) shard.dropFirst(tail);
        tail.firstNumber = number;
    }
    tail.newest = message.position;
    tail.messages.push_back(
        {message.position, message.actorKey, message.visible.value_or(true), std::string(json)});
    tail.bytes += json.size();
    shard.bytes += json.size();
    while (tail.messages.size() > limits::kHistoryTailMessagesMax ||
           tail.bytes > limits::kHistoryTailBytesMax) {
        shard.dropFirst(tail);
    }
    shard.makeRoom();
}

std::optional<std::string> HistoryTails::page(const ConversationId& conversation,
                                              const MessagePage& page, const ViewerOf& viewerOf) {
    if (page.before || page.after) return std::nullopt;
    Shard& shard = shards_[shardOf(conversation)];
    const std::lock_guard lock(shard.mutex);
    const auto known = shard.index.find(conversation);
    if (known == shard.index.end()) return std::nullopt;
    const Tail& tail = *known->second;
    const auto viewer = viewerOf(tail.key);
    if (!viewer) return std::nullopt;

    std::vector<const Message*> shown;  // newest first
    shown.reserve(static_cast<std::size_t>(page.limit));
    std::size_t bytes = 2;
    int skip = page.offset;
    for (auto message = tail.messages.rbegin();
         message != tail.messages.rend() && static_cast<int>(shown.size()) < page.limit;
         ++message) {
        if (!visible(message->visible, message->author, *viewer) || skip-- > 0) continue;
        shown.push_back(&*message);
        bytes += message->json.size() + 1;
    }
    const bool whole = tail.firstNumber == 1;
    if (static_cast<int>(shown.size()) < page.limit && !whole) return std::nullopt;

    std::string out;
    out.reserve(bytes);
    out += '[';
    for (auto message = shown.rbegin(); message != shown.rend(); ++message) {
        if (out.size() > 1) out += ',';
        out += (*message)->json;
    }
    out += ']';
    return out;
}

std::optional<std::vector<HistoryTails::News>> HistoryTails::since(
    const ConversationId& conversation, Position after, const ViewerOf& viewerOf) const {
    const Shard& shard = shards_[shardOf(conversation)];
    const std::lock_guard lock(shard.mutex);
    const auto known = shard.index.find(conversation);
    std::vector<News> news;
    if (known == shard.index.end()) {
        if (after < shard.droppedUpTo) return std::nullopt;
        return news;
    }
    const Tail& tail = *known->second;
    if (tail.newest <= after) return news;
    if (after < tail.droppedUpTo) return std::nullopt;
    const auto viewer = viewerOf(tail.key);
    if (!viewer) return news;
    const auto first = std::find_if(tail.messages.begin(), tail.messages.end(),
                                    [&](const auto& one) { return one.position > after; });
    for (auto message = first; message != tail.messages.end(); ++message) {
        if (visible(message->visible, message->author, *viewer)) {
            news.push_back({message->position, message->json});
        }
    }
    return news;
}

std::size_t HistoryTails::bytes() const {
    std::size_t sum = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        sum += shard.bytes;
    }
    return sum;
}

}  // namespace parley
