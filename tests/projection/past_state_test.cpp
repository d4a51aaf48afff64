// A conversation as of an event of the log is what the live readers show where the log ends there:
// for every projection, every viewer, and any life of conversations.
#include "projection/cut_off.h"
#include "projection/stored_life.h"

#include <parley/log/read/key_lookup.h>
#include <parley/log/read/message_reader.h>
#include <parley/projection/past_sight.h>
#include <parley/projection/past_state.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

using namespace parley;
using namespace parley::test;

namespace {

constexpr std::array kRoles{UserRole::customer, UserRole::agent, UserRole::supervisor,
                            UserRole::robot};

/// The readers of one database.
struct Readers {
    explicit Readers(Database& db)
        : seqs(db),
          events(db),
          views(db, seqs, events),
          messages(db, seqs),
          relations(db),
          past(db, seqs, events) {}

    ConversationSeqs seqs;
    PastEvents events;
    ViewReader views;
    MessageReader messages;
    RelationReader relations;
    PastStateReader past;
};

/// A life with removals that say by whom.
class Life : public StoredLife {
public:
    explicit Life(unsigned seed) : random_(seed) {}

    void go(int steps) {
        for (int i = 0; i < steps; ++i) {
            if (random_() % 15 == 0) {
                removeOne();
            } else {
                runAny(random_);
            }
            heads_.push_back(head());
            typing_.push_back(typingNow());
        }
    }
    Position head() { return LogWalk(db()).head().value(); }
    /// Of each conversation after each step: who typed, in the states in memory.
    const std::vector<Position>& heads() const { return heads_; }
    const std::vector<std::map<std::string, std::string>>& typing() const { return typing_; }

private:
    void removeOne() {
        const auto c = ConversationId::fromStored("c" + std::to_string(random_() % 6));
        run(RemoveParticipant{c, UserId::fromStored("u" + std::to_string(random_() % 5)),
                              UserId::fromStored("boss")});
    }
    std::map<std::string, std::string> typingNow() const;

