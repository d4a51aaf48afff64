#pragma once

#include "auth/token_form.h"

#include <parley/auth/options.h>
#include <parley/core/clock.h>
#include <parley/domain/principal.h>

namespace parley::auth {

/// The principal that a token's claims (RFC 7519, section 4) describe, without its `proof`. Claims
/// that Parley does not know are ignored. Faults of time are named before all others.
/// Never throws. Any thread.
OrFault<Principal> principalOf(const Json& claims, const Options& options, UnixMillis now);

}  // namespace parley::auth
