// The stored views say what the states in memory say, and a rebuild gives the same rows.
#include "projection/stored_life.h"

#include <parley/log/read/fold_scan.h>
#include <parley/projection/rebuild.h>
#include <parley/projection/state_reader.h>

#include <algorithm>
#include <span>
#include <tuple>

using namespace parley;
using namespace parley::test;

namespace {

using Cells = std::vector<std::tuple<std::string, std::int64_t, UserRole, std::int64_t>>;

Cells participantsOf(const ConversationState& state) {
    Cells cells;
    for (const auto& one : state.participants) {
        cells.emplace_back(one.user.str(), one.userKey.value, one.role, one.joinedAt.value);
    }
    return cells;
}

/// All rows of all tables of the views.
std::vector<std::string> rows(Database& db) {
    std::vector<std::string> all;
    for (const auto& table : viewTables()) {
        SQLite::Statement row(db.sqlite(), std::string("SELECT * FROM ") + table.name);
        while (row.executeStep()) {
            std::string text = table.name;
            for (int i = 0; i < row.getColumnCount(); ++i) {
                text += ' ' + row.getColumn(i).getString();
            }
            all.push_back(text);
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

void live(StoredLife& life, unsigned seed, int steps) {
    std::mt19937 random(seed);
    for (int i = 0; i < steps; ++i) life.runAny(random);
}

}  // namespace

TEST_CASE("after any life a conversation read from the views is the one in memory") {
    for (unsigned seed = 100; seed < 112; ++seed) {
        CAPTURE(seed);
        StoredLife life;
        live(life, seed, 400);
        ConversationSeqs seqs(life.db());
        StateReader views(life.db(), seqs);
        for (const auto& [id, state] : life.states()) {
            CAPTURE(id);
            const auto stored = views.conversation(ConversationId::fromStored(id));
            REQUIRE(stored.ok());
            REQUIRE((*stored)->waiting == state.waiting);
            REQUIRE(stored->has_value() == state.started());
            if (!state.started()) continue;
            const auto& read = **stored;
            CHECK(read.key == state.key);
            CHECK(read.lastSeq == state.lastSeq);
            CHECK(read.createdAt == state.createdAt);
            CHECK(read.isActive == state.isActive);
            CHECK((read.figures == state.figures));
            CHECK((read.customerFigures == state.customerFigures));
            CHECK(participantsOf(read) == participantsOf(state));
        }
    }
}

TEST_CASE("what an author may know adds up to what a walk through the messages finds") {
    StoredLife life;
    live(life, 7, 600);
    ConversationSeqs seqs(life.db());
    StateReader views(life.db(), seqs);
    const auto events = life.events();
    int hidden = 0;
    for (const auto& [id, state] : life.states()) {
        for (std::int64_t key = 1; key <= 6; ++key) {
            const auto viewer = Viewer::of(UserKey{key}, UserRole::customer);
            std::int64_t seen = 0;
            for (const auto& event : events) {
                if (event.conversation.str() != id || !isMessage(event.type)) continue;
                if (visible(event, viewer)) ++seen;
            }
            const auto own = views.hiddenBy(state.key, viewer.user());
            REQUIRE(own.ok());
            CHECK(figuresFor(state, viewer, *own).messageCount == seen);
            hidden += own->count != 0 ? 1 : 0;
        }
    }
    CHECK(hidden > 5);
}

TEST_CASE("a rebuild gives the rows that were written live, and the check finds no difference") {
    for (unsigned seed = 200; seed < 206; ++seed) {
        CAPTURE(seed);
        StoredLife life;
        live(life, seed, 400);
        const auto before = rows(life.db());
        auto check = checkViews(life.db());
        REQUIRE(check.ok());
        CHECK(check->differences == std::vector<std::string>{});
        const auto position = rebuildViews(life.db());
        REQUIRE(position.ok());
        CHECK(position->value == life.events().back().position.value);
        CHECK(check->position == *position);
        CHECK(rows(life.db()) == before);
        CHECK(*viewsAreCurrent(life.db()));
    }
}

TEST_CASE("the check finds a change in every table of the views") {
    for (const auto& [table, damage] :
         {std::pair("conversation", "UPDATE conversation SET message_count = message_count + 1"),
          std::pair("conversation", "UPDATE conversation SET waiting_at = 7"),
          std::pair("hour", "UPDATE hour SET events = events + 1"),
          std::pair("participant", "UPDATE participant SET joined_at = joined_at + 1"),
          std::pair("hidden_by_author", "DELETE FROM hidden_by_author"),
          std::pair("message_overlay", "DELETE FROM message_overlay"),
          std::pair("active_user", "UPDATE active_user SET conversation_count = 99"),
          std::pair("dashboard", "UPDATE dashboard SET queued_conversations = 99")}) {
        CAPTURE(table);
        StoredLife life;
        live(life, 3, 500);
        life.db().sqlite().exec(damage);
        const auto check = checkViews(life.db());
        REQUIRE(check.ok());
        REQUIRE(check->differences.size() == 1);
        CHECK(check->differences.front().starts_with(std::string(table) + ": "));
    }
}

namespace {

/// The check of a caller that has read the first `read` events itself, in two calls.
Result<RebuildCheck> checkWith(Database& db, std::size_t read) {
    const auto events = LogWalk(db).read({0}, static_cast<int>(read)).value();
    REQUIRE(events.size() == read);
    auto check = ViewCheck::begin(db).value();
    const std::span all(events);
    check.take(all.first(read / 2));
    check.take(all.subspan(read / 2));
    return check.finish();
}

}  // namespace

TEST_CASE("a check that is given events finds what one that reads the log finds") {
    StoredLife life;
    live(life, 4, 400);
    const auto count = life.events().size();
    for (const auto read : {std::size_t{0}, std::size_t{1}, count / 3, count}) {
        CAPTURE(read);
        const auto check = checkWith(life.db(), read);
        REQUIRE(check.ok());
        CHECK(check->differences == std::vector<std::string>{});
        CHECK(check->position.value == static_cast<std::int64_t>(count));
    }
    life.db().sqlite().exec("UPDATE conversation SET message_count = message_count + 1");
    for (const auto read : {count / 3, count}) {
        CAPTURE(read);
        CHECK(checkWith(life.db(), read)->differences == checkViews(life.db())->differences);
        CHECK(checkWith(life.db(), read)->differences.size() == 1);
    }
}

TEST_CASE("a check takes events of old versions, and says at its end what it does not know") {
    StoredLife life;
    live(life, 4, 200);
    auto events = LogWalk(life.db()).read({0}, 10'000).value();
    const auto left = std::find_if(events.begin(), events.end(), [](const auto& stored) {
        return stored.event.type == EventType::participantLeft;
    });
    REQUIRE(left != events.end());
    for (const auto& [version, known] : {std::pair(1U, true), std::pair(99U, false)}) {
        CAPTURE(version);
        left->event.version = version;
        auto check = ViewCheck::begin(life.db()).value();
        check.take(events);
        const auto found = check.finish();
        REQUIRE(found.ok() == known);
        if (known) CHECK(found->differences.empty());
        if (!known) CHECK(found.error().code == ErrorCode::storage_damaged);
    }
}

TEST_CASE("figures gathered in a rolled back transaction are dropped") {
    StoredLife life;
    live(life, 5, 50);
    const auto before = rows(life.db());
    ViewWriter writer(life.db().sqlite());
    REQUIRE(life.db().begin().ok());
    for (const auto& event : life.events()) {
        if (isMessage(event.type)) writer.apply(event);
    }
    CHECK(writer.gathered() > 0);
    life.db().rollback();
    writer.forget();
    CHECK(writer.gathered() == 0);
    writer.flush();
    CHECK(rows(life.db()) == before);
}

TEST_CASE("a scan reads every column that a fold may see, part by part") {
    StoredLife life;
    live(life, 11, 300);
    const auto events = life.events();
    std::size_t next = 0;
    Position position;
    for (bool more = true; more;) {
        const auto last = scanForFold(life.db(), position, 7, [&](const FoldableEvent& read) {
            const FoldableEvent& event = events.at(next++);
            const auto cells = [](const FoldableEvent& one) {
                return std::tuple(one.position, one.seq, one.at.value, one.type,
                                  one.conversationKey, one.actorKey, one.role, one.visible,
                                  one.messageType, one.original ? one.original->str() : "",
                                  one.cause);
            };
            CHECK((cells(read) == cells(event)));
            CHECK(read.version == rowOf(event.type).version);
        });
        REQUIRE(last.ok());
        more = *last > position;
        position = *last;
    }
    CHECK(next == events.size());
}
