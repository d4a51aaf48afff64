#pragma once

#include "gateway/rest/rest_call.h"
#include "gateway/rest/rest_viewer.h"

#include <parley/core/result.h>
#include <parley/domain/authorize.h>
#include <parley/engine/reader_pool.h>
#include <parley/projection/as_of.h>

#include <optional>

/// Questions about the past, and about what somebody else could see (docs/time-travel.md).
namespace parley {

/// What a request's query asks: `asOf`, `viewer` and `viewerRole`.
struct PastQuestion {
    std::optional<AsOf> asOf;  ///< nothing: now
    UnixMillis now;            ///< when it was asked
    NamedViewer asker;
    std::optional<UserId> viewer;  ///< through whose eyes; nothing: the asker's
    std::optional<UserRole> viewerRole;
};

/// Whether the query has one of these.
bool asksPast(const RestCall& call);
/// What a route answers to that which knows only the present: silence would pass for the past.
Error knowsNoPast();

/// Reads the question. Refuses with `invalid_value`, `invalid_id` and `unknown_role` what is no
/// question, and with `forbidden` an asker who may not ask: with auth.mode=none anybody but this
/// machine, else those who may not name another viewer. The loop's thread.
Result<PastQuestion> readPast(const RestCall& call, RestServices& services);

/// What is to be answered to a question about one conversation.
struct PastView {
    ConversationKey conversation;
    LogMoment moment;
    Viewer viewer;      ///< sees what both the asker and the viewer may see
    Position messages;  ///< messages later than this one are not theirs; not after the moment
};

/// Finds the moment, and what the asker may see of the conversation now and the viewer could see of
/// it then. `action`: the read, as the authorization table calls it. Refuses as the table says, and
/// with `conversation_not_found` where there was no such conversation, or the viewer could not see
/// it. On a reader's thread, in one snapshot.
Result<PastView> pastView(ReadContext& context, const PastQuestion& question, Action action,
                          const ConversationId& conversation);

/// Whether all that the asker is shown is its own history: as of the moment it was a customer of
/// the conversation who could see that much of it, as the authorization table says it of users with
/// tokens. Refuses as pastView does. On a reader's thread, in one snapshot.
/// REQUIRES: the asker names a user, and no other viewer.
Result<bool> isOwnHistory(ReadContext& context, const PastQuestion& question, Action action,
                          const ConversationId& conversation);

}  // namespace parley
