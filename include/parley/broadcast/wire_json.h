#pragma once

#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>
#include <parley/domain/visibility.h>
#include <parley/log/read/log_times.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The wire's types (docs/wire.md) as JSON text, appended to a buffer. Field names and their order
/// are a public interface. Nothing here asks who reads: the caller has. Any thread.
namespace parley::wire {

/// {"userId","userRole","joinedAt"}
void appendParticipant(std::string& out, const Participant& participant);

/// Participants as a JSON array, in the list's order.
void appendParticipants(std::string& out, const UserList<Participant>& participants);

/// The fields of a Conversation that only REST shows; left out where they are nothing. The views
/// live through the call.
struct ConversationTexts {
    std::optional<std::string_view> title = {};
    std::optional<std::string_view> description = {};
};

/// The Conversation. `figures`: as its reader may know them, which for customers leaves out what
/// they may not see (figuresFor). `viewer`: the reader, who is told of the participants it sees.
void appendConversation(std::string& out, const ConversationState& conversation,
                        const ConversationFigures& figures, const Viewer& viewer,
                        const ConversationTexts& texts = {});

/// [{"userId","userName"}]: those who type.
void appendTyping(std::string& out, const std::vector<TypingUser>& typing);

/// {"position","at","emptied"}: of which moment an answer is. `emptied`: retention has emptied
/// something of it.
void appendAsOf(std::string& out, const LogMoment& moment, bool emptied);

/// The Message that a message_sent or message_shared event is. REQUIRES: such an event.
void appendMessage(std::string& out, const Event& message);
/// The same as of a moment by which it had been shared at `sharedAt`: with `sharedPosition`, where
/// that is a position.
void appendMessage(std::string& out, const Event& message, std::optional<Position> sharedAt);

}  // namespace parley::wire
