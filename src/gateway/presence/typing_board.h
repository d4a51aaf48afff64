#pragma once

#include <parley/core/ids.h>
#include <parley/core/numbers.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/typing/typing.h>
#include <parley/domain/user_list.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace parley {

/// Who types in which conversation now, for the dashboards that are told of it. It is kept from
/// what rooms are told, so in a cluster it has the clients of all nodes. Any thread.
class TypingBoard {
public:
    struct Conversation {
        ConversationId id;
        std::vector<TypingUser> users;  ///< who began first, kNamedMax at most; empty: nobody
        std::size_t count = 0;          ///< of all who type there
    };
    struct News {
        std::vector<Conversation> conversations;
        bool more = false;  ///< the rest is in what `take` returns next
    };
    static constexpr std::size_t kNamedMax = 5;

    /// `dashboards`: how many there are to tell. While there are none, no news is gathered. It
    /// outlives this; a dashboard is counted before it asks for `all`.
    explicit TypingBoard(const std::atomic<std::int64_t>& dashboards) : dashboards_(dashboards) {}

    /// Calls `tell` when there is news for the first time since `take`. Set it before the first
    /// change. `tell` is called on the thread of the change and must not block.
    void onChange(std::function<void()> tell) { tell_ = std::move(tell); }
    void note(const TypingChanged& change);

    /// What is so now, for a new dashboard: `most` conversations at most.
    News all(std::size_t most);
    /// Who types now in conversations where that has changed since they were told of last: `most`
    /// of them at most, in the order of the changes. Typing that began and ended in between is
    /// left out.
    News take(std::size_t most);

private:
    struct Entry {
        ConversationId id;
        UserList<TypingUser> users;
        bool queued = false;  // in queue_
        bool told = false;    // some dashboard was told of users in it
    };
    bool apply(const TypingChanged& change);
    void enqueue(ConversationKey key, Entry& entry);
    static Conversation shown(const Entry& entry);

    const std::atomic<std::int64_t>& dashboards_;
    std::function<void()> tell_;
    std::mutex mutex_;
    std::unordered_map<ConversationKey, Entry> entries_;  // somebody types, or it is queued
    std::deque<ConversationKey> queue_;
    bool woken_ = false;  // `tell_` was called, and `take` was not since
};

}  // namespace parley
