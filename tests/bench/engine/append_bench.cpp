#include "log_bench.h"
#include "scratch.h"
#include "workload.h"

#include <parley/engine/engine.h>
#include <parley/log/database.h>
#include <parley/log/migrations.h>

#include <sqlite3.h>

#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <sys/resource.h>
#include <unistd.h>

namespace parley::bench {
namespace {

constexpr std::size_t conversations = 1000;
constexpr std::size_t contentsKept = 1024;
constexpr double warmupSeconds = 0.5;

double cpuSeconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

nlohmann::ordered_json figures(std::int64_t events, double seconds, double cpu) {
    return {{"eventsPerSecond", static_cast<double>(events) / seconds},
            {"eventsPerCpuSecond", static_cast<double>(events) / cpu}};
}

/// Calls `once`, which returns how many events it wrote, for `seconds` after a warm-up.
template <typename Once>
nlohmann::ordered_json measure(double seconds, Once&& once) {
    for (const Stopwatch warmup; warmup.seconds() < warmupSeconds;) once();
    const Stopwatch watch;
    const double cpuBefore = cpuSeconds();
    std::int64_t events = 0;
    while (watch.seconds() < seconds) events += once();
    return figures(events, watch.seconds(), cpuSeconds() - cpuBefore);
}

Request messageTo(Workload& workload, const std::vector<std::string>& contents) {
    const std::size_t conversation = workload.below(conversations);
    SendMessage send{Workload::conversation(conversation),
                     Workload::user(conversation),
                     UserRole::agent,
                     contents[workload.below(contentsKept)],
                     MessageType::text,
                     {},
                     {},
                     {},
                     {}};
    return {Origin{}, Command(std::move(send))};
}

std::vector<std::string> someContents(Workload& workload) {
    std::vector<std::string> contents;
    for (std::size_t i = 0; i < contentsKept; ++i) contents.push_back(workload.content());
    return contents;
}

/// Replaces each committed batch with as many new messages, on the writer's thread: so every batch
/// has `inFlight` messages, and the speed of another thread does not affect the figure.
class ClosedLoop final : public OutcomeSink {
public:
    explicit ClosedLoop(Workload& workload)
        : workload_(workload), contents_(someContents(workload)) {}

    void begin(Engine& engine, std::size_t inFlight) {
        engine_ = &engine;
        const std::lock_guard lock(mutex_);
        outstanding_ += inFlight;
        for (std::size_t i = 0; i < inFlight; ++i) submit();
    }
    void publish(BatchOutcome batch) override {
        const std::lock_guard lock(mutex_);
        events_ += static_cast<std::int64_t>(batch.outcomes.size());
        for (const auto& outcome : batch.outcomes) {
            if (!outcome.reply.ok()) problem_ = outcome.reply.error().message;
        }
        published_.notify_all();
        if (ending_) {
            outstanding_ -= batch.outcomes.size();
            return;
        }
        for (std::size_t i = 0; i < batch.outcomes.size(); ++i) submit();
    }
    std::int64_t events() {
        const std::lock_guard lock(mutex_);
        return events_;
    }
    void waitFor(std::int64_t events) {
        std::unique_lock lock(mutex_);
        published_.wait(lock, [&] { return events_ >= events; });
    }
    void end() {
        std::unique_lock lock(mutex_);
        ending_ = true;
        published_.wait(lock, [this] { return outstanding_ == 0; });
        if (!problem_.empty()) throw std::runtime_error(problem_);
    }

private:
    void submit() { must(engine_->submit(messageTo(workload_, contents_))); }

