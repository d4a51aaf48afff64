#pragma once

#include <parley/core/json.h>
#include <parley/core/limits.h>
#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/log/event_reader.h>

/// A client's JSON → a command, checked for form. Unknown fields are ignored; a known field of a
/// wrong type, out of range or missing is refused with its code and name. Pure; any thread.
namespace parley {

/// What a request of which every text is within its limit can need as JSON: each byte of the
/// content written as \u00XX, and room for everything else. No client's message is closed upon
/// where it is due an answer, so `payload.max` and `http.body` are never less.
inline constexpr std::size_t kRequestBytesMax = 6 * limits::kContentBytesMax + 64 * 1024;

Result<JoinRoom> parseJoinRoom(const Json& body);  ///< also nested in `joinData`
Result<LeaveRoom> parseLeaveRoom(const Json& body);
Result<SendMessage> parseSendMessage(const Json& body);
Result<StartTyping> parseStartTyping(const Json& body);
Result<StopTyping> parseStopTyping(const Json& body);
Result<ShareRobotMessage> parseShareRobotMessage(const Json& body);
/// `generated`: the conversation's id where the request names none.
Result<StartConversation> parseStartConversation(const Json& body, const ConversationId& generated);

struct HistoryRequest {
    ConversationId conversation;
    MessagePage page;
};
Result<HistoryRequest> parseGetMessages(const Json& body);

}  // namespace parley
