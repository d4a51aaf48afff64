#pragma once

#include <parley/core/json.h>
#include <parley/core/limits.h>
#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/domain/event_type.h>
#include <parley/engine/request.h>
#include <parley/log/read/message_page.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Turns a client's JSON into a command or a query, checked for form. Unknown fields are ignored;
/// the first known field that is missing, of a wrong type or out of range is refused with its name
/// and a code of core/error_codes.def, a body that is no object with `invalid_request`. Whether the
/// conversation allows the request is decided later (domain/decide.h). Each row of
/// domain/requests.def that a client can ask for has its parser here; docs/wire.md describes the
/// fields. The results own their texts. Pure; any thread.
namespace parley {

/// The most bytes of JSON that a request with texts within their limits can need: each byte of the
/// content written as \u00XX, and room for everything else. `payload.max` and `http.body` are never
/// less: such a request is answered, its connection not closed.
inline constexpr std::size_t kRequestBytesMax = 6 * limits::kContentBytesMax + 64 * 1024;

// parseJoinRoom, parseSendMessage and so on: one for each command that clients ask for by name. A
// join's fields may also be nested in `joinData`: then nothing else is looked at. Where a request
// names no user or role, the command has none: the engine fills in those that the connection joined
// with. `sender`: who asks, where a token says it; else null. Its user and role may be left out,
// and a join of it that names no conversation starts one. An `originalMessageId` that is no UUID is
// refused as a message that does not exist.
#define COMMAND(constant, name, Command, answer, rest) \
    Result<Command> parse##Command(const Json& body, const Principal* sender = nullptr);
#include <parley/domain/requests.def>

/// Participants named twice count once, as they were named first. `sender`: as above.
Result<StartConversation> parseStartConversation(const Json& body,
                                                 const Principal* sender = nullptr);

/// A read of one page of a conversation's history.
struct HistoryRequest {
    ConversationId conversation;
    MessagePage page;
};
Result<HistoryRequest> parseGetMessages(const Json& body);
/// The fields of a page alone: `limit` (default limits::kHistoryLimitDefault), `offset`, `before`,
/// `after`.
Result<MessagePage> parsePage(const Json& body);

/// The client shows a new token.
struct Authenticate {
    std::string token;  ///< of any form; auth::Authenticator reads it
};
/// No message of a refusal has the token, or a part of it.
Result<Authenticate> parseAuthenticate(const Json& body);

/// `userId` and `userRole` go together; `presence`. A body that is no object has none of them.
Result<WatchDashboard> parseJoinDashboard(const Json& body);
/// Needs no fields: any body will do, and nothing is refused.
Result<WatchDashboard> parseLeaveDashboard(const Json& body);

/// Which events of the log are asked for, by the names of the wire.
struct LogQuery {
    std::optional<ConversationId> conversation;
    std::optional<UserId> user;    ///< the actor
    std::vector<EventType> types;  ///< one of these; empty: all
};
/// Names of event types with commas between them; one at least. Refuses with `invalid_value`.
Result<std::vector<EventType>> parseEventTypes(std::string_view names);

/// The client wants to be sent what comes to be in the log.
struct FollowLog {
    LogQuery query;
    std::optional<Position> after;  ///< what is later than this; nothing: than now
};
/// `{filter?: {conversationId?, userId?, type?: text or texts}, after?}`; no body at all is none.
Result<FollowLog> parseJoinLog(const Json& body);
/// The client does not any more.
struct UnfollowLog {};
UnfollowLog parseLeaveLog(const Json& body);

}  // namespace parley
