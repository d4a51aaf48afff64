#pragma once

#include <parley/core/result.h>

#include <cstddef>
#include <string>

namespace parley {

/// The whole text of a regular file of at most `bytesMax`. Never waits for a writer, as the opening
/// of a FIFO would. Refuses with `invalid_setting`; the message begins with "it" and does not name
/// the file. Any thread.
Result<std::string> readTextFile(const std::string& path, std::size_t bytesMax);

}  // namespace parley
