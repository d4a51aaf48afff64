#include "gateway/console/sql_process.h"

#include <parley/core/try.h>
#include <parley/log/data_folder.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace parley {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kLookEveryMs = 50;
constexpr milliseconds kGrace{3000};  // beyond its own time limit, and to find audit.db
constexpr milliseconds kToEnd{1000};  // from SIGTERM, with which it cleans up, to SIGKILL
constexpr std::size_t kSaidBytesMax = 16 * 1024;  // on standard error
constexpr int kExitUsage = 2;
constexpr int kExitTimeout = 124;

Error failed(const std::string& what) {
    return {ErrorCode::storage_failed, "the statement could not be run: " + what};
}

struct Pipe {
    Descriptor read;
    Descriptor write;

    static Result<Pipe> make() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return failed(std::strerror(errno));
        return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    }
};

/// A process, which is ended and waited for with this.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid) {}
    ~Child() { end(); }
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
    Child& operator=(Child&&) = delete;

    pid_t pid() const { return pid_; }
    /// Its exit status, once it has ended by itself; 128 and more for a signal.
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    void end() {
        if (pid_ == 0) return;
        ::kill(pid_, SIGTERM);
        for (auto left = kToEnd; left.count() > 0; left -= milliseconds(kLookEveryMs / 5)) {
            if (::waitpid(pid_, nullptr, WNOHANG) != 0) {
                pid_ = 0;
                return;
            }
            ::poll(nullptr, 0, kLookEveryMs / 5);
        }
        ::kill(pid_, SIGKILL);
        wait();
    }

private:
    pid_t pid_;
};

/// What posix_spawn(3) is told.
class SpawnPlan {
public:
    SpawnPlan(int in, int out, int said) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_adddup2(&actions_, in, STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions_, said, STDERR_FILENO);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
        ::posix_spawnattr_init(&attributes_);
        sigset_t none;
        ::sigemptyset(&none);
        sigset_t usual;
        ::sigemptyset(&usual);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ}) {
            ::sigaddset(&usual, signal);
        }
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &usual);
        ::posix_spawnattr_setpgroup(&attributes_, 0);  // a terminal's Ctrl-C is for the server
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    ~SpawnPlan() {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&actions_);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    Result<Child> run(std::vector<std::string> words) const {
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        char* environment[] = {nullptr};
        pid_t pid = 0;
        const int error = ::posix_spawn(&pid, arguments[0], &actions_, &attributes_,
                                        arguments.data(), environment);
        if (error != 0) return failed(std::strerror(error));
        return Child(pid);
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

// Beside a server that people wait for; where memory is short, it goes first.
void makeModest(pid_t pid) {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(pid), 19);
    std::ofstream("/proc/" + std::to_string(pid) + "/oom_score_adj") << "1000";
}

/// Rows as they come, whole ones alone.
class Rows {
public:
    Rows(SqlFormat format, std::int64_t rowsMax)
        : quotes_(format == SqlFormat::csv), headers_(quotes_ ? 1 : 0), rowsMax_(rowsMax) {}

    void add(std::string_view text) {
        for (const char one : text) {
            if (isFull()) return;
            text_ += one;
            // In CSV a cell in quotes may have line feeds; in JSON lines none has.
            if (quotes_ && one == '"') inQuotes_ = !inQuotes_;
            if (one != '\n' || inQuotes_) continue;
            ends_ = text_.size();
            ++lines_;
        }
    }
    /// Whether there is more than may be. Until a byte beyond the last row is there, it is not.
    bool isFull() const { return isTooLong() || (count() >= rowsMax_ && text_.size() > ends_); }
    bool isTooLong() const { return text_.size() > kSqlBytesMax; }
    /// How many whole ones there are, without CSV's header.
    std::int64_t count() const { return lines_ - headers_; }
    std::string take() {
        text_.resize(ends_);
        return std::move(text_);
    }

private:
    const bool quotes_;
    const std::int64_t headers_;
    const std::int64_t rowsMax_;
    std::string text_;
    std::size_t ends_ = 0;  // of the last whole row
    std::int64_t lines_ = 0;
    bool inQuotes_ = false;
};

// "parley: invalid_value: near ..." without its beginning.
std::string wordsOf(std::string said) {
    for (const std::string_view beginning : {"parley: ", "invalid_value: "}) {
        if (said.starts_with(beginning)) said.erase(0, beginning.size());
    }
    while (said.ends_with('\n')) said.pop_back();
    return said;
}

std::string jsonArray(std::string_view lines) {
    std::string out = "[";
    for (const char one : lines) {
        if (one != '\n') {
            out += one;
        } else {
            out += ",\n";
        }
    }
    if (out.size() > 1) out.resize(out.size() - 2);
    return out += ']';
}

