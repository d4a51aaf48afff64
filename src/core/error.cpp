#include <parley/core/error.h>

#include <iterator>

namespace parley {
namespace {

constexpr ErrorInfo kTable[] = {
#define PARLEY_ERROR(name, status, retry, meaning) {#name, status, retry, meaning},
#include <parley/core/error_codes.def>
#undef PARLEY_ERROR
};

}  // namespace

const ErrorInfo& errorInfo(ErrorCode code) {
    return kTable[static_cast<std::size_t>(code)];
}

const ErrorInfo* errorTableBegin() {
    return std::begin(kTable);
}

const ErrorInfo* errorTableEnd() {
    return std::end(kTable);
}

}  // namespace parley
