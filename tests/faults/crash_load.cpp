#include "faults/crash_load.h"

#include <parley/log/data_folder.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

namespace parley::faults {
namespace {

constexpr int kConversations = 5;
constexpr int kUsers = 8;

/// Small numbers from the injected randomness.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    std::size_t operator()(std::size_t below) {
        std::uint8_t bytes[8];
        random_.fill(bytes);
        std::uint64_t n = 0;
        for (const auto byte : bytes) n = n << 8 | byte;
        return static_cast<std::size_t>(n % below);
    }

private:
    SeededRandom random_;
};

/// Records what was acknowledged and broadcast, and holds the writer until the next round has been
/// submitted, so that each round is one batch.
class RecordingSink final : public OutcomeSink {
public:
    RecordingSink(RunReport& report, ManualClock& clock) : report_(report), clock_(clock) {}

    void publish(BatchOutcome batch) override {
        for (const auto& outcome : batch.outcomes) note(outcome);
        ++report_.batches;
        clock_.advance(std::chrono::milliseconds(700));
        std::unique_lock lock(mutex_);
        ++published_;
        wake_.notify_all();
        wake_.wait(lock, [this] { return finished_ || submitted_ >= published_; });
    }
    /// Waits until the writer has stopped after its `n`-th batch.
    void waitPublished(std::uint64_t n) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return published_ >= n; });
    }
    void roundSubmitted() {
        std::lock_guard lock(mutex_);
        ++submitted_;
        wake_.notify_all();
    }
    void finish() {
        std::lock_guard lock(mutex_);
        finished_ = true;
        wake_.notify_all();
    }

private:
    void note(const Outcome& outcome) {
        for (const auto& update : outcome.updates) {
            std::visit([this](const auto& one) { noteUpdate(one); }, update);
        }
        if (!outcome.reply.ok()) {
            const auto code = outcome.reply.error().code;
            if (code == ErrorCode::storage_full) ++report_.refusedFull;
            if (code == ErrorCode::storage_failed || code == ErrorCode::storage_damaged) {
                ++report_.refusedOtherwise;
            }
        } else if (const auto* sent = std::get_if<MessageReply>(&*outcome.reply)) {
            tell(sent->message->position, sent->message->id);
        } else if (const auto* joined = std::get_if<JoinReply>(&*outcome.reply)) {
            tell(joined->position, Uuid{});
        }
    }
    template <typename Update>
    void noteUpdate(const Update& update) {
        if constexpr (requires { update.message; }) {
            tell(update.message->position, update.message->id);
        } else if constexpr (requires { update.position; }) {
            tell(update.position, Uuid{});
        }
    }
    void tell(Position position, const Uuid& id) {
        if (position.value == 0 || report_.toldCount == RunReport::kToldMax) return;
        Told& told = report_.told[report_.toldCount];
        told.position = position.value;
        std::copy_n(id.bytes().begin(), told.id.size(), told.id.begin());
        ++report_.toldCount;
        if (report_.refusedFull > 0) ++report_.toldAfterFull;
    }

    RunReport& report_;
    ManualClock& clock_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::uint64_t published_ = 0;
    std::uint64_t submitted_ = 0;
    bool finished_ = false;
};

Command someCommand(Dice& dice, std::size_t contentBytesMax, int number) {
    const auto conversation =
        ConversationId::fromStored("c" + std::to_string(dice(kConversations)));
    const auto user = UserId::fromStored("u" + std::to_string(dice(kUsers)));
    const auto role = static_cast<UserRole>(1 + dice(4));
    const auto kind = dice(100);
    if (kind < 60) {
        SendMessage send{
            conversation, user, role, std::string(1 + dice(contentBytesMax), 'x'), {}, {},
            {},           {},   {}};
        if (dice(2) == 0)
            send.clientMessageId = ClientMessageId::fromStored(std::to_string(number));
        return send;
    }
    if (kind < 75) return JoinRoom{conversation, user, role};
    if (kind < 82) return LeaveRoom{conversation, user};
    if (kind < 92) return StartTyping{conversation, user, "Somebody"};
    if (kind < 97) return StopTyping{conversation, user};
    return StartConversation{
        ConversationId::fromStored("n" + std::to_string(number)), user, role, "A title", {}, {}};
}

