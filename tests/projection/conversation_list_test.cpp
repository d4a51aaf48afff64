// Lists of conversations: every order, page by page, against what sorting all rows gives.
#include "projection/stored_life.h"

#include <parley/projection/active_conversations.h>
#include <parley/projection/conversation_list.h>

#include <algorithm>
#include <set>

using namespace parley;
using namespace parley::test;

namespace {

using Ids = std::vector<std::string>;

const Viewer kSupervisor = Viewer::of(UserKey{0}, UserRole::supervisor);

struct Row {
    std::string id;
    std::int64_t started = 0;
    std::int64_t place = 0;
    std::optional<std::int64_t> waits;
    bool staff = false;
};

/// The lists of a life's database, with an active list of this size.
class Lists {
public:
    explicit Lists(StoredLife& life, ActiveConversations::Limits limits = {10'000, 200'000})
        : life_(life),
          active_(limits),
          seqs_(life.db()),
          events_(life.db()),
          views_(life.db(), seqs_, events_),
          list_(life.db(), views_) {}

    ListEnd page(ListRequest request, Ids& ids) {
        request.head = {
            life_.db().sqlite().execAndGet("SELECT max(position) FROM event").getInt64()};
        REQUIRE(active_.catchUp(life_.db(), request.head).ok());
        auto end = list_.read(request, active_, [&](const ConversationRow& row) {
            ids.push_back(row.state.id.str());
            return true;
        });
        REQUIRE(end.ok());
        return *end;
    }

    /// All pages, each behind the last row of the one before.
    Ids all(ListRequest request) {
        Ids ids;
        for (PageEnd end = PageEnd::limit; end != PageEnd::reached;) {
            const auto page = this->page(request, ids);
            end = page.end;
            if (page.last) {
                const auto again = parseListPlace(textOf(*page.last), request.sort);
                REQUIRE(again.ok());
                REQUIRE(*again == *page.last);
                request.after = page.last;
            }
        }
        return ids;
    }

    const ActiveConversations& active() const { return active_; }

private:
    StoredLife& life_;
    ActiveConversations active_;
    ConversationSeqs seqs_;
    PastEvents events_;
    ViewReader views_;
    ConversationList list_;
};

std::vector<Row> rowsOf(StoredLife& life) {
    std::vector<Row> rows;
    SQLite::Statement row(
        life.db().sqlite(),
        "SELECT k.id, c.conversation, (SELECT max(position) FROM event AS e WHERE e.conversation ="
        " c.conversation AND e.type IN (1, 4, 7)), c.waiting_position, EXISTS (SELECT 1 FROM"
        " participant AS p WHERE p.conversation = c.conversation AND p.left_at IS NULL AND p.role"
        " IN (2, 3)) FROM conversation AS c JOIN conversation_key AS k ON k.key = c.conversation");
    while (row.executeStep()) {
        Row one{.id = row.getColumn(0).getString(),
                .started = row.getColumn(1).getInt64(),
                .place = row.getColumn(2).getInt64(),
                .waits = {},
                .staff = row.getColumn(4).getInt() != 0};
        if (!row.getColumn(3).isNull()) one.waits = row.getColumn(3).getInt64();
        rows.push_back(one);
    }
    return rows;
}

Ids sorted(std::vector<Row> rows, ListSort sort, ListShow show) {
    std::erase_if(rows, [&](const Row& row) {
        return (show == ListShow::waiting && !row.waits) ||
               (show == ListShow::withoutAgent && row.staff);
    });
    std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
        if (sort == ListSort::created) return a.started > b.started;
        if (sort == ListSort::waiting && (a.waits || b.waits)) {
            return a.waits.value_or(INT64_MAX) < b.waits.value_or(INT64_MAX);
        }
        return a.place > b.place;
    });
    Ids ids;
    for (const auto& row : rows) ids.push_back(row.id);
    return ids;
}

void live(StoredLife& life, std::mt19937& random, int steps) {
    for (int i = 0; i < steps; ++i) life.runAny(random);
}

/// More conversations than the random life has.
void startMany(StoredLife& life, int count) {
    for (int i = 0; i < count; ++i) {
        const auto id = ConversationId::fromStored("m" + std::to_string(i));
        life.run(StoredLife::message(id, UserId::fromStored("cust" + std::to_string(i % 7)),
                                     UserRole::customer));
    }
}

}  // namespace

