#include "net/outbox.h"

#include <algorithm>
#include <utility>

namespace parley::net {
namespace {

constexpr std::size_t kPiecesAWrite = 64;
constexpr std::size_t kPieceBytesMax = 64 * 1024;  // a frame that would exceed it starts a piece
constexpr std::size_t kPooledVectorsMax = 256;
constexpr std::size_t kPooledCapacityMax = 256;

// Whether `next` lies right behind `last` in memory of the same owner.
bool extends(const OutboxItem& last, const OutboxItem& next) {
    return last.data + last.bytes == next.data && last.droppable == next.droppable &&
           last.bytes + next.bytes <= kPieceBytesMax && !last.owner.owner_before(next.owner) &&
           !next.owner.owner_before(last.owner);
}

}  // namespace

std::vector<OutboxItem> OutboxPool::take() {
    std::vector<OutboxItem> items;
    if (!free_.empty()) {
        items = std::move(free_.back());
        free_.pop_back();
    }
    return items;
}

void OutboxPool::give(std::vector<OutboxItem> items) {
    items.clear();
    if (items.capacity() <= kPooledCapacityMax && free_.size() < kPooledVectorsMax) {
        free_.push_back(std::move(items));
    }
}

std::size_t Outbox::bytesWaiting() const {
    return items_.empty() ? 0 : bytes_ - (items_[head_].bytes - offset_);
}

void Outbox::push(const engineio::FramePtr& frame, OutboxPool& pool) {
    const std::string_view bytes = frame->webSocket();
    push({frame, bytes.data(), static_cast<std::uint32_t>(bytes.size()), 1, frame->droppable()},
         pool);
}

void Outbox::push(std::string bytes, OutboxPool& pool) {
    auto owner = std::make_shared<const std::string>(std::move(bytes));
    const char* data = owner->data();
    const auto size = static_cast<std::uint32_t>(owner->size());
    push({std::move(owner), data, size, 1, false}, pool);
}

void Outbox::push(OutboxItem item, OutboxPool& pool) {
    if (item.bytes == 0) return;
    if (items_.capacity() == 0) items_ = pool.take();
    bytes_ += item.bytes;
    pool.bytes += item.bytes;
    if (!items_.empty() && extends(items_.back(), item)) {
        items_.back().bytes += item.bytes;
        ++items_.back().frames;
        return;
    }
    items_.push_back(std::move(item));
}

std::string_view Outbox::last() const {
    if (items_.empty() || (items_.size() == head_ + 1 && offset_ > 0)) return {};
    return {items_.back().data, items_.back().bytes};
}

void Outbox::replaceLast(std::string bytes, OutboxPool& pool) {
    bytes_ -= items_.back().bytes;
    pool.bytes -= items_.back().bytes;
    items_.pop_back();
    push(std::move(bytes), pool);
}

std::size_t Outbox::dropDroppable(OutboxPool& pool) {
    std::size_t dropped = 0;
    const auto first = items_.begin() + static_cast<std::ptrdiff_t>(firstWaiting());
    const auto kept = std::remove_if(first, items_.end(), [&](const OutboxItem& item) {
        if (!item.droppable) return false;
        dropped += item.frames;
        bytes_ -= item.bytes;
        pool.bytes -= item.bytes;
        return true;
    });
    items_.erase(kept, items_.end());
    tidy(pool);
    return dropped;
}

void Outbox::dropWaiting(OutboxPool& pool) {
    const std::size_t first = firstWaiting();
    for (std::size_t i = first; i < items_.size(); ++i) {
        bytes_ -= items_[i].bytes;
        pool.bytes -= items_[i].bytes;
    }
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(first), items_.end());
    tidy(pool);
}

void Outbox::clear(OutboxPool& pool) {
    pool.bytes -= bytes_;
    bytes_ = 0;
    head_ = offset_ = 0;
    items_ = {};
}

/// Takes `written` bytes off the front; returns how many frames they finished.
std::size_t Outbox::advance(std::size_t written, OutboxPool& pool) {
    std::size_t frames = 0;
    bytes_ -= written;
    pool.bytes -= written;
    while (written > 0) {
        OutboxItem& item = items_[head_];
        const std::size_t left = item.bytes - offset_;
        if (written < left) {
            offset_ += static_cast<std::uint32_t>(written);
            break;
        }
        written -= left;
        frames += item.frames;
        item.owner.reset();
        offset_ = 0;
        ++head_;
    }
    return frames;
}

WriteResult Outbox::flush(Transport& transport, OutboxPool& pool, std::uint64_t& framesOut) {
    WriteResult total;
    while (head_ < items_.size()) {
        pool.buffers.clear();
        for (std::size_t i = head_; i < items_.size() && pool.buffers.size() < kPiecesAWrite; ++i) {
            const std::size_t skip = i == head_ ? offset_ : 0;
            // writev only reads, but its iovec has no const.
            pool.buffers.push_back(
                {const_cast<char*>(items_[i].data) + skip, items_[i].bytes - skip});
        }
        const WriteResult result = transport.write(pool.buffers);
        total.bytes += result.bytes;
        total.status = result.status;
        framesOut += advance(result.bytes, pool);
        if (total.status != IoStatus::ok) break;
    }
    tidy(pool);
    return total;
}

/// Releases the items that are written.
void Outbox::tidy(OutboxPool& pool) {
    if (head_ == items_.size()) {
        if (items_.capacity() > 0) pool.give(std::exchange(items_, {}));
        head_ = 0;
    } else if (head_ >= kPiecesAWrite) {
        items_.erase(items_.begin(), items_.begin() + head_);
        head_ = 0;
    }
}

}  // namespace parley::net