    Workload& workload_;
    std::vector<std::string> contents_;
    Engine* engine_ = nullptr;
    std::mutex mutex_;
    std::condition_variable published_;
    std::int64_t events_ = 0;
    std::size_t outstanding_ = 0;
    bool ending_ = false;
    std::string problem_;
};

void sleepSeconds(double seconds) {
    ::usleep(static_cast<useconds_t>(seconds * 1e6));
}

/// The columns of a message as Parley stores it.
struct RawRow {
    std::int64_t position = 0;
    std::int64_t conversation = 0;
    std::int64_t seq = 0;
    std::int64_t at = 0;
    Uuid id;
    const std::string* content = nullptr;
    std::uint8_t salt[16];
    std::uint8_t hash[32];
};

class RawRows {
public:
    RawRows() : contents_(someContents(workload_)), seqs_(conversations) {}
    RawRow next() {
        RawRow row;
        row.position = ++position_;
        const std::size_t conversation = workload_.below(conversations);
        row.conversation = static_cast<std::int64_t>(conversation) + 1;
        row.seq = ++seqs_[conversation];
        row.at = clock_.now().value;
        row.id = uuids_.next({row.at});
        row.content = &contents_[workload_.below(contentsKept)];
        random_.fill(row.salt);
        random_.fill(row.hash);
        return row;
    }

private:
    Workload workload_{2};
    std::vector<std::string> contents_;
    std::vector<std::int64_t> seqs_;
    std::int64_t position_ = 0;
    SystemClock clock_;
    SeededRandom random_{3};
    UuidGenerator uuids_{random_};
};

void bind(sqlite3_stmt* insert, const RawRow& row) {
    sqlite3_bind_int64(insert, 1, row.position);
    sqlite3_bind_int64(insert, 2, row.conversation);
    sqlite3_bind_int64(insert, 3, row.seq);
    sqlite3_bind_int64(insert, 4, row.at);
    sqlite3_bind_int64(insert, 5, row.conversation);
    sqlite3_bind_blob(insert, 6, row.id.bytes().data(), 16, SQLITE_STATIC);
    sqlite3_bind_text(insert, 7, row.content->data(), static_cast<int>(row.content->size()),
                      SQLITE_STATIC);
    sqlite3_bind_blob(insert, 8, row.salt, 16, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 9, row.hash, 32, SQLITE_STATIC);
}

}  // namespace

nlohmann::ordered_json appendEngine(const std::filesystem::path& folder, std::size_t inFlight,
                                    const AppendLength& length) {
    const SystemClock clock;
    SystemRandom random;
    Workload workload(2);
    ClosedLoop loop(workload);
    EngineOptions options;
    options.dataFolder = folder;
    const auto engine = must(Engine::open(options, clock, random, loop));
    loop.begin(*engine, inFlight);
    if (!length.messages) sleepSeconds(warmupSeconds);
    const Stopwatch watch;
    const double cpuBefore = cpuSeconds();
    const std::int64_t before = length.messages ? 0 : loop.events();
    if (length.messages) {
        loop.waitFor(*length.messages);
    } else {
        sleepSeconds(length.seconds);
    }
    const auto result = figures(loop.events() - before, watch.seconds(), cpuSeconds() - cpuBefore);
    loop.end();
    engine->stop();
    return result;
}

nlohmann::ordered_json appendRawSqlite(const std::filesystem::path& folder, std::size_t inFlight,
                                       double seconds) {
    std::filesystem::create_directories(folder);
    const auto db = must(Database::openWriter(folder / "raw.db"));
    const SystemClock clock;
    must(migrate(*db, clock));
    sqlite3* raw = db->sqlite().getHandle();
    db->sqlite().exec("PRAGMA foreign_keys = OFF");
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(raw,
                       "INSERT INTO event (position, conversation, seq, type, version, at, actor,"
                       " role, id, message_type, visible, data, content, salt, hash)"
                       " VALUES (?1, ?2, ?3, 4, 1, ?4, ?5, 2, ?6, 1, 1, '{}', ?7, ?8, ?9)",
                       -1, &insert, nullptr);
    RawRows rows;
    const auto result = measure(seconds, [&] {
        sqlite3_exec(raw, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        for (std::size_t i = 0; i < inFlight; ++i) {
            const RawRow row = rows.next();
            bind(insert, row);
            if (sqlite3_step(insert) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(raw));
            sqlite3_reset(insert);
        }
        if (sqlite3_exec(raw, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) {
            throw std::runtime_error(sqlite3_errmsg(raw));
        }
        return static_cast<std::int64_t>(inFlight);
    });
    sqlite3_finalize(insert);
    return result;
}

nlohmann::ordered_json appendFile(const std::filesystem::path& folder, std::size_t inFlight,
                                  double seconds) {
    std::filesystem::create_directories(folder);
    const int file = ::open((folder / "rows").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0) throw std::runtime_error("cannot write into " + folder.string());
    RawRows rows;
    std::string batch;
    const auto result = measure(seconds, [&] {
        batch.clear();
        for (std::size_t i = 0; i < inFlight; ++i) {
            const RawRow row = rows.next();
            batch.append(reinterpret_cast<const char*>(&row.position), 4 * sizeof row.position);
            batch.append(reinterpret_cast<const char*>(row.id.bytes().data()), 16);
            batch.append(*row.content);
            batch.append(reinterpret_cast<const char*>(row.salt), 16);
            batch.append(reinterpret_cast<const char*>(row.hash), 32);
        }
        if (::write(file, batch.data(), batch.size()) != static_cast<ssize_t>(batch.size()) ||
            ::fdatasync(file) != 0) {
            throw std::runtime_error("cannot write into " + folder.string());
        }
        return static_cast<std::int64_t>(inFlight);
    });
    ::close(file);
    return result;
}

}  // namespace parley::bench
