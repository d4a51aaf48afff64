#pragma once

#include <parley/core/error.h>

#include <string>

namespace parley::auth {

/// `invalid_setting`: what is wrong with a file. Its name is for the caller to add.
inline Error refused(const std::string& why) {
    return {ErrorCode::invalid_setting, why};
}

}  // namespace parley::auth
