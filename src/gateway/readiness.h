#pragma once

#include "gateway/gateway_state.h"

#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// One thing that the server needs to be ready.
struct ReadyCheck {
    std::string_view name;  ///< for programs: "log_writable", "projections", "disk", "draining"
    bool ok = true;
    std::string text;  ///< how it stands, for people; may name figures, but no ids
};

/// All of them, in a fixed order, the good ones too. The server is ready where all are ok. Any
/// thread.
std::vector<ReadyCheck> readyChecks(const GatewayState& shared);

}  // namespace parley
