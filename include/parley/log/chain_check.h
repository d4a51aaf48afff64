#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/log/hash_chain.h>
#include <parley/log/read/stored_event.h>

#include <cstdint>
#include <string>
#include <unordered_map>

namespace parley {

/// Checks stored events one after another: whether each continues the log before it. Recomputes the
/// commitment, unless the event was emptied, and the hash. Takes memory for each conversation's
/// last seq. One thread.
class ChainCheck {
public:
    /// From the first event on.
    ChainCheck() = default;
    /// From the middle of a log, where what comes up to `position` is taken on trust. `hash` and
    /// `at`: of the event there.
    ChainCheck(Position position, const Digest& hash, UnixMillis at)
        : previous_(hash), position_(position), at_(at), fromStart_(position.value == 0) {}

    /// What is wrong with the event, as a sentence without its end; empty: nothing, and the next
    /// one is to follow it. Wrong: a position or a seq that is not the next one, a time before that
    /// of the event before it, a hash that is not what its fields give, data that is no JSON
    /// object, a salt without content or content without a salt. REQUIRES: its keys are set.
    std::string problemOf(const StoredEvent& stored);

    /// Of the last good event.
    Position position() const { return position_; }
    const Digest& hash() const { return previous_; }

private:
    HashChain chain_;
    Digest previous_{};
    Position position_;
    UnixMillis at_;
    bool fromStart_ = true;
    std::unordered_map<ConversationKey, Seq> seqs_;
};

}  // namespace parley