/// Reads both pipes until the process has said everything, or nobody wants more.
class Listening {
public:
    Listening(Pipe& out, Pipe& said, Rows& rows) : out_(out), said_(said), rows_(rows) {}

    enum class Ended { byItself, full, cancelled, late };
    Ended run(Steady::time_point until, const std::atomic<bool>& cancelled) {
        while (out_.read.isOpen() || said_.read.isOpen()) {
            if (cancelled.load()) return Ended::cancelled;
            if (Steady::now() > until) return Ended::late;
            std::array<pollfd, 2> both{pollfd{out_.read.number(), POLLIN, 0},
                                       pollfd{said_.read.number(), POLLIN, 0}};
            if (::poll(both.data(), both.size(), kLookEveryMs) <= 0) continue;
            if (both[0].revents != 0) readRows();
            if (both[1].revents != 0) readSaid();
            if (rows_.isFull()) return Ended::full;
        }
        return Ended::byItself;
    }
    std::string said() { return std::move(text_); }

private:
    std::string_view readFrom(Descriptor& end) {
        const auto bytes = ::read(end.number(), buffer_.data(), buffer_.size());
        if (bytes <= 0) end = Descriptor();
        return {buffer_.data(), static_cast<std::size_t>(std::max<ssize_t>(bytes, 0))};
    }
    void readRows() { rows_.add(readFrom(out_.read)); }
    void readSaid() {
        const auto more = readFrom(said_.read);
        text_ += more.substr(0, kSaidBytesMax - std::min(text_.size(), kSaidBytesMax));
    }

    Pipe& out_;
    Pipe& said_;
    Rows& rows_;
    std::array<char, 64 * 1024> buffer_{};
    std::string text_;
};

Error timedOut(const SqlCommand& command) {
    return {ErrorCode::read_timeout,
            "the statement took longer than " + std::to_string(command.timeLimit.count()) +
                " ms; ask for less: a range of positions, or one conversation"};
}

Error firstRowIsTooLong() {
    return {
        ErrorCode::invalid_value,
        "the first row alone has more than 8 MiB, which is all that an answer may have; ask for "
        "fewer columns, or for a part of a text with substr()"};
}

std::string notesOnCut(const Rows& rows) {
    if (!rows.isTooLong()) return {};  // there are as many as were asked for
    return "the first " + std::to_string(rows.count()) +
           " rows: the next one does not fit into an answer, which has at most 8 MiB";
}

std::vector<std::string> wordsOf(const SqlCommand& command, SqlFormat format) {
    return {command.program, "audit",
            "--sql",         "-",
            "--data",        command.dataFolder.string(),
            "--format",      format == SqlFormat::csv ? "csv" : "jsonl",
            "--time-limit",  std::to_string(command.timeLimit.count()) + "ms"};
}

}  // namespace

Result<SqlRows> runSql(const SqlCommand& command, const SqlAsk& ask,
                       const std::atomic<bool>& cancelled) {
    PARLEY_TRY_ASSIGN(auto in, Pipe::make());
    PARLEY_TRY_ASSIGN(auto out, Pipe::make());
    PARLEY_TRY_ASSIGN(auto said, Pipe::make());
    // A pipe has room for all of it (pipe(7)).
    const auto written = ::write(in.write.number(), ask.sql.data(), ask.sql.size());
    if (written != static_cast<ssize_t>(ask.sql.size())) return failed("its pipe is full");
    in.write = Descriptor();
    const SpawnPlan plan(in.read.number(), out.write.number(), said.write.number());
    PARLEY_TRY_ASSIGN(auto child, plan.run(wordsOf(command, ask.format)));
    makeModest(child.pid());
    in.read = Descriptor();
    out.write = Descriptor();
    said.write = Descriptor();
    Rows rows(ask.format, ask.rowsMax);
    Listening listening(out, said, rows);
    const auto ended = listening.run(Steady::now() + command.timeLimit + kGrace, cancelled);
    using Ended = Listening::Ended;
    if (ended == Ended::cancelled) return Error{ErrorCode::shutting_down, "nobody waits for it"};
    if (ended == Ended::late) return timedOut(command);
    auto words = wordsOf(listening.said());
    if (ended == Ended::byItself) {
        const int status = child.wait();
        if (status == kExitTimeout) return timedOut(command);
        if (status == kExitUsage) return Error{ErrorCode::invalid_value, words};
        if (status != 0) return failed(words.empty() ? std::to_string(status) : words);
    }
    if (ended == Ended::full) {
        if (rows.isTooLong() && rows.count() <= 0) return firstRowIsTooLong();
        words = notesOnCut(rows);
    }
    const auto text = rows.take();
    return SqlRows{ask.format == SqlFormat::csv ? text : jsonArray(text), ended == Ended::full,
                   std::move(words)};
}

}  // namespace parley
