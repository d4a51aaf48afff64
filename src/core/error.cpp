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

std::optional<ErrorCode> errorCodeOf(std::string_view name) {
    constexpr std::size_t kAll = std::size(kClientErrors) + std::size(kOperatorErrors);
    for (std::size_t row = 0; row < kAll; ++row) {
        const auto code = static_cast<ErrorCode>(row);
        if (errorInfo(code).name == name) return code;
    }
    return std::nullopt;
}

std::span<const ErrorInfo> clientErrors() {
    return kClientErrors;
}

}  // namespace parley
