#include "app/generate/generate.h"

#include "support/temp_folder.h"

#include <parley/core/hex.h>
#include <parley/domain/conversation_state.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/verify.h>
#include <parley/projection/rebuild.h>
#include <parley/projection/state_reader.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace parley;
using namespace parley::app::generate;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr UnixMillis kEnd{1'767'225'600'000};  // 2026-01-01T00:00:00Z

Wanted wanted(std::int64_t events, std::uint64_t seed = 1) {
    return {.events = events, .seed = seed, .end = kEnd, .days = 180};
}

Result<NewDatabase::Report> generateInto(const std::filesystem::path& folder, const Wanted& what,
                                         std::size_t transactionEvents) {
    const auto owned = DataFolder::own(folder).value();
    return generate(
        *owned, what, [](const LogHead&) {}, transactionEvents);
}

std::string hashOf(const Wanted& what, std::size_t transactionEvents = 5'000) {
    const TempFolder folder;
    return toHex(generateInto(folder.path(), what, transactionEvents).value().head.hash);
}

/// A log of 20,000 events, made once.
class Generated {
public:
    static Generated& once() {
        static Generated made;
        return made;
    }

    Database& db() { return *db_; }
    const std::vector<Event>& events() const { return events_; }
    const NewDatabase::Report& report() const { return report_; }

private:
    Generated()
        : report_(generateInto(folder_.path(), wanted(20'000), 5'000).value()),
          db_(Database::openReader(DataFolder::databaseIn(folder_.path())).value()) {
        LogWalk walk(*db_);
        for (auto chunk = walk.nextChunk({}); !chunk->empty();
             chunk = walk.nextChunk(events_.back().position)) {
            for (auto& stored : *chunk) events_.push_back(std::move(stored.event));
        }
    }

    TempFolder folder_;
    NewDatabase::Report report_;
    std::unique_ptr<Database> db_;
    std::vector<Event> events_;
};

std::map<std::string, std::vector<const Event*>> byConversation() {
    std::map<std::string, std::vector<const Event*>> all;
    for (const auto& event : Generated::once().events()) {
        all[event.conversation.str()].push_back(&event);
    }
    return all;
}

bool isCustomersMessage(const Event& event) {
    return event.type == EventType::messageSent && event.role == UserRole::customer;
}

bool isAnswer(const Event& event) {
    return isMessage(event.type) && visibleToEveryCustomer(event) && event.role &&
           isStaff(*event.role);
}

double part(std::size_t some, std::size_t all) {
    return static_cast<double>(some) / static_cast<double>(all);
}

}  // namespace

