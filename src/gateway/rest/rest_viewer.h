#pragma once

#include "gateway/history/read_access.h"
#include "gateway/rest/rest_call.h"

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/roles.h>
#include <parley/domain/visibility.h>
#include <parley/engine/reader_pool.h>

#include <optional>

/// Through whose eyes a REST request reads.
namespace parley {

/// What the query names: `userId` and `userRole`. A user without a role reads as a customer; where
/// it names neither, Viewer::unnamed says how it reads.
struct NamedViewer {
    std::optional<UserId> user;
    std::optional<UserRole> role;
    PrincipalPtr principal{};  ///< who asks; null with auth.mode=none
};

/// Reads it from the query; refuses with `invalid_id`, `unknown_role`, or `invalid_value` where a
/// parameter comes twice. Where a token says who asks, the query may only repeat it, else
/// `forbidden`; a service may name the users and roles that it acts as. Any thread.
Result<NamedViewer> readViewer(const RestCall& call, RestServices& services);

/// The viewer itself, as the log knows the user. On a reader's thread.
Result<Viewer> viewerOf(ReadContext& context, const NamedViewer& named);

/// How a conversation may be read for `action`. Refuses with `conversation_not_found`, or as the
/// authorization table says. On a reader's thread.
Result<ReadAccess> readAccess(ReadContext& context, const NamedViewer& named, Action action,
                              const ConversationId& conversation);

}  // namespace parley