    std::mt19937 random_;
    std::vector<Position> heads_;
    std::vector<std::map<std::string, std::string>> typing_;
};

std::string text(const Participant& one) {
    std::ostringstream out;
    out << one.user.str() << '#' << one.userKey.value << ' ' << roleName(one.role) << ' '
        << one.joinedAt.value << (one.hidden ? " hidden|" : "|");
    return out.str();
}

std::string text(const ConversationFigures& figures) {
    std::ostringstream out;
    out << figures.messageCount << ' ' << figures.lastMessageSeq.value << ' '
        << figures.lastMessageAt.value << ' ' << figures.updatedAt.value << '|';
    return out.str();
}

std::string text(const ConversationRow& row) {
    const auto& state = row.state;
    std::ostringstream out;
    out << state.id.str() << '#' << state.key.value << ' ' << state.lastSeq.value << ' '
        << state.createdAt.value << ' ' << state.isActive << '|' << text(row.figures)
        << text(state.figures) << text(state.customerFigures) << row.title.value_or("-") << '|'
        << row.description.value_or("-") << '|';
    for (const auto& one : state.participants) out << text(one);
    return out.str();
}

std::string text(const std::vector<TypingUser>& typing) {
    std::string out;
    for (const auto& one : typing) {
        out += one.user.str() + ' ' + one.userName + (one.hidden ? " hidden|" : "|");
    }
    return out;
}

std::map<std::string, std::string> Life::typingNow() const {
    const auto all = Viewer::unnamed(Viewer::Via::rest);
    std::map<std::string, std::string> now;
    for (const auto& [id, state] : states()) now[id] = text(typingFor(state, all));
    return now;
}

std::string text(const Result<PageEnd>& page, const std::string& rows) {
    REQUIRE(page.ok());
    return rows + (*page == PageEnd::refused ? "refused" : "reached");
}

/// A taker of a page of participants that has room for three.
auto into(std::string& rows) {
    return [&rows, room = 3](const Participant& one, Position joined) mutable {
        if (room-- == 0) return false;
        rows += text(one) + std::to_string(joined.value) + '|';
        return true;
    };
}

using Messages = std::vector<std::string>;

Messages messagesOf(Readers& readers, ConversationKey key, const Viewer& viewer, Position upTo) {
    Messages all;
    const auto read = readers.messages.read(
        key, {.limit = 100, .before = Position{upTo.value + 1}, .after = {}}, viewer,
        [&](const Event& one) {
            const auto shared = readers.past.sharedBy(one.position, upTo);
            REQUIRE(shared.ok());
            all.push_back(std::to_string(one.position.value) + ' ' + one.content.value_or("-") +
                          (*shared ? " shared " + std::to_string((*shared)->value) : ""));
            return true;
        });
    REQUIRE(read.ok());
    return all;
}

std::vector<Viewer> viewersIn(Life& life) {
    std::vector<Viewer> viewers{Viewer(), Viewer::unnamed(Viewer::Via::rest)};
    for (int u = 0; u < 5; ++u) {
        const auto key = life.keyOf(UserId::fromStored("u" + std::to_string(u)));
        if (!key) continue;
        for (const auto role : kRoles) viewers.push_back(Viewer::of(*key, role));
    }
    return viewers;
}

std::vector<std::pair<ConversationId, ConversationKey>> conversationsOf(Life& life) {
    std::vector<std::pair<ConversationId, ConversationKey>> all;
    KeyLookup keys(life.db());
    for (const auto& [id, state] : life.states()) {
        const auto conversation = ConversationId::fromStored(id);
        if (const auto key = keys.find(conversation).value()) all.emplace_back(conversation, *key);
    }
    return all;
}

void compareParticipants(Readers& now, Readers& then, ConversationKey key, const Viewer& viewer,
                         Position upTo) {
    std::string expected;
    std::string found;
    Position after;
    const auto live = text(then.views.participants(key, viewer, after, into(expected)), expected);
    const auto past = text(now.past.participants(key, upTo, viewer, after, into(found)), found);
    CHECK(past == live);
}

/// Compares what `now` tells as of `upTo` with what `then` shows, whose log ends there.
int compare(Life& life, Readers& now, Readers& then, Position upTo) {
    int compared = 0;
    for (const auto& [id, key] : conversationsOf(life)) {
        for (const auto& viewer : viewersIn(life)) {
            CAPTURE(id.str(), upTo.value, viewer.user().value, roleName(viewer.role()));
            const auto live = then.views.row(id, viewer);
            const auto past = now.past.conversation(key, id, upTo, viewer);
            REQUIRE(live.ok());
            REQUIRE(past.ok());
            REQUIRE(past->has_value() == live->has_value());
            if (!*live) continue;
            ++compared;
            CHECK(text((*past)->row) == text(**live));
            CHECK_FALSE((*past)->emptied);
            compareParticipants(now, then, key, viewer, upTo);
            CHECK(messagesOf(now, key, viewer, upTo) ==
                  messagesOf(then, key, viewer, Position{INT64_MAX - 1}));
            const auto standing = now.past.standing(key, viewer.user(), upTo);
            const auto relation = then.relations.of(key, viewer.user());
            REQUIRE(standing.ok());
            REQUIRE(relation.ok());
            CHECK(standing->standing.relation == relation->relation);
            CHECK(standing->standing.removed == relation->removed);
            CHECK(standing->standing.leftAt == relation->leftAt);
        }
    }
    return compared;
}

}  // namespace

TEST_CASE("as of the head, every projection is the live one, for every viewer") {
    int compared = 0;
    for (unsigned seed = 300; seed < 306; ++seed) {
        CAPTURE(seed);
        Life life(seed);
        life.go(300);
        Readers readers(life.db());
        compared += compare(life, readers, readers, life.head());
    }
    CHECK(compared > 500);
}

TEST_CASE("as of an event, every projection is that of a database cut off after it") {
    int compared = 0;
    for (unsigned seed = 310; seed < 314; ++seed) {
        CAPTURE(seed);
        Life life(seed);
        life.go(250);
        Readers now(life.db());
        std::mt19937 random(seed);
        for (int cut = 0; cut < 8; ++cut) {
            const Position upTo{
                1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(life.head().value))};
            const auto ended = cutOff(life.db(), upTo);
            Readers then(*ended);
            compared += compare(life, now, then, upTo);
        }
    }
    CHECK(compared > 1500);
}

TEST_CASE("as of an event, those typed who type in the states in memory once it had happened") {
    int typists = 0;
    for (unsigned seed = 320; seed < 326; ++seed) {
        CAPTURE(seed);
        Life life(seed);
        life.go(300);
        Readers readers(life.db());
        for (std::size_t step = 0; step < life.heads().size(); step += 7) {
            const Position upTo = life.heads()[step];
            for (const auto& [id, key] : conversationsOf(life)) {
                CAPTURE(id.str(), upTo.value);
                const auto all = Viewer::unnamed(Viewer::Via::rest);
                const auto past = readers.past.conversation(key, id, upTo, all);
                REQUIRE(past.ok());
                if (!*past) continue;
                const auto& expected = life.typing()[step].at(id.str());
                const auto typing = typingFor((*past)->row.state, all);
                CHECK(text(typing) == expected);
                typists += static_cast<int>(typing.size());
            }
        }
    }
    CHECK(typists > 100);
}

