#pragma once

#include <parley/core/result.h>
#include <parley/domain/authorize.h>
#include <parley/domain/command.h>
#include <parley/domain/principal.h>

#include <optional>

/// Whom a command comes from, where a token says it. Pure; any thread.
namespace parley {

/// Makes a command say what its sender's token says: fills in the user and the role that it leaves
/// out, and refuses with `forbidden` where it names others. A join names the user who joins, and a
/// leave the user who leaves: another one there is brought in, or removed (RemoveParticipant), if
/// the table permits it. A service acts as the users that its commands name, in the roles that its
/// token lists.
/// With a principal of kind `none` nothing changes: the command's own words count.
Result<void> identify(Command& command, const Principal& principal);

/// Whether the principal brings another user in, who then gets no part of the connection that asks.
bool bringsIn(const Principal& principal, const JoinRoom& join);

/// What a command does, for the table. REQUIRES: `identify` has permitted it.
Action actionOf(const Command& command, const Principal& principal);

/// The user that acts: the principal's, or for a service the one that the command names; nothing
/// where it names none.
std::optional<UserId> actingUser(const Command& command, const Principal& principal);

}  // namespace parley
