#include "app/operator_errors.h"

#include "app/commands.h"

namespace parley::app {
namespace {

constexpr OperatorError kTable[] = {
#define PARLEY_OPERATOR_ERROR(name, exit, meaning) {ErrorCode::name, #name, kExit##exit, meaning},
#define PARLEY_SHARED_ERROR(name, exit, meaning) {ErrorCode::name, #name, kExit##exit, meaning},
#include <parley/core/operator_errors.def>
};

}  // namespace

std::span<const OperatorError> operatorErrors() {
    return kTable;
}

}  // namespace parley::app
