#pragma once

#include "app/export/exported_events.h"

#include <parley/core/result.h>
#include <parley/log/database.h>

#include <cstdint>
#include <filesystem>
#include <memory>

namespace parley::app::exports {

/// An export that was cut, and what it still lacks.
struct Resumed {
    /// Goes on after the last whole line; with a viewer it begins again, to count what is left out.
    std::unique_ptr<ExportedEvents> source;
    std::uintmax_t bytes = 0;  ///< of the whole lines
    std::int64_t events = 0;   ///< in them
    Position last;             ///< of the last one; 0: they have no event
};

/// Opens the source of an export that was cut, so that the file becomes what it would have been.
/// Refuses with `file_refused` a file that is complete, that was asked for in another way or of
/// another log, or whose last whole line is not this log's. Changes nothing.
Result<Resumed> resume(Database& db, Selection asked, const std::filesystem::path& file);

}  // namespace parley::app::exports