TEST_CASE("every list gives the rows in its order, whatever the page's size") {
    for (unsigned seed = 1; seed <= 6; ++seed) {
        std::mt19937 random(seed);
        StoredLife life;
        startMany(life, 5);
        live(life, random, 200);
        for (const auto sort : {ListSort::created, ListSort::waiting, ListSort::activity}) {
            for (const auto show : {ListShow::all, ListShow::waiting, ListShow::withoutAgent}) {
                for (const int limit : {1, 2, 100}) {
                    CAPTURE(seed, static_cast<int>(sort), static_cast<int>(show), limit);
                    Lists lists(life);
                    const auto ids = lists.all(
                        {.sort = sort, .show = show, .limit = limit, .viewer = kSupervisor});
                    REQUIRE(ids == sorted(rowsOf(life), sort, show));
                }
            }
        }
    }
}

TEST_CASE("beyond the active list the rows follow in the order of their start, each once") {
    std::mt19937 random(7);
    StoredLife life;
    startMany(life, 40);
    live(life, random, 30);
    for (const auto limits :
         {ActiveConversations::Limits{5, 200'000}, ActiveConversations::Limits{10'000, 20}}) {
        for (const int limit : {1, 3, 100}) {
            Lists lists(life, limits);
            const auto ids =
                lists.all({.sort = ListSort::activity, .limit = limit, .viewer = kSupervisor});
            const auto rows = rowsOf(life);
            const auto byActivity = sorted(rows, ListSort::activity, ListShow::all);
            const auto known = lists.active().before({INT64_MAX}, 1000).size();
            REQUIRE(known >= 3);
            REQUIRE(known < rows.size());
            REQUIRE(
                std::equal(ids.begin(), ids.begin() + static_cast<int>(known), byActivity.begin()));
            auto rest = sorted(rows, ListSort::created, ListShow::all);
            std::erase_if(rest, [&](const std::string& id) {
                return std::find(ids.begin(), ids.begin() + static_cast<int>(known), id) !=
                       ids.begin() + static_cast<int>(known);
            });
            REQUIRE(Ids(ids.begin() + static_cast<int>(known), ids.end()) == rest);
        }
    }
}

