#pragma once

#include "app/generate/play.h"

#include <parley/core/result.h>
#include <parley/log/data_folder.h>
#include <parley/projection/new_database.h>

#include <cstddef>

namespace parley::app::generate {

/// Makes the database of `folder` that `wanted` says. The log is the same, byte for byte, for the
/// same `wanted`, whatever `transactionEvents` is. Refuses where there is a database, and as
/// NewDatabase does; then there is none.
Result<NewDatabase::Report> generate(
    const DataFolder& folder, const Wanted& wanted, const Play::Progress& progress,
    std::size_t transactionEvents = NewDatabase::kTransactionEvents);

}  // namespace parley::app::generate
