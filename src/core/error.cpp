#include <parley/core/error.h>

#include <cstddef>
#include <iterator>

namespace parley {
namespace {

constexpr ErrorInfo kClientErrors[] = {
#define PARLEY_ERROR(name, status, retry, meaning) {#name, status, retry, meaning},
#include <parley/core/error_codes.def>
#undef PARLEY_ERROR
};

constexpr ErrorInfo kOperatorErrors[] = {
#define PARLEY_OPERATOR_ERROR(name, exit, meaning) {#name, 500, false, meaning},
#include <parley/core/operator_errors.def>
};

}  // namespace

const ErrorInfo& errorInfo(ErrorCode code) {
    constexpr std::size_t kClients = std::size(kClientErrors);
    const auto row = static_cast<std::size_t>(code);
    return row < kClients ? kClientErrors[row] : kOperatorErrors[row - kClients];
}

std::span<const ErrorInfo> clientErrors() {
    return kClientErrors;
}

}  // namespace parley