TEST_CASE("while rows move, no page repeats one, and only what moved is missed") {
    for (const auto limits :
         {ActiveConversations::Limits{10'000, 200'000}, ActiveConversations::Limits{8, 200'000}}) {
        for (const auto sort : {ListSort::created, ListSort::waiting, ListSort::activity}) {
            for (unsigned seed = 20; seed < 26; ++seed) {
                std::mt19937 random(seed);
                StoredLife life;
                startMany(life, 30);
                live(life, random, 20);
                Lists lists(life, limits);
                ListRequest request{.sort = sort, .limit = 3, .viewer = kSupervisor};
                const auto before = rowsOf(life);
                const auto from = life.events().size();
                Ids ids;
                for (PageEnd end = PageEnd::limit; end != PageEnd::reached;) {
                    const auto page = lists.page(request, ids);
                    end = page.end;
                    if (page.last) request.after = page.last;
                    live(life, random, 3);
                    // One of those at the end of every order comes to the front.
                    const auto oldest = "m" + std::to_string(random() % 30);
                    life.run(StoredLife::message(ConversationId::fromStored(oldest),
                                                 UserId::fromStored("boss"), UserRole::agent));
                }
                CAPTURE(static_cast<int>(sort), seed);
                const std::set<std::string> seen(ids.begin(), ids.end());
                REQUIRE(seen.size() == ids.size());
                std::set<std::string> moved;
                const auto events = life.events();
                for (auto i = from; i < events.size(); ++i) {
                    moved.insert(events[i].conversation.str());
                }
                for (const auto& row : before) {
                    CAPTURE(row.id);
                    REQUIRE((seen.contains(row.id) || moved.contains(row.id)));
                }
            }
        }
    }
}

TEST_CASE("the active list is the same whether it read on or begins anew") {
    std::mt19937 random(3);
    StoredLife life;
    ActiveConversations kept;
    const auto head = [&] {
        return Position{
            life.db().sqlite().execAndGet("SELECT max(position) FROM event").getInt64()};
    };
    for (int i = 0; i < 50; ++i) {
        live(life, random, 10);
        REQUIRE(kept.catchUp(life.db(), head()).ok());
        ActiveConversations fresh;
        REQUIRE(fresh.catchUp(life.db(), head()).ok());
        const auto a = kept.before({INT64_MAX}, 100);
        const auto b = fresh.before({INT64_MAX}, 100);
        REQUIRE(a.size() == b.size());
        for (std::size_t k = 0; k < a.size(); ++k) {
            REQUIRE(a[k].conversation == b[k].conversation);
            REQUIRE(a[k].position == b[k].position);
        }
    }
}

TEST_CASE("a prefix finds conversations by their id and by a participant's, and both ways alike") {
    StoredLife life;
    startMany(life, 30);
    const auto withPrefix = [&](const std::string& prefix, ListSort sort) {
        return Lists(life).all({.sort = sort, .prefix = prefix, .limit = 7, .viewer = kSupervisor});
    };
    REQUIRE(withPrefix("m1", ListSort::created).size() == 11);  // m1, m10 to m19
    REQUIRE(withPrefix("cust3", ListSort::activity).size() == 4);
    REQUIRE(withPrefix("m2", ListSort::waiting).front() == "m2");
    REQUIRE(withPrefix("M1", ListSort::created).empty());
    REQUIRE(withPrefix("m%", ListSort::created).empty());

    // So many that each row is asked instead.
    startMany(life, 1100);
    REQUIRE(withPrefix("m", ListSort::created).size() == 1100);
    REQUIRE(withPrefix("cust", ListSort::activity).size() == 1100);
    REQUIRE(withPrefix("cust", ListSort::waiting).size() == 1100);
    life.run(LeaveRoom{ConversationId::fromStored("m7"), UserId::fromStored("cust0")});
    REQUIRE(withPrefix("cust", ListSort::activity).size() == 1099);
}

TEST_CASE("a customer's own list is sorted by what the customer may see") {
    StoredLife life;
    const auto cust = UserId::fromStored("cust");
    for (const auto* id : {"one", "two", "three"}) {
        const auto conversation = ConversationId::fromStored(id);
        life.run(StoredLife::message(conversation, cust, UserRole::customer));
    }
    life.run(StoredLife::message(ConversationId::fromStored("foreign"), UserId::fromStored("x"),
                                 UserRole::customer));
    life.run(StoredLife::message(ConversationId::fromStored("one"), UserId::fromStored("bob"),
                                 UserRole::agent, true));
    const auto key = life.keyOf(cust);
    REQUIRE(key);
    ListRequest request{.sort = ListSort::activity,
                        .limit = 1,
                        .listed = {.of = *key, .only = nullptr},
                        .viewer = Viewer::of(*key, UserRole::customer)};
    REQUIRE(Lists(life).all(request) == Ids{"three", "two", "one"});
    life.run(StoredLife::message(ConversationId::fromStored("two"), UserId::fromStored("bob"),
                                 UserRole::agent));
    REQUIRE(Lists(life).all(request) == Ids{"two", "three", "one"});
    const std::vector<ConversationId> only{ConversationId::fromStored("three")};
    request.listed.only = &only;
    REQUIRE(Lists(life).all(request) == Ids{"three"});
}

TEST_CASE("what waits, and what has no staff, is found by an index") {
    StoredLife life;
    const auto plan = [&](const std::string& condition) {
        SQLite::Statement row(life.db().sqlite(),
                              "EXPLAIN QUERY PLAN " + ConversationRows::select() + condition);
        std::string text;
        while (row.executeStep()) text += row.getColumn(3).getString() + "\n";
        return text;
    };
    const auto waiting = plan("WHERE c.waiting_position > :place ORDER BY c.waiting_position");
    REQUIRE(waiting.find("conversation_waiting") != std::string::npos);
    REQUIRE(waiting.find("TEMP B-TREE") == std::string::npos);
    const auto queued =
        plan("WHERE c.conversation < :place AND c.staff_count = 0 ORDER BY c.conversation DESC");
    CAPTURE(queued);
    REQUIRE(queued.find("conversation_without_staff") != std::string::npos);
    REQUIRE(queued.find("TEMP B-TREE") == std::string::npos);
}

TEST_CASE("a place that no list gives is refused") {
    for (const auto* text : {"", "c", "x1", "c-1", "c1-", "c1-x", "c1 ", "w1", "a1-2", "1", "c1.0",
                             "c99999999999999999999"}) {
        CAPTURE(text);
        REQUIRE_FALSE(parseListPlace(text, ListSort::waiting).ok());
    }
    REQUIRE_FALSE(parseListPlace("w1", ListSort::activity).ok());
    REQUIRE_FALSE(parseListPlace("a1", ListSort::created).ok());
    REQUIRE_FALSE(parseListPlace("c1-5", ListSort::created).ok());
    REQUIRE(parseListPlace("c1-5", ListSort::activity).ok());
}
