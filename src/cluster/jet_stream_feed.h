#pragma once

#include "cluster/jet_stream_connection.h"

#include <parley/cluster/replicated_log.h>
#include <parley/core/clock.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parley::nats {

/// What a node reads of the stream before it asks: ReplicatedLog::follow. A consumer on the servers
/// pushes messages here, and is believed only what it delivers: it is made anew when a message is
/// missing, when it is silent, and when the stream has had messages for a second that it did not
/// bring.
class Feed {
public:
    Feed(std::string stream, std::string subject, const Clock& clock)
        : stream_(std::move(stream)), subject_(std::move(subject)), clock_(clock) {}

    /// Any thread.
    void follow(std::uint64_t from, std::function<void()> news);
    /// The message, if it is here; those before it are not needed any more. Any thread.
    std::optional<StreamMessage> find(std::uint64_t sequence);
    /// As ReplicatedLog::after. Any thread.
    std::vector<StreamMessage> after(std::uint64_t sequence, std::size_t bytesMax) const;
    /// As ReplicatedLog::endsHeard. Any thread.
    std::optional<StreamEnds> endsHeard() const;
    /// As ReplicatedLog::resubscribed. Any thread.
    std::uint64_t resubscribed() const { return resubscribed_.load(); }
    /// Ends a wait of `turn`. Any thread.
    void wake() { changed_.notify_all(); }

    /// Waits for one message, or for a reason to, for a tenth of a second. One thread.
    void turn(const NatsConnection& connection);
    /// The connection is another one from now on. That thread.
    void disconnected();

private:
    using Millis = std::chrono::milliseconds;
    /// Where the caller of `follow` wants to begin.
    struct Wish {
        std::uint64_t number;  ///< counts them
        std::uint64_t next;    ///< the message to come
    };
    enum class Put { taken, known, gap };

    std::optional<Wish> wish();
    bool hasRoom() const;
    bool subscribe(const NatsConnection& connection, const Wish& wish);
    void take(const NatsConnection& connection, natsMsg* message);
    Put put(StreamMessage message);
    void watch(const NatsConnection& connection);
    void drop(const char* why);
    void note(const std::optional<StreamEnds>& ends);

    const std::string stream_;
    const std::string subject_;
    const Clock& clock_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Wish wish_{0, 0};  // number 0: none
    std::deque<StreamMessage> messages_;
    std::size_t bytes_ = 0;
    std::function<void()> news_;
    std::optional<StreamEnds> ends_;
    std::atomic<std::uint64_t> resubscribed_{0};

    // The thread's.
    NatsSubscription subscription_;
    SpentMessages spent_;
    std::uint64_t servedWish_ = 0;
    std::optional<Millis> subscribedAt_;  // nothing: may be made at once
    Millis heardAt_{0};                   // from the consumer: a message or a heartbeat
    Millis takenAt_{0};
    bool isLogged_ = false;       // that it was dropped
    std::uint64_t promised_ = 0;  // the stream's last message when it was asked last; 0: not yet
};

}  // namespace parley::nats
