#pragma once

#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>
#include <parley/projection/dashboard_writer.h>

#include <map>
#include <unordered_map>
#include <utility>

namespace parley {

/// The version of the projections' code. Raise it when what they write changes: the tables are
/// then rebuilt at the next start.
inline constexpr int kProjectionVersion = 4;

/// Writes the Conversation and Participant tables, the message overlay, what authors hid from
/// customers and the dashboard's figures from events, inside the transaction that appends them.
/// Counts and times of one conversation are gathered and written once by `flush`. SQLite's
/// exceptions pass through: call inside Database::run.
class ViewWriter {
public:
    explicit ViewWriter(SQLite::Database& db);

    /// Takes in one event, in log order.
    void apply(const Event& event);
    /// Writes what was gathered. REQUIRED before the commit.
    void flush();
    /// Rows of which something was gathered.
    std::size_t gathered() const { return pending_.size() + hidden_.size(); }
    /// Forgets what was gathered, because the transaction was rolled back.
    void forget() {
        pending_.clear();
        dashboard_.forget();
        hidden_.clear();
    }

private:
    // Counts are what is to be added; what is 0 stays.
    struct Pending {
        ConversationFigures all;
        ConversationFigures customers;
    };
    using Author = std::pair<ConversationKey, UserKey>;

    void started(const Event& event);
    void joined(const Event& event);
    void left(const Event& event);
    void shared(const Event& event);
    void message(const Event& event);
    void changed(const Event& event);

    std::unordered_map<ConversationKey, Pending> pending_;
    std::map<Author, HiddenMessages> hidden_;
    DashboardWriter dashboard_;
    SQLite::Statement start_;
    SQLite::Statement update_;
    SQLite::Statement join_;
    SQLite::Statement leave_;
    SQLite::Statement share_;
    SQLite::Statement hide_;
};

}  // namespace parley