TEST_CASE("a seed gives the same log, whatever the transactions are") {
    const auto hash = hashOf(wanted(3'000));
    CHECK(hash == hashOf(wanted(3'000)));
    CHECK(hash == hashOf(wanted(3'000), 7));
    CHECK(hash == hashOf(wanted(3'000), 100'000));
    CHECK(hash != hashOf(wanted(3'000, 2)));
    CHECK(hash != hashOf(wanted(3'001)));
}

TEST_CASE("a seed gives the same log on every machine and in every version") {
    CHECK(hashOf(wanted(1'000)) ==
          "279a96245e644593aba657f5a3351d5dc6bcb0c96f87f22c4600948a907efea7");
}

TEST_CASE("a log has exactly as many events as are asked for, down to the smallest") {
    for (std::int64_t events = kEventsMin; events < kEventsMin + 12; ++events) {
        const TempFolder folder;
        const auto made = generateInto(folder.path(), wanted(events, 7), 5'000);
        CHECK(made.value().head.position.value == events);
    }
    for (std::uint64_t seed = 1; seed < 10; ++seed) {
        const TempFolder folder;
        const auto made = generateInto(folder.path(), wanted(777, seed), 5'000);
        CHECK(made.value().head.position.value == 777);
    }
}

TEST_CASE("a generated log verifies, and its views are those of a rebuild") {
    auto& made = Generated::once();
    const auto report = verifyLog(made.db()).value();
    CHECK(report.good);
    CHECK(report.last.value == 20'000);
    CHECK(report.hash == made.report().head.hash);
    CHECK(verifyStructure(made.db(), true).value() == std::nullopt);
    CHECK(checkViews(made.db(), [] {}).value().differences.empty());
}

TEST_CASE("each generated conversation replays to what its views say") {
    auto& made = Generated::once();
    ConversationSeqs seqs(made.db());
    StateReader reader(made.db(), seqs);
    for (const auto& [id, events] : byConversation()) {
        ConversationState state;
        for (const Event* event : events) {
            REQUIRE(event->seq.value == state.lastSeq.value + 1);
            evolve(state, *event);
        }
        const auto stored = reader.conversation(events.front()->conversation).value();
        REQUIRE(stored.has_value());
        CHECK(stored->lastSeq == state.lastSeq);
        CHECK(stored->figures == state.figures);
        CHECK(stored->customerFigures == state.customerFigures);
        CHECK(stored->participants.size() == state.participants.size());
    }
}

TEST_CASE("generated events lie between the first day and the end, in order") {
    UnixMillis before{kEnd.value - 180 * kDayMs};
    std::int64_t late = 0;
    for (const auto& event : Generated::once().events()) {
        REQUIRE(event.at >= before);
        before = event.at;
        if (event.at.value > kEnd.value - 18 * kDayMs) ++late;
    }
    CHECK(before < kEnd);
    CHECK(late > 1'000);  // of the last tenth of the time
}

TEST_CASE("generated events have the mix of a support team") {
    const auto& events = Generated::once().events();
    std::map<EventType, std::size_t> counts;
    std::size_t notes = 0;
    for (const auto& event : events) {
        ++counts[event.type];
        const bool isNote = event.messageType == MessageType::text && event.visible == false;
        if (isNote) ++notes;
    }
    const auto share = [&](std::initializer_list<EventType> types) {
        std::size_t sum = 0;
        for (const auto type : types) sum += counts[type];
        return 100 * part(sum, events.size());
    };
    CHECK(share({EventType::typingStarted, EventType::typingStopped}) == Approx(58).margin(2));
    CHECK(share({EventType::messageSent, EventType::messageShared}) == Approx(28).margin(1.5));
    CHECK(share({EventType::participantJoined}) == Approx(8).margin(1));
    CHECK(share({EventType::participantLeft}) == Approx(4).margin(1));
    CHECK(counts[EventType::messageShared] > 50);
    CHECK(notes > 100);
}

TEST_CASE("generated typing ends for every reason that a server stores") {
    std::map<std::string, std::size_t> causes;
    for (const auto& event : Generated::once().events()) {
        if (event.type == EventType::typingStopped) ++causes[event.cause];
    }
    for (const char* why : {"", "message", "leave", "timeout", "disconnect"}) {
        INFO(why);
        CHECK(causes[why] > 10);
    }
}

TEST_CASE("generated conversations are answered, mostly, and some are handed over") {
    std::size_t asked = 0;
    std::size_t open = 0;
    std::size_t handedOver = 0;
    std::size_t longest = 0;
    for (const auto& [id, events] : byConversation()) {
        longest = std::max(longest, events.size());
        bool waits = false;
        bool answered = false;
        std::map<std::string, int> answering;
        for (const Event* event : events) {
            waits = waits || isCustomersMessage(*event);
            if (waits && isAnswer(*event)) {
                answered = true;
                ++answering[event->actor.str()];
            }
        }
        if (waits) ++asked;
        if (waits && !answered) ++open;
        if (answering.size() > 1) ++handedOver;
    }
    CHECK(part(open, asked) == Approx(0.035).margin(0.02));
    CHECK(part(handedOver, asked) > 0.05);
    CHECK(longest >= 300);  // a fiftieth of all events is of one conversation
    CHECK(longest <= 500);
}

TEST_CASE(
    "some generated messages are Chinese, Japanese or Korean, and some are read from right to "
    "left") {
    std::size_t messages = 0;
    std::size_t wide = 0;
    std::size_t rightToLeft = 0;
    for (const auto& event : Generated::once().events()) {
        if (!isMessage(event.type)) continue;
        ++messages;
        const auto has = [&](const char* from, const char* to) {  // the first byte of a character
            return std::any_of(event.content->begin(), event.content->end(), [&](char c) {
                return static_cast<unsigned char>(c) >= static_cast<unsigned char>(*from) &&
                       static_cast<unsigned char>(c) <= static_cast<unsigned char>(*to);
            });
        };
        if (has("\xE3", "\xED")) ++wide;
        if (has("\xD6", "\xD9")) ++rightToLeft;
    }
    CHECK(100 * part(wide, messages) == Approx(6).margin(3));
    CHECK(rightToLeft > 20);
}

TEST_CASE("a folder with a database is refused, and stays as it is") {
    const TempFolder folder;
    std::ofstream(folder / "parley.db") << "somebody's";
    const auto made = generateInto(folder.path(), wanted(1'000), 5'000);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == ErrorCode::file_refused);
    CHECK(std::filesystem::file_size(folder / "parley.db") == 10);
}

TEST_CASE("what is not finished leaves nothing that looks like a database") {
    const TempFolder folder;
    {
        const auto owned = DataFolder::own(folder.path()).value();
        const ManualClock clock;
        SeededRandom random(1);
        const auto database = NewDatabase::make(*owned, clock, random).value();
        REQUIRE_FALSE(std::filesystem::exists(folder / "parley.db"));
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        CHECK(entry.path().filename() == "parley.lock");
    }
}
