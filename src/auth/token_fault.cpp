#include <parley/auth/token_fault.h>

#include <array>

namespace parley::auth {
namespace {

constexpr std::array kNames{
#define TOKEN_FAULT(constant, name, meaning) std::string_view(name),
#include <parley/auth/token_faults.def>
};
static_assert(kNames.size() == kTokenFaultCount);

}  // namespace

std::string_view tokenFaultName(TokenFault fault) {
    return kNames[static_cast<std::size_t>(fault)];
}

}  // namespace parley::auth
