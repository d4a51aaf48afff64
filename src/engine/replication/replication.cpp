#include "engine/replication/replication.h"

#include "engine/replication/outcome_records.h"

#include <parley/core/try.h>

#include <algorithm>
#include <string>
#include <utility>

namespace parley {
namespace {

// The rows that nodes share, besides the log and the views, which follow from the log.
const std::vector<std::string>& sharedTables() {
    static const std::vector<std::string> tables{"session",   "session_room",    "session_own",
                                                 "live_room", "live_connection", "live_typing"};
    return tables;
}

}  // namespace

Replication::Replication(Gate& gate, Database& db, LiveState& live)
    : gate_(gate), db_(db), rows_(db, live), recorder_(db, sharedTables()), log_(db) {}

Result<void> Replication::begin() {
    return rows_.readAll();
}

Result<void> Replication::beginUnit() {
    return leads() ? recorder_.begin() : Result<void>();
}

bool Replication::isNeeded(const std::vector<Outcome>& outcomes) const {
    return rows_.isChanged() || concernOthers(outcomes);
}

bool Replication::concernOthers(const std::vector<Outcome>& outcomes) const {
    return std::any_of(outcomes.begin(), outcomes.end(), [this](const Outcome& outcome) {
        return !isHere(outcome.origin.replyTo) || tellsOthers(outcome);
    });
}

Result<std::optional<Gate::Answer>> Replication::agree(const LogHead& before, const LogHead& after,
                                                       const std::vector<Outcome>& outcomes) {
    PARLEY_TRY(rows_.write());
    PARLEY_TRY_ASSIGN(auto changes, recorder_.changes());
    if (before.position == after.position && changes.empty() && !concernOthers(outcomes)) {
        return std::optional<Gate::Answer>();
    }
    log_.forgetIds();  // the unit before may have been rolled back
    return std::optional(
        gate_.agree({db_, log_, before, after, std::move(changes), recordsOf(outcomes)}));
}

Result<void> Replication::apply(std::string_view changes) {
    PARLEY_TRY(applyChangeset(db_, changes, sharedTables()));
    return rows_.read(changes);
}

}  // namespace parley
