#include "gateway/recovery/gap_reader.h"

#include "support/engine_world.h"

#include <parley/broadcast/delivery.h>

#include <map>
#include <random>

using namespace parley;
using namespace parley::test;

namespace {

constexpr ConnectionId kSender{1};

std::string textOf(const engineio::FramePtr& frame) {
    return std::string(frame->payload());
}

/// A server's life, and every broadcast it gave.
class History {
public:
    History() : world_(quiet()) {}

    void live(std::uint32_t seed, int steps) {
        std::mt19937 random(seed);
        const auto pick = [&](int n) {
            return static_cast<int>(random() % static_cast<unsigned>(n));
        };
        for (int i = 0; i < steps; ++i) {
            world_.clock().advance(std::chrono::milliseconds(7));
            const auto conversation = "c" + std::to_string(pick(6));
            const auto who = "u" + std::to_string(pick(4));
            const auto role = static_cast<UserRole>(1 + pick(4));
            world_.submit(kSender, Command(command(pick(12), conversation, who, role)));
        }
        take();
    }

    /// Conversations in which somebody has spoken once.
    void rooms(int count) {
        for (int i = 0; i < count; ++i) say("idle " + std::to_string(i));
        take();
    }

    /// One message in `busy` for three `elsewhere`.
    void busy(const std::string& busy, const std::string& elsewhere, int messages) {
        for (int i = 0; i < messages; ++i) say(i % 4 == 0 ? busy : elsewhere);
        take();
    }

    /// What a session in these rooms missed, by what was broadcast live.
    std::vector<std::string> missedLive(const Gap& gap) const {
        std::vector<std::string> frames;
        for (const auto& delivery : deliveries_) {
            if (!delivery.cursor || delivery.cursor->dashboard > gap.upTo) continue;
            const Position position = delivery.cursor->dashboard;
            if (delivery.room.value == 0) {
                if (gap.dashboardAfter && position > *gap.dashboardAfter) {
                    frames.push_back(textOf(withCursor(delivery)));
                }
                continue;
            }
            for (const auto& room : gap.rooms) {
                const bool own =
                    delivery.except && std::count(gap.own.begin(), gap.own.end(), position) != 0;
                if (room.conversation == delivery.room && position > room.after && !own &&
                    visible(delivery.visible, delivery.author, room.viewer)) {
                    frames.push_back(textOf(withCursor(delivery)));
                }
            }
        }
        return frames;
    }

    std::vector<std::string> missedFromLog(const Gap& gap, std::size_t* stretches = nullptr) {
        auto db = Database::openReader(world_.database());
        REQUIRE(db.ok());
        ReadContext context(std::move(*db));
        GapReader reader(gap);
        std::vector<std::string> frames;
        typing_.clear();
        while (!reader.done()) {
            auto some = reader.next(context);
            REQUIRE(some.ok());
            if (stretches) ++*stretches;
            for (const auto& frame : *some) {
                auto text = textOf(frame);
                auto& told = text.starts_with("42[\"user_typing\"") ? typing_ : frames;
                told.push_back(std::move(text));
            }
        }
        return frames;
    }

    /// The last cursor up to `position` that a dashboard can hold: a start and its first joins are
    /// told together, so none lies between them.
    Position dashboardCursorUpTo(Position position) const {
        Position last;
        for (const auto& delivery : deliveries_) {
            if (!delivery.cursor || delivery.cursor->dashboard > position) continue;
            last = std::max(last, delivery.cursor->dashboard);
        }
        return last;
    }

    /// Of the last reading.
    const std::vector<std::string>& typing() const { return typing_; }
    Position head() const { return head_; }
    const std::map<std::string, ConversationKey>& rooms() const { return rooms_; }

private:
    // Typing that ends by itself would come between what is submitted here.
    static EngineOptions quiet() {
        EngineOptions options;
        options.typingTimeout = std::chrono::hours(1);
        return options;
    }

