// The dashboard's figures are counters. They say what counting the rows would, and cost the same
// however many conversations there are.
#include "support/temp_folder.h"

#include <parley/core/clock.h>
#include <parley/log/migrations.h>
#include <parley/projection/rebuild.h>
#include <parley/projection/view_reader.h>
#include <parley/projection/view_writer.h>

#include <catch2/catch.hpp>

#include <random>
#include <tuple>

using namespace parley;

namespace {

/// Views with the events that a test makes up, of at most 100 conversations and users.
class Views {
public:
    Views() {
        auto opened = Database::openWriter(folder_.path() / "parley.db");
        REQUIRE(opened.ok());
        db_ = std::move(*opened);
        REQUIRE(migrate(*db_, ManualClock()).ok());
        for (int i = 1; i <= 100; ++i) {
            const std::string values = "(" + std::to_string(i) + ", 'n" + std::to_string(i) + "')";
            db_->sqlite().exec("INSERT INTO conversation_key (key, id) VALUES " + values +
                               "; INSERT INTO user_key (key, id) VALUES " + values);
        }
        writer_.emplace(db_->sqlite());
    }

    void apply(EventType type, int conversation, int user = 1, UserRole role = UserRole::customer) {
        Event event;
        event.type = type;
        event.position = {++position_};
        event.conversationKey = {conversation};
        event.actorKey = {user};
        event.role = role;
        event.at = {position_};
        writer_->apply(event);
    }
    void flush() { writer_->flush(); }
    Database& db() { return *db_; }
    DashboardStats stats() {
        ConversationSeqs seqs(*db_);
        PastEvents events(*db_);
        auto stats = ViewReader(*db_, seqs, events).stats(Viewer());
        REQUIRE(stats.ok());
        return *stats;
    }
    // As the figures were defined before there were counters.
    DashboardStats counted() {
        const auto count = [&](const char* sql) {
            return db_->sqlite().execAndGet(sql).getInt64();
        };
        return {count("SELECT count(*) FROM conversation WHERE is_active"),
                count("SELECT coalesce(sum(message_count), 0) FROM conversation"),
                count("SELECT count(DISTINCT p.user) FROM participant AS p JOIN conversation AS c"
                      " ON c.conversation = p.conversation WHERE p.left_at IS NULL"
                      " AND c.is_active"),
                count("SELECT count(*) FROM conversation AS c WHERE c.is_active AND NOT EXISTS ("
                      "SELECT 1 FROM participant AS p WHERE p.conversation = c.conversation"
                      " AND p.left_at IS NULL AND p.role IN (2, 3))")};
    }

private:
    TempFolder folder_;
    std::unique_ptr<Database> db_;
    std::optional<ViewWriter> writer_;
    std::int64_t position_ = 0;
};

auto tied(const DashboardStats& stats) {
    return std::tuple(stats.activeConversations, stats.totalMessages, stats.activeUsers,
                      stats.queuedConversations);
}

}  // namespace

TEST_CASE("the figures follow joins, roles and leaves") {
    Views views;
    CHECK(tied(views.stats()) == std::tuple(0, 0, 0, 0));
    views.apply(EventType::conversationStarted, 1);
    views.apply(EventType::participantJoined, 1, 1);
    views.apply(EventType::messageSent, 1);
    views.flush();
    CHECK(tied(views.stats()) == std::tuple(1, 1, 1, 1));
    views.apply(EventType::participantJoined, 1, 2, UserRole::agent);
    views.apply(EventType::participantJoined, 1, 3, UserRole::supervisor);
    views.apply(EventType::participantLeft, 1, 2);
    views.apply(EventType::participantLeft, 1, 2);  // no one leaves twice
    views.flush();
    CHECK(tied(views.stats()) == std::tuple(1, 1, 2, 0));
    views.apply(EventType::participantJoined, 1, 3, UserRole::customer);  // in another role
    views.flush();
    CHECK(tied(views.stats()) == std::tuple(1, 1, 2, 1));
    views.apply(EventType::conversationStarted, 2);
    views.apply(EventType::participantJoined, 2, 3, UserRole::robot);
    views.apply(EventType::participantLeft, 1, 3);
    views.flush();
    CHECK(tied(views.stats()) == std::tuple(2, 1, 2, 2));
}

TEST_CASE("after any events the figures are what counting the rows gives") {
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937 engine(seed);
        const auto dice = [&](int below) {
            return std::uniform_int_distribution(0, below - 1)(engine);
        };
        Views views;
        int started = 0;
        for (int i = 0; i < 300; ++i) {
            const int conversation = 1 + dice(std::max(1, started));
            const int user = 1 + dice(8);
            const auto role = static_cast<UserRole>(1 + dice(4));
            switch (started == 0 ? 0 : dice(8)) {
                case 0:
                    if (started < 10) views.apply(EventType::conversationStarted, ++started);
                    break;
                case 1:
                case 2:
                case 3: views.apply(EventType::participantJoined, conversation, user, role); break;
                case 4:
                case 5: views.apply(EventType::participantLeft, conversation, user); break;
                case 6: views.apply(EventType::messageSent, conversation, user, role); break;
                default: views.flush();
            }
        }
        views.flush();
        CAPTURE(seed);
        CHECK(tied(views.stats()) == tied(views.counted()));
    }
}

TEST_CASE("the figures cost the same however many conversations there are") {
    Views views;
    for (int i = 1; i <= 100; ++i) {
        views.apply(EventType::conversationStarted, i);
        for (int user = 1; user <= 20; ++user) {
            views.apply(EventType::participantJoined, i, user, UserRole::customer);
        }
    }
    views.flush();
    int checks = 0;  // one each kInterruptCheckOps of SQLite's steps
    views.db().interruptWhen([&] {
        ++checks;
        return false;
    });
    CHECK(tied(views.stats()) == std::tuple(100, 0, 20, 100));
    CHECK(checks <= 1);
}

TEST_CASE("rebuild --check finds figures that are not those of the log") {
    for (const std::string damage :
         {"UPDATE dashboard SET total_messages = 7",
          "INSERT INTO active_user (user, conversation_count) VALUES (9, 1)"}) {
        Views views;
        REQUIRE(rebuildViews(views.db()).ok());
        auto check = checkViews(views.db());
        REQUIRE(check.ok());
        CHECK(check->differences.empty());
        views.db().sqlite().exec(
            "INSERT OR REPLACE INTO dashboard (id, active_conversations,"
            " total_messages, active_users, queued_conversations)"
            " VALUES (1, 0, 0, 0, 0); " +
            damage);
        check = checkViews(views.db());
        REQUIRE(check.ok());
        CHECK_FALSE(check->differences.empty());
    }
}
