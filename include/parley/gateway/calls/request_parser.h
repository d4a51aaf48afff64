#pragma once

#include <parley/core/json.h>
#include <parley/core/limits.h>
#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/engine/request.h>
#include <parley/log/read/message_page.h>

/// Turns a client's JSON into a command or a query, checked for form. Unknown fields are ignored; a
/// known field of a wrong type, out of range or missing is refused with its code and name. Each row
/// of domain/requests.def has its parser here. Pure; any thread.
namespace parley {

/// The most bytes of JSON that a request with texts within their limits can need: each byte of the
/// content written as \u00XX, and room for everything else. `payload.max` and `http.body` are never
/// less: such a request is answered, its connection not closed.
inline constexpr std::size_t kRequestBytesMax = 6 * limits::kContentBytesMax + 64 * 1024;

// parseJoinRoom, parseSendMessage and so on: one for each command that clients ask for by name.
#define COMMAND(constant, name, Command, answer, rest) \
    Result<Command> parse##Command(const Json& body);
#include <parley/domain/requests.def>

/// `generated`: the conversation's id where the request names none.
Result<StartConversation> parseStartConversation(const Json& body, const ConversationId& generated);

struct HistoryRequest {
    ConversationId conversation;
    MessagePage page;
};
Result<HistoryRequest> parseGetMessages(const Json& body);
/// The fields of a page alone: `limit`, `offset`, `before`, `after`.
Result<MessagePage> parsePage(const Json& body);

// The names of these requests say it all: any body will do, and nothing is refused.
WatchDashboard parseJoinDashboard(const Json& body);
WatchDashboard parseLeaveDashboard(const Json& body);

}  // namespace parley