    static Command command(int kind, const std::string& conversation, const std::string& who,
                           UserRole role) {
        const auto c = room(conversation);
        const auto u = user(who);
        if (kind < 2) return JoinRoom{c, u, role};
        if (kind == 2) return LeaveRoom{c, u};
        if (kind == 3) return StartTyping{c, u, "name"};
        if (kind == 4) {
            return StartConversation{c, u, role, "title", {}, {{user("u1"), UserRole::agent}}};
        }
        auto send = message(conversation, who, role, "\"said\" by " + who);
        if (kind == 5 && isStaff(role)) send.isVisible = false;
        return send;
    }

    void say(const std::string& conversation) {
        world_.submit(kSender, Command(message(conversation, "u1", UserRole::agent, "said")));
    }

    void take() {
        world_.ask(kSender, Barrier{});
        const auto& outcomes = world_.sink().outcomes();
        for (; taken_ < outcomes.size(); ++taken_) {
            const auto& outcome = outcomes[taken_];
            for (const auto& update : outcome.updates) {
                broadcastUpdate(update, ConnectionId{kSender}, deliveries_);
                if (const auto* started = std::get_if<ConversationStarted>(&update)) {
                    rooms_[started->conversation.id.str()] = started->conversation.key;
                }
            }
        }
        head_ = std::get<DoneReply>(*outcomes.back().reply).position;
    }

    EngineWorld world_;
    std::vector<Delivery> deliveries_;
    std::map<std::string, ConversationKey> rooms_;
    Position head_;
    std::vector<std::string> typing_;
    std::size_t taken_ = 0;
};

}  // namespace

TEST_CASE("the events read from the log equal the broadcasts, byte for byte, from any position") {
    const std::uint32_t seed = std::random_device()();
    CAPTURE(seed);
    History history;
    history.live(seed, 1500);
    std::mt19937 random(seed);
    const auto somewhere = [&] {
        return Position{static_cast<std::int64_t>(random()) % (history.head().value + 1)};
    };
    std::size_t compared = 0;
    std::size_t typing = 0;
    for (int round = 0; round < 60; ++round) {
        Gap gap;
        gap.upTo = round % 3 == 0 ? somewhere() : history.head();
        for (const auto& [id, key] : history.rooms()) {
            if (random() % 2 == 0) continue;
            const UserKey user{static_cast<std::int64_t>(random() % 5)};
            const auto viewer = Viewer::of(user, static_cast<UserRole>(1 + random() % 4));
            gap.rooms.push_back({key, viewer, somewhere()});
        }
        if (round % 4 == 1) gap.dashboardAfter = history.dashboardCursorUpTo(somewhere());
        for (int i = 0; i < 20; ++i) gap.own.push_back(somewhere());
        std::sort(gap.own.begin(), gap.own.end());
        const auto live = history.missedLive(gap);
        REQUIRE(history.missedFromLog(gap) == live);
        compared += live.size();
        typing += history.typing().size();
        for (const auto& one : history.typing()) REQUIRE(one.ends_with("\"isTyping\":false}]"));
    }
    REQUIRE(compared > 1000);
    REQUIRE(typing > 50);
}

TEST_CASE("a stretch is bounded, and stretches together are complete") {
    History history;
    history.live(7, 9000);
    Gap gap;
    gap.upTo = history.head();
    for (const auto& [id, key] : history.rooms()) {
        gap.rooms.push_back({key, Viewer::of(UserKey{0}, UserRole::agent), {}});
    }
    const auto live = history.missedLive(gap);
    REQUIRE(live.size() > 4096);
    REQUIRE(history.missedFromLog(gap) == live);
    gap.dashboardAfter = Position{};
    REQUIRE(history.missedFromLog(gap) == history.missedLive(gap));
}

TEST_CASE("a room without news is asked once, however much was missed in another") {
    History history;
    history.rooms(300);
    const auto before = history.head();
    history.busy("busy", "elsewhere", 6000);
    Gap gap;
    gap.upTo = history.head();
    for (const auto& [id, key] : history.rooms()) {
        if (id != "elsewhere")
            gap.rooms.push_back({key, Viewer::of(UserKey{0}, UserRole::agent), before});
    }
    std::size_t stretches = 0;
    const auto live = history.missedLive(gap);
    REQUIRE(live.size() > 1500);
    REQUIRE(history.missedFromLog(gap, &stretches) == live);
    REQUIRE(stretches < 10);
}
