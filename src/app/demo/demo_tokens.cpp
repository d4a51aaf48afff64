#include "app/demo/demo_tokens.h"

#include <parley/auth/token_signer.h>
#include <parley/core/clock.h>
#include <parley/core/try.h>
#include <parley/domain/principal.h>

#include <utility>

namespace parley::app::sample {
namespace {

constexpr std::int64_t kLifetimeMs = 24LL * 3'600'000;

Result<std::string> signedBy(const DemoKeys& keys, Principal principal) {
    const auto now = SystemClock().now();
    principal.issuedAt = now;
    principal.expires.value = now.value + kLifetimeMs;
    return auth::signToken(keys.file, principal,
                           {.issuer = keys.issuer, .audience = keys.audience});
}

}  // namespace

Result<std::string> DemoTokens::of(const Person& person) const {
    if (!options_.keys) return std::string();
    Principal principal{.kind = PrincipalKind::person};
    PARLEY_TRY_ASSIGN(principal.user, UserId::parse(person.id, "a person's id"));
    principal.role = parseRole(person.role);
    if (principal.role == UserRole::robot) principal.kind = PrincipalKind::robot;
    return signedBy(*options_.keys, std::move(principal));
}

Result<std::string> DemoTokens::ofBackEnd() const {
    if (!options_.keys) return std::string();
    Principal principal{.kind = PrincipalKind::service};
    PARLEY_TRY_ASSIGN(principal.user, UserId::parse("demo", "the back end's id"));
    return signedBy(*options_.keys, std::move(principal));
}

}  // namespace parley::app::sample
