#pragma once

#include <optional>
#include <string>

#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

namespace parley {

/// What a walk over the whole log found.
struct VerifyReport {
    Position last;        ///< of the last event that was checked
    Digest hash{};        ///< its hash: keep it elsewhere, and nobody can rewrite the past
    bool good = true;
    Position badPosition; ///< the first bad one, unless good
    std::string problem;  ///< what is wrong there
};

/// Recomputes every hash from the first event, and checks that positions and seqs are dense and
/// times never go back. Reads in short transactions, so that a server may go on meanwhile.
/// An error means that the log could not be read, not that it is bad.
Result<VerifyReport> verifyLog(Database& db);

}  // namespace parley
