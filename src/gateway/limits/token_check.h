#pragma once

#include "gateway/gateway_state.h"

#include <parley/auth/authenticator.h>
#include <parley/core/client_address.h>
#include <parley/core/result.h>

#include <chrono>
#include <string_view>

namespace parley {

/// `unauthenticated`: the one answer for every token that does not count.
Error unauthenticated();

/// Verifies the tokens of one address. After too many bad ones only those pass that were verified
/// before and are remembered: so the others behind the same proxy are not locked out. Any thread.
class TokenCheck {
public:
    /// `now`: Clock::monotonic. REQUIRES: `shared` has an authenticator.
    TokenCheck(GatewayState& shared, ClientAddress from, std::chrono::milliseconds now)
        : authenticator_(*shared.authenticator), limits_(shared.limits), from_(from), now_(now) {}

    /// Refuses with `unauthenticated` what does not count, and with `rate_limited` what is not
    /// verified because the address waits.
    Result<PrincipalPtr> verify(std::string_view token) const;
    /// The same for a token that is verified even while the address waits.
    Result<PrincipalPtr> verifyAlways(std::string_view token) const;
    /// How long this token has to wait; 0: it will be verified, or is remembered.
    std::chrono::milliseconds waitOf(std::string_view token) const;

    const auth::Authenticator& authenticator() const { return authenticator_; }

private:
    auth::Authenticator& authenticator_;
    Limits* const limits_;
    const ClientAddress from_;
    const std::chrono::milliseconds now_;
};

}  // namespace parley
