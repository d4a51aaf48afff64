#pragma once

#include <parley/core/clock.h>
#include <parley/core/random.h>
#include <parley/core/uuid.h>
#include <parley/domain/decide.h>
#include <parley/log/event_log.h>
#include <parley/log/migrations.h>
#include <parley/log/read/log_walk.h>
#include <parley/projection/update.h>
#include <parley/projection/view_writer.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace parley::test {

/// Conversations that live in a database in memory: commands are decided, appended, folded into the
/// views and into states, as the writer does it, but without a thread and a disk.
class StoredLife {
public:
    StoredLife() : StoredLife(Database::openInMemory()) {}
    /// The same in a file, beside which others may read.
    explicit StoredLife(const std::filesystem::path& file)
        : StoredLife(Database::openWriter(file, Synchronous::normal)) {}

    /// In an empty database.
    explicit StoredLife(Result<std::unique_ptr<Database>> db) : random_(1), uuids_(random_) {
        REQUIRE(db.ok());
        db_ = std::move(*db);
        REQUIRE(migrate(*db_, clock_).ok());
        auto log = EventLog::open(*db_, random_);
        REQUIRE(log.ok());
        log_ = std::move(*log);
        views_.emplace(db_->sqlite());
    }

    /// Returns what the command changed; nothing where it is refused.
    std::vector<ProjectionUpdate> run(const Command& command, const DecideContext& context = {}) {
        ConversationState& state = states_[conversationOf(command).str()];
        clock_.advance(std::chrono::milliseconds(7));
        auto events = decide(state, command, context);
        if (!events) return {};
        Seq seq = state.lastSeq;
        for (auto& event : *events) {
            event.seq = {++seq.value};
            event.at = clock_.now();
            event.id = uuids_.next(event.at);
        }
        REQUIRE(db_->begin().ok());
        REQUIRE(log_->append(*events).ok());
        for (const auto& event : *events) {
            views_->apply(event);
            if (isMessage(event.type)) last_ = event;
        }
        views_->flush();
        REQUIRE(db_->commit().ok());
        log_->committed();
        return project(state, std::move(*events));
    }

    /// A random command on one of six conversations, by one of five users.
    std::vector<ProjectionUpdate> runAny(std::mt19937& random) {
        const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
        const auto c = ConversationId::fromStored("c" + std::to_string(below(6)));
        const auto u = UserId::fromStored("u" + std::to_string(below(5)));
        const auto role = static_cast<UserRole>(1 + below(4));
        switch (below(12)) {
            case 0:
            case 1:
                return run(
                    JoinRoom{.conversation = c, .user = u, .role = role, .hidden = below(2) == 0});
            case 2: return run(LeaveRoom{c, u});
            case 3: return run(RemoveParticipant{c, u, {}});
            case 4: return run(StartTyping{c, u, "name"});
            case 5: return run(StopTyping{c, u});
            case 6:
                return run(StartConversation{
                    .conversation = c,
                    .createdBy = u,
                    .createdByRole = role,
                    .title = "title",
                    .description = {},
                    .initialParticipants = {{u, role},
                                            {UserId::fromStored("other"), UserRole::agent}}});
            case 7: return shareLast();
            default: return run(message(c, u, role, isStaff(role) && below(2) == 0));
        }
    }

    static SendMessage message(const ConversationId& conversation, const UserId& from,
                               UserRole role, bool note = false) {
        return {.conversation = conversation,
                .from = from,
                .fromRole = role,
                .content = "said",
                .toRole = {},
                .isVisible = note ? std::optional(false) : std::nullopt,
                .clientMessageId = {},
                .expectedSeq = {}};
    }

    /// Time passes, and nothing happens.
    void pass(std::chrono::milliseconds time) { clock_.advance(time); }

    Database& db() { return *db_; }
    std::optional<UserKey> keyOf(const UserId& user) { return log_->find(user).value(); }
    const std::map<std::string, ConversationState>& states() const { return states_; }
    /// The last message of all.
    const Event& lastMessage() const { return last_; }

    /// All events as a read of the log gives them.
    std::vector<Event> events() {
        auto stored = LogWalk(*db_).read({}, 1'000'000);
        REQUIRE(stored.ok());
        std::vector<Event> all;
        for (auto& one : *stored) all.push_back(std::move(one.event));
        return all;
    }

private:
    std::vector<ProjectionUpdate> shareLast() {
        if (!last_.role || last_.role != UserRole::robot) return {};
        const Event original = last_;
        const auto& state = states_[original.conversation.str()];
        for (const auto& participant : state.participants) {
            if (!isStaff(participant.role)) continue;
            DecideContext context;
            context.original = &original;
            return run(ShareRobotMessage{original.conversation, original.id, participant.user},
                       context);
        }
        return {};
    }

    ManualClock clock_;
    SeededRandom random_;
    UuidGenerator uuids_;
    std::unique_ptr<Database> db_;
    std::unique_ptr<EventLog> log_;
    std::optional<ViewWriter> views_;
    std::map<std::string, ConversationState> states_;
    Event last_;
};

}  // namespace parley::test
