#pragma once

#include <parley/core/limits.h>
#include <parley/domain/command.h>
#include <parley/gateway/calls/request_parser.h>

#include <optional>

/// The fields of the requests that both readers know: `Fields` over a JSON document, `FlatFields`
/// over a text. Braced initialisation reads them in the order in which they are written, which
/// decides what a request with several faults is refused for.
namespace parley::request_fields {

/// Skipped messages are read too, so that pages further back have to be asked for with `before`.
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
    // Some clients call it `messageType`.
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
std::optional<Seq> readSeq(F& f, const char* name) {
    const auto seq = f.optionalInt(name, 0, INT64_MAX);
    return seq ? std::optional(Seq{*seq}) : std::nullopt;
}

template <typename F>
SendMessage readSendMessage(F& f) {
    return {.conversation = f.template id<ConversationId>("conversationId"),
            .from = f.template optionalId<UserId>("fromUserId"),
            .fromRole = f.optionalRole("fromRole"),
            .content = f.text("content", 1, limits::kContentBytesMax),
            .type = readMessageType(f),
            .toRole = f.optionalRole("toRole"),
            .isVisible = f.optionalBool("isVisible"),
            .clientMessageId = f.template optionalId<ClientMessageId>("clientMessageId"),
            .expectedSeq = readSeq(f, "expectedSeq")};
}

template <typename F>
StartTyping readStartTyping(F& f) {
    return {.conversation = f.template id<ConversationId>("conversationId"),
            .user = f.sender("userId"),
            .userName = f.text("userName", 1, limits::kNameBytesMax),
            .toRole = f.optionalRole("toRole"),
            .isVisible = f.optionalBool("isVisible")};
}

template <typename F>
StopTyping readStopTyping(F& f) {
    return {.conversation = f.template id<ConversationId>("conversationId"),
            .user = f.sender("userId")};
}

template <typename F>
HistoryRequest readHistory(F& f) {
    return {.conversation = f.template id<ConversationId>("conversationId"), .page = readPage(f)};
}

}  // namespace parley::request_fields
