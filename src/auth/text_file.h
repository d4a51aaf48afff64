#pragma once

#include <parley/core/result.h>

#include <cstddef>
#include <string>

namespace parley::auth {

/// `invalid_setting`: what is wrong with a file. Its name is for the caller to add.
inline Error refused(const std::string& why) {
    return {ErrorCode::invalid_setting, why};
}

/// The whole text of a file of at most `bytesMax`. The error does not name the file.
Result<std::string> readTextFile(const std::string& path, std::size_t bytesMax);

}  // namespace parley::auth
