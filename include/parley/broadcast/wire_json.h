#pragma once

#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>

#include <string>

/// The wire's types (docs/wire.md) as JSON text, appended to a buffer. Field names and order are a
/// public interface. Any thread.
namespace parley::wire {

/// {"userId","userRole","joinedAt"}
void appendParticipant(std::string& out, const Participant& participant);

/// Participants as a JSON array.
void appendParticipants(std::string& out, const UserList<Participant>& participants);

/// The Conversation's fields without the closing brace, so that a caller may add some. `figures`:
/// the conversation's, as the one who gets this may know them.
void appendOpenConversation(std::string& out, const ConversationState& conversation,
                            const ConversationFigures& figures);
void appendConversation(std::string& out, const ConversationState& conversation,
                        const ConversationFigures& figures);

/// The Message that a message_sent or message_shared event is.
void appendMessage(std::string& out, const Event& message);

/// "2026-01-31T08:15:30.042Z" with its quotes.
void appendTime(std::string& out, UnixMillis at);

}  // namespace parley::wire
