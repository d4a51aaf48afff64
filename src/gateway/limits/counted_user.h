#pragma once

#include <parley/domain/command.h>
#include <parley/domain/principal.h>

namespace parley {

/// The user whose rates a service's command takes from: the one that it acts as, or the service
/// itself where the command names none, or asks for what is out of the service's reach: else a
/// service could use up the rates of others. REQUIRES: `identify` has permitted the command. Any
/// thread.
UserId countedUser(const Command& command, const Principal& service);

}  // namespace parley
