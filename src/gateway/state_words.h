#pragma once

#include "gateway/gateway_state.h"

#include <string>

namespace parley {

/// How the server stands, as `key=value ...` for the log: figures and names of warnings, no ids.
/// Any thread.
std::string stateWords(const GatewayState& shared);

}  // namespace parley
