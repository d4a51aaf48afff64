#pragma once

#include <parley/core/error.h>

namespace parley {

/// What an `errno` of a call on a folder or a file in it means to an operator: `storage_full`;
/// `file_refused` where nothing has failed, but rights are missing or something else has the name;
/// `storage_failed` for all others. Any thread.
ErrorCode folderErrorOf(int number);

}  // namespace parley
