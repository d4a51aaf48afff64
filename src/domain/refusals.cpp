#include <parley/core/utf8.h>
#include <parley/domain/refusals.h>

#include <string>

namespace parley {

Result<void> mayBeNew(std::string_view id, std::string_view what) {
    if (!hasDeceptiveCharacter(id)) return {};
    return Error{ErrorCode::invalid_id,
                 "the " + std::string(what) +
                     " has a C1 control, a line separator or a bidirectional override"};
}

Error conversationNotFound(const ConversationId& conversation) {
    if (auto possible = mayBeNew(conversation.str(), "conversationId"); !possible) {
        return possible.error();
    }
    return {ErrorCode::conversation_not_found,
            "there is no conversation \"" + conversation.str() + "\""};
}

Error conversationNotYet(const ConversationId& conversation, Position position) {
    return {ErrorCode::conversation_not_found, "there was no conversation \"" + conversation.str() +
                                                   "\" yet at position " +
                                                   std::to_string(position.value)};
}

Error notParticipant(const ConversationId& conversation, const UserId& user) {
    if (auto possible = mayBeNew(user.str(), "user's id"); !possible) return possible.error();
    return {ErrorCode::not_participant, "\"" + user.str() +
                                            "\" is not a participant of conversation \"" +
                                            conversation.str() + "\""};
}

Result<void> mayHide(UserRole role, std::optional<bool> isVisible) {
    if (isVisible != false || isStaff(role) || role == UserRole::robot) return {};
    return Error{ErrorCode::forbidden, "only staff can hide a message from customers"};
}

Error missingField(std::string_view field) {
    return {ErrorCode::missing_field, std::string(field) + " is required"};
}

}  // namespace parley
