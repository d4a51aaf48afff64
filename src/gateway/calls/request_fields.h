#pragma once

#include <parley/core/limits.h>
#include <parley/domain/command.h>
#include <parley/gateway/calls/request_parser.h>

/// The fields of the requests that two readers know: `Fields` over a JSON document, and
/// `FlatFields` over a text. What is read is written here once. Braced initialisation reads the
/// fields in the order they are written.
namespace parley::request_fields {

/// What is skipped is looked at all the same: further back, pages go by `before`.
inline constexpr std::int64_t kOffsetMax = 10'000;

template <typename F>
MessagePage readPage(F& f) {
    MessagePage page;
    page.limit = static_cast<int>(
        f.optionalInt("limit", 1, limits::kHistoryLimitMax).value_or(limits::kHistoryLimitDefault));
    page.offset = static_cast<int>(
        f.optionalInt("offset", 0, kOffsetMax, "; page further back by before").value_or(0));
    if (auto before = f.optionalInt("before", 1, INT64_MAX)) page.before = Position{*before};
    if (auto after = f.optionalInt("after", 0, INT64_MAX - 1)) page.after = Position{*after};
    return page;
}

template <typename F>
MessageType readMessageType(F& f) {
    // `messageType` is what some clients call it.
    const char* name = f.find("type") ? "type" : "messageType";
    const auto text = f.optionalText(name, 0, limits::kIdBytesMax);
    if (!text) return MessageType::text;
    const auto type = parseMessageType(*text);
    if (!type) {
        f.fail(ErrorCode::unknown_type, std::string(name) + " must be text, system or robot");
    }
    return type.value_or(MessageType::text);
}

template <typename F>
SendMessage readSendMessage(F& f) {
    SendMessage send{f.template id<ConversationId>("conversationId"),
                     f.template optionalId<UserId>("fromUserId"),
                     f.optionalRole("fromRole"),
                     f.text("content", 1, limits::kContentBytesMax),
                     readMessageType(f),
                     f.optionalRole("toRole"),
                     f.optionalBool("isVisible"),
                     f.template optionalId<ClientMessageId>("clientMessageId"),
                     {}};
    if (auto seq = f.optionalInt("expectedSeq", 0, INT64_MAX)) send.expectedSeq = Seq{*seq};
    return send;
}

template <typename F>
StartTyping readStartTyping(F& f) {
    return {f.template id<ConversationId>("conversationId"), f.template id<UserId>("userId"),
            f.text("userName", 1, limits::kNameBytesMax)};
}

template <typename F>
StopTyping readStopTyping(F& f) {
    return {f.template id<ConversationId>("conversationId"), f.template id<UserId>("userId")};
}

template <typename F>
HistoryRequest readHistory(F& f) {
    return {f.template id<ConversationId>("conversationId"), readPage(f)};
}

}  // namespace parley::request_fields
