#pragma once

#include <parley/domain/event.h>
#include <parley/log/database.h>
#include <parley/projection/dashboard_writer.h>

#include <unordered_map>

namespace parley {

/// The version of the projections' code. Raise it when what they write changes: the tables are
/// then rebuilt at the next start.
inline constexpr int kProjectionVersion = 3;

/// Writes the Conversation and Participant tables, the message overlay and the dashboard's figures
/// from events, inside the transaction that appends them. Counts and times of one conversation are
/// gathered and written once by `flush`. SQLite's exceptions pass through: call inside
/// Database::run.
class ViewWriter {
public:
    explicit ViewWriter(SQLite::Database& db);

    /// Takes in one event, in log order.
    void apply(const Event& event);
    /// Writes what was gathered. REQUIRED before the commit.
    void flush();
    /// Conversations of which something was gathered.
    std::size_t gathered() const { return pending_.size(); }
    /// Forgets what was gathered, because the transaction was rolled back.
    void forget() {
        pending_.clear();
        dashboard_.forget();
    }

private:
    struct Pending {
        std::int64_t messages = 0;
        std::int64_t lastMessageAt = 0;
        std::int64_t updatedAt = 0;
    };
    void started(const Event& event);
    void joined(const Event& event);
    void left(const Event& event);
    void shared(const Event& event);

    std::unordered_map<std::int64_t, Pending> pending_;
    DashboardWriter dashboard_;
    SQLite::Statement start_;
    SQLite::Statement update_;
    SQLite::Statement join_;
    SQLite::Statement leave_;
    SQLite::Statement share_;
};

}  // namespace parley
