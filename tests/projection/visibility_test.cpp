#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/domain/visibility.h>
#include <parley/log/read/message_reader.h>
#include <parley/log/read/missed_events.h>
#include <parley/log/read/unseen_messages.h>
#include <parley/projection/rebuild.h>
#include <parley/projection/view_reader.h>

#include <catch2/catch.hpp>

#include <array>
#include <optional>
#include <vector>

/// Every way in which messages are read from the tables shows what the one rule says: each role of
/// an author, each `visible` that a row can have, each addressee, seen by each viewer.
using namespace parley;

namespace {

constexpr std::array kRoles{UserRole::customer, UserRole::agent, UserRole::supervisor,
                            UserRole::robot};
constexpr std::array<std::optional<bool>, 3> kVisible{std::nullopt, false, true};

std::optional<UserRole> addressee(int i) {
    if (i == 0) return std::nullopt;
    return kRoles[static_cast<std::size_t>(i - 1)];
}

// One author a role writes one message a cell.
std::vector<Event> everyCell(WrittenLog& log) {
    std::vector<Event> events{log.event(EventType::conversationStarted)};
    for (std::size_t role = 0; role < kRoles.size(); ++role) {
        for (const auto& isVisible : kVisible) {
            for (int to = 0; to <= 4; ++to) {
                events.push_back(log.event(EventType::messageSent, "c",
                                           "author" + std::to_string(role), kRoles[role]));
                events.back().visible = isVisible;
                events.back().toRole = addressee(to);
            }
        }
    }
    return events;
}

std::vector<Viewer> everyViewer(const std::vector<Event>& events) {
    std::vector<Viewer> viewers;
    for (const auto role : kRoles) {
        viewers.push_back(Viewer::of(UserKey{0}, role));
        for (std::size_t i = 1; i < events.size(); i += 15) {
            viewers.push_back(Viewer::of(events[i].actorKey, role));
        }
    }
    return viewers;
}

using Positions = std::vector<std::int64_t>;

Positions fromRule(const std::vector<Event>& events, const Viewer& viewer) {
    Positions shown;
    for (const auto& event : events) {
        if (isMessage(event.type) && visible(event, viewer)) shown.push_back(event.position.value);
    }
    return shown;
}

struct Tables {
    explicit Tables(Database& db)
        : seqs(db),
          messages(db, seqs),
          unseen(db, seqs),
          missed(db),
          events(db),
          views(db, seqs, events) {}
    ConversationSeqs seqs;
    MessageReader messages;
    UnseenReader unseen;
    MissedEvents missed;
    PastEvents events;
    ViewReader views;

    Positions page(ConversationKey conversation, const Viewer& viewer) {
        Positions shown;
        MessagePage page;
        page.limit = 1000;
        page.after = Position{0};
        const auto read = messages.read(conversation, page, viewer, [&](const Event& event) {
            shown.push_back(event.position.value);
            return true;
        });
        REQUIRE(read.ok());
        return shown;
    }
    Positions recovered(ConversationKey conversation, const Viewer& viewer) {
        const auto chunk = missed.chunk({}, {1000}, 1000, {{{conversation, viewer}}, {}});
        const auto same = missed.chunkOf(conversation, {}, {1000}, {1000}, 1000, 100'000, viewer);
        REQUIRE((chunk.ok() && same.ok()));
        CHECK(messagesIn(chunk->events) == messagesIn(same->events));
        return messagesIn(chunk->events);
    }
    Positions told(ConversationKey conversation, const Viewer& viewer) {
        const auto read = unseen.after(conversation, {}, viewer);
        REQUIRE(read.ok());
        return messagesIn(read->messages);
    }
    static Positions messagesIn(const std::vector<Event>& events) {
        Positions positions;
        for (const auto& event : events) {
            if (isMessage(event.type)) positions.push_back(event.position.value);
        }
        return positions;
    }
};

}  // namespace

TEST_CASE("every reader shows a viewer exactly what the rule of visibility says") {
    TempFolder folder;
    WrittenLog log(folder.path());
    auto events = everyCell(log);
    REQUIRE(events.size() == 61);
    REQUIRE(log.append(events));
    REQUIRE(rebuildViews(log.db()).ok());
    Tables tables(log.db());
    const auto conversation = events[0].conversationKey;
    for (const auto& viewer : everyViewer(events)) {
        CAPTURE(viewer.user().value, static_cast<int>(viewer.role()));
        const auto rule = fromRule(events, viewer);
        CHECK(tables.page(conversation, viewer) == rule);
        CHECK(tables.recovered(conversation, viewer) == rule);
        CHECK(tables.told(conversation, viewer) == rule);
        const auto row = tables.views.row(events[0].conversation, viewer);
        REQUIRE((row.ok() && *row));
        CHECK((*row)->figures.messageCount == static_cast<std::int64_t>(rule.size()));
        CHECK((*row)->figures.lastMessageSeq.value == (rule.empty() ? 0 : rule.back()));
    }
}

TEST_CASE("a viewer that a request does not name reads as the way it came in says") {
    CHECK(Viewer::unnamed(Viewer::Via::rest) == Viewer::of({}, UserRole::supervisor));
    CHECK(Viewer::unnamed(Viewer::Via::socket) == Viewer::of({}, UserRole::customer));
    CHECK(Viewer() == Viewer::unnamed(Viewer::Via::socket));
}
