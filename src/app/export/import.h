#pragma once

#include <parley/core/result.h>
#include <parley/log/read/stored_event.h>

#include <filesystem>
#include <functional>

namespace parley::app::exports {

/// Takes the next event in, or says what is wrong with it, as a sentence without its end.
using TakeEvent = std::function<Result<void>(StoredEvent&)>;

/// Reads the export of a whole log and hands each event to `take`, which checks that it continues
/// the ones before it (NewDatabase::restore does). Refuses with `storage_damaged` anything that is
/// no such export, and with what `take` refuses: the message begins with "line N: ". Refuses with
/// `file_refused` a file that cannot be read. What was taken counts only where all is well.
Result<void> readWholeExport(const std::filesystem::path& file, const TakeEvent& take);

}  // namespace parley::app::exports
