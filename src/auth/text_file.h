#pragma once

#include <parley/core/result.h>

#include <cstddef>
#include <string>

namespace parley::auth {

/// The whole text of a file of at most `bytesMax`. The error does not name the file.
Result<std::string> readTextFile(const std::string& path, std::size_t bytesMax);

}  // namespace parley::auth