TEST_CASE("what a viewer could see they can see later, unless they left or were removed") {
    int kept = 0;
    int leavesFound = 0;
    int removalsFound = 0;
    for (unsigned seed = 330; seed < 336; ++seed) {
        CAPTURE(seed);
        Life life(seed);
        life.go(300);
        Readers readers(life.db());
        const auto seen = [&](ConversationKey key, const PastSight& sight) {
            const auto all = sight.messages
                                 ? messagesOf(readers, key, sight.viewer, *sight.messages)
                                 : Messages();
            std::set<std::string> positions;
            for (const auto& one : all) positions.insert(one.substr(0, one.find(' ')));
            return positions;
        };
        for (const auto& [id, key] : conversationsOf(life)) {
            for (const auto& viewer : viewersIn(life)) {
                PastSight before;
                std::set<std::string> seenBefore;
                for (std::size_t step = 0; step < life.heads().size(); step += 19) {
                    const Position upTo = life.heads()[step];
                    CAPTURE(id.str(), viewer.user().value, roleName(viewer.role()), upTo.value);
                    const auto sight =
                        sightOf(readers.past, key, viewer.user(), viewer.role(), upTo);
                    const auto standing = readers.past.standing(key, viewer.user(), upTo);
                    REQUIRE(sight.ok());
                    REQUIRE(standing.ok());
                    const bool left = standing->standing.relation == Relation::left;
                    const bool removed = standing->standing.removed;
                    auto seenNow = seen(key, *sight);
                    const bool lost = !std::includes(seenNow.begin(), seenNow.end(),
                                                     seenBefore.begin(), seenBefore.end());
                    if (lost) CHECK(removed);
                    if (before.conversation && !sight->conversation) CHECK((left || removed));
                    leavesFound += before.conversation && !sight->conversation && left;
                    removalsFound += lost;
                    kept += !seenBefore.empty() && !lost;
                    before = *sight;
                    seenBefore = std::move(seenNow);
                }
            }
        }
    }
    CHECK(kept > 1000);
    CHECK(leavesFound > 10);
    CHECK(removalsFound > 10);
}

TEST_CASE("a typist whose name retention has emptied is named as emptied") {
    StoredLife life;
    const auto c = ConversationId::fromStored("c");
    const auto anna = UserId::fromStored("anna");
    life.run(JoinRoom{c, anna, UserRole::agent});
    life.run(StartTyping{c, anna, "Anna"});
    Readers readers(life.db());
    const auto all = Viewer::unnamed(Viewer::Via::rest);
    const auto whole = readers.past.conversation(ConversationKey{1}, c, Position{3}, all);
    REQUIRE(whole.ok());
    CHECK(text(typingFor((*whole)->row.state, all)) == "anna Anna|");
    CHECK_FALSE((*whole)->emptied);
    life.db().sqlite().exec(
        "UPDATE event SET data = '', commitment = zeroblob(32)"
        " WHERE position = 3");
    const auto emptied = readers.past.conversation(ConversationKey{1}, c, Position{3}, all);
    REQUIRE(emptied.ok());
    CHECK(text(typingFor((*emptied)->row.state, all)) == "anna |");
    CHECK((*emptied)->emptied);
    CHECK_FALSE((*readers.past.conversation(ConversationKey{1}, c, Position{2}, all))->emptied);
}

TEST_CASE("two viewers have in common what each of them may see") {
    const auto staff = Viewer::of(UserKey{1}, UserRole::agent);
    const auto ann = Viewer::of(UserKey{2}, UserRole::customer);
    const auto ben = Viewer::of(UserKey{3}, UserRole::customer);
    for (const auto& one : {staff, ann, ben, Viewer()}) {
        for (const auto& other : {staff, ann, ben, Viewer()}) {
            for (const bool everyCustomer : {false, true}) {
                for (const auto author : {UserKey{1}, UserKey{2}, UserKey{3}}) {
                    CHECK(visible(everyCustomer, author, bothOf(one, other)) ==
                          (visible(everyCustomer, author, one) &&
                           visible(everyCustomer, author, other)));
                }
            }
        }
    }
}
