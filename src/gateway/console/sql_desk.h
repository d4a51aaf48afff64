#pragma once

#include "gateway/console/sql_process.h"

#include <parley/core/result.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace parley {

/// The statements of SQL that run now, and the threads that wait for their answers: kRunsMax at
/// once, and one of each asker. Any thread.
class SqlDesk {
public:
    static constexpr std::size_t kRunsMax = 4;

    /// An asker's place, from the request to its answer. Gives itself back.
    class Place {
    public:
        Place(SqlDesk& desk, std::uint64_t request, std::string asker)
            : desk_(desk), request_(request), asker_(std::move(asker)) {}
        ~Place() { desk_.leave(*this); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

    private:
        friend class SqlDesk;
        SqlDesk& desk_;
        const std::uint64_t request_;
        const std::string asker_;
        std::atomic<bool> cancelled_{false};
    };
    using PlacePtr = std::shared_ptr<Place>;
    /// Takes the answer, on a thread of the desk, or of `run`'s caller. Its place is free by then.
    /// What was cancelled is refused with `shutting_down`.
    using Answered = std::function<void(Result<SqlRows>)>;

    explicit SqlDesk(SqlCommand command) : command_(std::move(command)) {}
    /// Stops as `stop` does.
    ~SqlDesk() { stop(); }

    /// A place for `request`. Refuses with `busy` where the asker has one already, or all are
    /// taken, and with `shutting_down` after `stop`.
    Result<PlacePtr> take(std::uint64_t request, const std::string& asker);
    /// Runs a statement. Returns at once.
    void run(const PlacePtr& place, const SqlAsk& ask, const Answered& answered);
    /// Whether the request has a place. Cheap where nobody asks.
    bool has(std::uint64_t request) const;
    /// Ends the statement of a request, or keeps it from being run. Nothing happens where it has
    /// none. Cheap where nobody asks.
    void cancel(std::uint64_t request);
    /// Cancels everything, and waits until all have ended. Idempotent. Never from `Answered`.
    void stop();

private:
    struct Run {
        std::thread thread;
        bool ended = false;
    };
    void leave(const Place& place);
    void joinEnded(std::unique_lock<std::mutex>& lock);

    const SqlCommand command_;
    std::atomic<std::size_t> taken_{0};
    mutable std::mutex mutex_;
    std::map<std::uint64_t, Place*> places_;
    std::list<Run> runs_;
    bool stopping_ = false;
};

}  // namespace parley
