#pragma once

#include "gateway/gateway_state.h"

#include <parley/core/uuid.h>
#include <parley/domain/command.h>
#include <parley/domain/principal.h>

namespace parley {

/// Makes commands ready for the writer, the ones of sockets and those of REST. One thread.
class CommandIntake {
public:
    /// The references outlive this.
    CommandIntake(GatewayState& shared, Random& random) : shared_(shared), uuids_(random) {}

    /// A conversation that is to be new without a name gets its id, and the command says what its
    /// sender's token says (domain/identify.h); those that name another user are counted. `sender`:
    /// null with auth.mode=none.
    Result<void> complete(Command& command, const Principal* sender);

private:
    GatewayState& shared_;
    UuidGenerator uuids_;
};

}  // namespace parley
