// Updates of new events and of the same events read again are equal, cell by cell: the state in
// memory and the database are two sources of the same facts.
#include "projection/stored_life.h"

#include <parley/projection/stored_facts.h>

#include <sstream>

using namespace parley;
using namespace parley::test;

namespace {

void write(std::ostream& out, const Participant& participant) {
    out << participant.user.str() << '#' << participant.userKey.value << ' '
        << roleName(participant.role) << ' ' << participant.joinedAt.value
        << (participant.hidden ? " hidden|" : "|");
}

void write(std::ostream& out, const ConversationFigures& figures) {
    out << figures.messageCount << ' ' << figures.lastMessageSeq.value << ' '
        << figures.lastMessageAt.value << ' ' << figures.updatedAt.value << '|';
}

void write(std::ostream& out, const Event& event) {
    out << event.position.value << ' ' << event.seq.value << ' ' << event.at.value << ' '
        << eventTypeName(event.type) << ' ' << event.version << ' ' << event.conversation.str()
        << '#' << event.conversationKey.value << ' ' << event.actor.str() << '#'
        << event.actorKey.value << ' ' << event.id.str() << ' '
        << (event.role ? roleName(*event.role) : "-") << ' '
        << (event.messageType ? messageTypeName(*event.messageType) : "-") << ' '
        << (event.toRole ? roleName(*event.toRole) : "-") << ' '
        << (event.visible ? (*event.visible ? "shown" : "hidden") : "-") << ' '
        << (event.original ? event.original->str() : "-") << ' ' << event.cause << ' ' << event.data
        << ' ' << event.content.value_or("-") << ' ';
    for (const int byte : event.fingerprint.bytes) out << byte << ',';
    out << '|';
}

struct Write {
    std::ostream& out;

    void operator()(const ConversationStarted& update) const {
        out << "started ";
        write(out, *update.event);
        write(out, *update.last);
        const auto& state = update.conversation;
        out << state.id.str() << '#' << state.key.value << ' ' << state.lastSeq.value << ' '
            << state.createdAt.value << ' ' << state.isActive << '|';
        write(out, state.figures);
        write(out, state.customerFigures);
        for (const auto& participant : state.participants) write(out, participant);
    }
    void operator()(const ParticipantAdded& update) const {
        out << "added ";
        write(out, *update.event);
        write(out, update.participant);
    }
    void operator()(const ParticipantRemoved& update) const {
        out << "removed ";
        write(out, *update.event);
        write(out, update.participant);
    }
    void operator()(const MessageAdded& update) const {
        out << "message " << update.messageCount << (update.beginsWait ? " waits " : " ");
        write(out, *update.message);
    }
    void operator()(const ParticipantReturned&) const { FAIL("no event tells of it"); }
    void operator()(const TypingChanged&) const { FAIL("typing is not compared"); }
};

std::vector<std::string> cells(const std::vector<ProjectionUpdate>& updates) {
    std::vector<std::string> all;
    for (const auto& update : updates) {
        if (std::holds_alternative<TypingChanged>(update)) continue;
        std::ostringstream out;
        std::visit(Write{out}, update);
        all.push_back(out.str());
    }
    return all;
}

void append(std::vector<std::string>& all, const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

TEST_CASE("updates read again from the log equal the live ones, regardless of later events") {
    for (unsigned seed = 0; seed < 12; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        StoredLife life;
        std::vector<std::string> live;
        for (int i = 0; i < 400; ++i) append(live, cells(life.runAny(random)));
        REQUIRE(live.size() > 100);

        MissedEvents reader(life.db());
        PastEvents events(life.db());
        PastReader views(life.db(), events);
        MessageCounts counts;
        std::vector<ProjectionUpdate> stored;
        for (auto& event : life.events()) {
            if (isTyping(event.type)) continue;
            // Each part of the log has facts of its own; only the counts go on.
            StoredFacts facts(reader, views, &counts);
            REQUIRE(updatesOf(std::move(event), facts, stored).ok());
        }
        REQUIRE(cells(stored) == live);
    }
}

TEST_CASE("a participant who came back is reported as of that time") {
    StoredLife life;
    const auto c = ConversationId::fromStored("c");
    const auto anna = UserId::fromStored("anna");
    std::vector<std::string> live;
    for (const Command& command :
         {Command(JoinRoom{c, anna, UserRole::customer}),
          Command(JoinRoom{c, anna, UserRole::agent}), Command(LeaveRoom{c, anna}),
          Command(JoinRoom{c, anna, UserRole::robot}),
          Command(JoinRoom{c, anna, UserRole::supervisor}), Command(LeaveRoom{c, anna}),
          Command(JoinRoom{c, anna, UserRole::agent})}) {
        append(live, cells(life.run(command)));
    }
    MissedEvents reader(life.db());
    PastEvents events(life.db());
    PastReader views(life.db(), events);
    StoredFacts facts(reader, views, nullptr);
    std::vector<ProjectionUpdate> stored;
    for (auto& event : life.events()) REQUIRE(updatesOf(std::move(event), facts, stored).ok());
    REQUIRE(cells(stored) == live);

    const auto& removed = std::get<ParticipantRemoved>(stored[3]);
    CHECK(removed.participant.role == UserRole::agent);
    CHECK(removed.participant.joinedAt == std::get<ParticipantAdded>(stored[1]).event->at);
    const auto& back = std::get<ParticipantAdded>(stored[4]);
    CHECK(back.participant.joinedAt == back.event->at);
}

TEST_CASE("counts are 0 where nobody asks for them, and are read from any message on") {
    StoredLife life;
    const auto c = ConversationId::fromStored("c");
    const auto bob = UserId::fromStored("bob");
    for (int i = 0; i < 5; ++i) life.run(StoredLife::message(c, bob, UserRole::agent, i % 2 == 0));
    MissedEvents reader(life.db());
    PastEvents events(life.db());
    PastReader views(life.db(), events);
    MessageCounts counts;
    StoredFacts without(reader, views, nullptr);
    StoredFacts with(reader, views, &counts);
    std::int64_t expected = 2;
    for (const auto& event : life.events()) {
        if (!isMessage(event.type)) continue;
        REQUIRE(without.messageCount(event).value() == 0);
        if (event.seq.value < 4) continue;  // a recovery begins somewhere
        REQUIRE(with.messageCount(event).value() == expected++);
    }
    CHECK(expected == 6);
}
