#include "engine/unit_of_work.h"

#include "engine/replication/replication.h"

#include <parley/core/check.h>
#include <parley/core/precise_time.h>
#include <parley/core/try.h>

#include <utility>

namespace parley {

UnitOfWork::UnitOfWork(const Storage& storage, UnitMembers& members, const Clock& clock)
    : storage_(storage),
      members_(members),
      clock_(clock),
      position_(storage.log.head().position.value) {
    storage_.db.leaveCheckpointsToCaller();
}

Result<void> UnitOfWork::begin() {
    if (isOpen_) return {};
    PARLEY_CHECK(!fatal_);
    auto begun = storage_.db.begin();
    if (begun) {
        storage_.lock.foundFree();
        isOpen_ = true;
        if (!storage_.replication) return {};
        auto recorded = storage_.replication->beginUnit();
        return recorded ? Result<void>() : fail(recorded.error());
    }
    if (begun.error().code == ErrorCode::busy) {
        storage_.lock.foundHeld(clock_.monotonic());
        lockBusy_.fetch_add(1, std::memory_order_relaxed);
    }
    return fail(begun.error());
}

Error UnitOfWork::fail(const Error& error) {
    if (!error_) error_ = error;
    return error;
}

Result<void> UnitOfWork::finish(const std::vector<Outcome>& outcomes) {
    wasTooLarge_ = false;
    if (!error_ && isOpen_) {
        if (auto done = commit(outcomes); !done) fail(done.error());
    }
    if (storage_.replication) storage_.replication->endUnit();
    const bool isAgreedOwn =
        std::exchange(mark_, std::nullopt) && !std::exchange(isApplied_, false);
    if (!error_) {
        isOpen_ = false;
        members_.committed();
        return {};
    }
    Error error = *std::exchange(error_, std::nullopt);
    // What was agreed on is going to be in every log, and in this one once there is room for it.
    const bool isDue = isAgreedOwn && error.code == ErrorCode::storage_full;
    if (storage_.db.mustStop() || (isAgreedOwn && !isDue)) fatal_ = error;
    if (fatal_) return error;
    rollBack();
    if (isDue) storage_.replication->notCommitted();
    return error;
}

Result<void> UnitOfWork::commit(const std::vector<Outcome>& outcomes) {
    PARLEY_TRY(storage_.db.run([this] { storage_.views.flush(); }));
    if (storage_.replication) PARLEY_TRY(passGate(outcomes));
    const auto begun = preciseTime();
    PARLEY_TRY(storage_.db.commit());
    commitDurations_.observe(preciseTime() - begun);
    // Fails only where the process must not go on: nobody is told of the unit, although it is in
    // the log.
    PARLEY_TRY(storage_.checkpoints.afterCommit(storage_.db));
    storage_.log.committed();
    storage_.witness.note({head().position, head().hash});
    storage_.space.foundRoom();
    position_.store(head().position.value, std::memory_order_relaxed);
    if (mark_) storage_.replication->committed(*mark_, head());
    return {};
}

// All events and rows of the unit are in the open transaction, and nobody has been told of them.
Result<void> UnitOfWork::passGate(const std::vector<Outcome>& outcomes) {
    if (!mark_) {
        const auto& before = storage_.log.committedHead();
        PARLEY_TRY_ASSIGN(auto answer, storage_.replication->agree(before, head(), outcomes));
        if (!answer) return {};  // rows of this node's own
        wasTooLarge_ = answer->verdict == Gate::Verdict::tooLarge;
        if (answer->verdict != Gate::Verdict::agreed) return std::move(answer->refusal);
        mark_ = answer->mark;
    }
    return writeReplicationMark(storage_.db, *mark_);
}

void UnitOfWork::rollBack() {
    storage_.db.rollback();
    isOpen_ = false;
    storage_.views.forget();
    storage_.log.rolledBack();
    members_.rolledBack();
}

Result<void> UnitOfWork::tryRoom() {
    auto tried = storage_.log.tryCommit();
    if (!tried && storage_.db.mustStop()) fatal_ = tried.error();
    if (tried) storage_.space.foundRoom();
    return tried;
}

}  // namespace parley
