#pragma once

#include "net/transport.h"

#include <parley/engineio/frame.h>

#include <Poco/Net/SocketDefs.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parley::net {

/// One piece of output, shared with the outboxes of other connections: a frame, or several that
/// lie one behind the other (engineio::FrameRow).
struct OutboxItem {
    std::shared_ptr<const void> owner;
    const char* data = nullptr;
    std::uint32_t bytes = 0;
    std::uint16_t frames = 1;
    bool droppable = false;
};

/// What the outboxes of one loop share: the vectors that idle ones gave back, and the argument of
/// writev. So an idle connection holds no buffer, and a busy one allocates none. The loop's thread.
class OutboxPool {
public:
    std::vector<OutboxItem> take();
    void give(std::vector<OutboxItem> items);
    Poco::Net::SocketBufVec buffers;
    std::size_t bytes = 0;  ///< queued in all outboxes of the loop

private:
    std::vector<std::vector<OutboxItem>> free_;
};

/// The output of one connection that is not written yet, in order. The loop's thread.
class Outbox {
public:
    bool empty() const { return items_.empty(); }
    /// Bytes of all pieces that are not written.
    std::size_t bytes() const { return bytes_; }
    /// Bytes that wait behind the piece being written. That piece does not count: however large it
    /// is, only its receiver's speed decides how long it takes.
    std::size_t bytesWaiting() const;
    void push(const engineio::FramePtr& frame, OutboxPool& pool);
    void push(std::string bytes, OutboxPool& pool);
    /// The last piece; empty when there is none, or its writing has begun.
    std::string_view last() const;
    /// Replaces the last piece by `bytes`. REQUIRES: `last()` is not empty.
    void replaceLast(std::string bytes, OutboxPool& pool);
    /// Throws droppable frames (typing) away whose writing has not begun; returns how many.
    std::size_t dropDroppable(OutboxPool& pool);
    /// Throws everything away whose writing has not begun.
    void dropWaiting(OutboxPool& pool);
    /// Throws everything away. For a connection that ends.
    void clear(OutboxPool& pool);
    /// Writes until nothing is left (ok), the transport takes no more (again) or broke (closed).
    /// `bytes` of the result: how many were written; `framesOut` grows by the frames finished.
    WriteResult flush(Transport& transport, OutboxPool& pool, std::uint64_t& framesOut);

private:
    void push(OutboxItem item, OutboxPool& pool);
    std::size_t advance(std::size_t written, OutboxPool& pool);
    std::size_t firstWaiting() const { return offset_ > 0 ? head_ + 1 : head_; }
    void tidy(OutboxPool& pool);

    std::vector<OutboxItem> items_;
    std::uint32_t head_ = 0;    // the piece being written
    std::uint32_t offset_ = 0;  // bytes of it that are written
    std::size_t bytes_ = 0;     // of all pieces, less `offset_`
};

}  // namespace parley::net
