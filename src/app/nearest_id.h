#pragma once

#include "app/commands.h"

#include <parley/core/result.h>
#include <parley/log/database.h>

#include <optional>
#include <string>

namespace parley::app {

/// What an id names.
enum class IdOf { conversation, user };

/// Nothing where the log has the id; else the id of its kind that comes closest, empty where there
/// is none. Reads all ids, up to a million.
Result<std::optional<std::string>> nearestIfUnknown(Database& log, IdOf of, const std::string& id);

/// `; the nearest is "ID"`; nothing where `id` is empty.
std::string nearestWords(const std::string& id);

/// The error, with the nearest id of the first of --conversation, --user and --viewer that the log
/// does not have.
Error withNearest(Database& log, Error error, const Given& given);

}  // namespace parley::app
