#pragma once

#include <parley/core/error.h>

#include <span>
#include <string_view>

namespace parley::app {

/// A row of core/operator_errors.def. The views point to static storage.
struct OperatorError {
    ErrorCode code;
    std::string_view name;
    int exitStatus;  ///< of the program (commands.h)
    std::string_view meaning;
};

/// All of them, in the table's order. Any thread.
std::span<const OperatorError> operatorErrors();

}  // namespace parley::app