/// Several threads that submit in turn.
class Crowd {
public:
    Crowd(Engine& engine, RecordingSink& sink, std::filesystem::path database, const LoadPlan& plan,
          RunReport& report)
        : engine_(engine),
          sink_(sink),
          database_(std::move(database)),
          plan_(plan),
          report_(report),
          dice_(plan.seed) {}

    void run() {
        // The first batch is a barrier: after it the writer waits for the first round.
        (void)engine_.submit({{}, Barrier{}});
        for (int round = 1; round <= plan_.rounds; ++round) {
            sink_.waitPublished(static_cast<std::uint64_t>(round));
            if (plan_.snapshot) holdSnapshot(*plan_.snapshot, round);
            readHistory();
            submitRound();
            sink_.roundSubmitted();
        }
        sink_.waitPublished(static_cast<std::uint64_t>(plan_.rounds) + 1);
        if (plan_.snapshot) letCopy(kCopiesMsMax);
        sink_.finish();
    }

private:
    static constexpr int kCopiesMsMax = 2000;
    static constexpr int kBetweenRoundsMs = 15;  // so that some rounds overlap with a copy

    void holdSnapshot(const HeldSnapshot& held, int round) {
        if (round == held.from) {
            if (auto db = Database::openReader(database_); db) {
                reader_ = std::move(*db);
                (void)reader_->run([this] {
                    reader_->sqlite().exec("BEGIN");
                    reader_->sqlite().execAndGet("SELECT count(*) FROM event");
                });
            }
        }
        if (round == held.to) reader_.reset();
        if (round >= held.to) letCopy(kBetweenRoundsMs);
    }

    // Waits until the large WAL has been copied back in the background, and no longer than needed.
    void letCopy(int msMax) {
        for (int ms = 0; ms < msMax; ++ms) {
            const auto copies = engine_.counters().checkpoints;
            report_.copiedInBackground = copies.inBackground;
            if (copies.inBackground > 0 && copies.pagesLeft <= plan_.checkpoints.finishPages) {
                return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    void submitRound() {
        std::vector<int> order(static_cast<std::size_t>(plan_.threads));
        std::iota(order.begin(), order.end(), 0);
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice_(i)]);
        std::vector<std::thread> threads;
        std::mutex mutex;
        std::condition_variable wake;
        std::size_t turn = 0;
        for (int id = 0; id < plan_.threads; ++id) {
            threads.emplace_back([&, id] {
                std::unique_lock lock(mutex);
                wake.wait(lock, [&] { return order[turn] == id; });
                submitSome(id);
                ++turn;
                if (turn == order.size()) order.push_back(-1);  // nobody's turn
                wake.notify_all();
            });
        }
        for (auto& thread : threads) thread.join();
    }

    void submitSome(int thread) {
        for (auto left = 1 + dice_(6); left > 0; --left) {
            Origin origin;
            origin.connection.value = static_cast<std::uint64_t>(thread + 1);
            (void)engine_.submit({origin, someCommand(dice_, plan_.contentBytesMax, ++commands_)});
        }
    }

    void readHistory() {
        std::promise<void> done;
        const bool taken = engine_.read([&](ReadContext& context) {
            if (auto key = context.keys.find(ConversationId::fromStored("c0")); key && *key) {
                (void)context.messages.read(**key, {}, Viewer::of(UserKey{1}, UserRole::supervisor),
                                            [](const Event&) { return true; });
            }
            (void)context.views.stats(Viewer());
            done.set_value();
        });
        if (taken) done.get_future().wait();
    }

    Engine& engine_;
    RecordingSink& sink_;
    const std::filesystem::path database_;
    const LoadPlan plan_;
    RunReport& report_;
    Dice dice_;
    std::unique_ptr<Database> reader_;
    int commands_ = 0;
};

}  // namespace

Result<void> runLoad(const std::filesystem::path& folder, const LoadPlan& plan, RunReport& report,
                     std::function<void(const std::string&)> onFatal) {
    ManualClock clock;
    SeededRandom random(plan.seed);
    RecordingSink sink(report, clock);
    EngineOptions options;
    options.dataFolder = folder;
    options.warnFreeBytes = 0;
    options.synchronous = plan.synchronous;
    options.checkpoints = plan.checkpoints;
    options.onFatal = std::move(onFatal);
    auto engine = Engine::open(options, clock, random, sink);
    if (!engine) return engine.error();
    Crowd(**engine, sink, DataFolder::databaseIn(folder), plan, report).run();
    return {};
}

}  // namespace parley::faults
