#pragma once

#include "engine/upkeep/checkpoints.h"
#include "engine/upkeep/space_watch.h"
#include "engine/upkeep/write_lock_watch.h"

#include <parley/core/clock.h>
#include <parley/core/histogram.h>
#include <parley/engine/request.h>
#include <parley/log/event_log.h>
#include <parley/log/head_witness.h>
#include <parley/log/replication_mark.h>
#include <parley/projection/view_writer.h>

#include <atomic>
#include <optional>
#include <vector>

namespace parley {

class Replication;
class UnitMembers;

/// Something in memory that changes together with the database, and is told how each unit of work
/// ends. It registers itself when it is made, so that none can be forgotten. Writer's thread only.
class UnitMember {
public:
    UnitMember(const UnitMember&) = delete;
    UnitMember& operator=(const UnitMember&) = delete;

    /// The unit is durable: what would undo it can be forgotten.
    virtual void committed() = 0;
    /// Nothing of the unit happened: this is to be as it was before.
    virtual void rolledBack() = 0;

protected:
    /// REQUIRES: this lives until the last unit has ended.
    explicit UnitMember(UnitMembers& members);
    ~UnitMember() = default;
};

/// All members of a writer's units. None may rely on another one being told before it.
class UnitMembers {
public:
    void committed() {
        for (auto* member : all_) member->committed();
    }
    void rolledBack() {
        for (auto* member : all_) member->rolledBack();
    }

private:
    friend class UnitMember;
    std::vector<UnitMember*> all_;
};

inline UnitMember::UnitMember(UnitMembers& members) {
    members.all_.push_back(this);
}

/// The writer's unit of work: everything between two calls of `finish` happens, on the disk and in
/// memory, or none of it. Every transaction of the writer's is one. Where nothing is written, no
/// transaction is opened. Writer's thread only.
class UnitOfWork {
public:
    /// What belongs to every unit by its nature. All of it outlives the unit.
    struct Storage {
        Database& db;
        EventLog& log;
        ViewWriter& views;
        HeadWitness& witness;
        Checkpoints& checkpoints;
        SpaceWatch& space;
        WriteLockWatch& lock;
        Replication* replication = nullptr;  ///< null: a single node
    };
    UnitOfWork(const Storage& storage, UnitMembers& members, const Clock& clock);

    /// Opens the transaction, unless it is open. Must come before anything that writes. An error
    /// fails the unit.
    Result<void> begin();
    bool isOpen() const { return isOpen_; }

    /// The storage could not do what the unit needs: the unit can only be rolled back. The first
    /// error is kept. Returns its argument, so that it can be passed on.
    Error fail(const Error& error);
    bool hasFailed() const { return error_.has_value(); }

    /// The unit is what another node decided, up to `mark` in the stream.
    void applies(const ReplicationMark& mark) {
        mark_ = mark;
        isApplied_ = true;
    }

    /// Ends the unit. Commits it, or rolls it back where it has failed or does so now, and tells
    /// all members. Where the error is `fatal`, nobody is told anything. `outcomes`: what became of
    /// the requests that it carries out, for the other nodes of a cluster.
    Result<void> finish(const std::vector<Outcome>& outcomes = {});
    /// Whether the last unit was rolled back because it was more than nodes can agree on at once.
    bool wasTooLarge() const { return wasTooLarge_; }
    /// The error after which the process must not go on: the disk may hold less, or more, than
    /// SQLite said. Once there is one, no unit may begin.
    const std::optional<Error>& fatal() const { return fatal_; }

    /// Finds out, by a transaction that changes nothing, whether a full disk has room again.
    /// REQUIRES: no transaction is open.
    Result<void> tryRoom();

    /// The log's end, what the unit has appended included.
    const LogHead& head() const { return storage_.log.head(); }

    /// The last committed position. Any thread.
    std::int64_t committedPosition() const { return position_.load(std::memory_order_relaxed); }
    /// How long commits took. Any thread.
    const Histogram& commitDurations() const { return commitDurations_; }
    /// Transactions that were given up because another process held the lock. Any thread.
    std::uint64_t lockBusy() const { return lockBusy_.load(std::memory_order_relaxed); }

private:
    Result<void> commit(const std::vector<Outcome>& outcomes);
    Result<void> passGate(const std::vector<Outcome>& outcomes);
    void rollBack();

    const Storage storage_;
    UnitMembers& members_;
    const Clock& clock_;
    bool isOpen_ = false;
    std::optional<Error> error_;
    std::optional<Error> fatal_;
    std::optional<ReplicationMark> mark_;  // where the unit was agreed on, in a cluster
    bool isApplied_ = false;               // another node decided it
    bool wasTooLarge_ = false;
    std::atomic<std::int64_t> position_;
    std::atomic<std::uint64_t> lockBusy_{0};
    Histogram commitDurations_;
};

}  // namespace parley
