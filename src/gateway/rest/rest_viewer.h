#pragma once

#include "gateway/rest/rest_target.h"

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
};

/// Reads it from the query; refuses with `invalid_id` or `unknown_role`. Any thread.
Result<NamedViewer> readViewer(const RestTarget& target);

/// The viewer itself, as the log knows the user. On a reader's thread.
Result<Viewer> viewerOf(ReadContext& context, const NamedViewer& named);

}  // namespace parley
