#pragma once

#include "cluster/value_codec.h"

#include <parley/engine/replicated_unit.h>

/// The fields of outcomes in the messages of a cluster, in their order.
namespace parley {

using value_codec::Like;

template <typename Codec, Like<ReplyTo> T>
void fieldsOf(Codec& codec, T& replyTo) {
    using Bytes = std::array<std::uint8_t, ReplyTo::kBytes>;
    auto bytes = replyTo.template as<Bytes>();
    codec(bytes);
    if constexpr (Codec::kReads) replyTo = ReplyTo(bytes);
}

template <typename Codec, Like<Viewer> T>
void fieldsOf(Codec& codec, T& viewer) {
    auto user = viewer.user();
    auto role = viewer.role();
    codec(user, role);
    if constexpr (Codec::kReads) viewer = Viewer::of(user, role);
}

template <typename Codec, Like<Error> T>
void fieldsOf(Codec& codec, T& error) {
    std::string name(error.name());
    codec(name);
    if constexpr (Codec::kReads) error.code = errorCodeOf(name).value_or(ErrorCode::internal);
    codec(error.message);
    std::uint64_t retryAfterMs = error.retryAfterMs;
    codec(retryAfterMs);
    if constexpr (Codec::kReads) error.retryAfterMs = static_cast<std::uint32_t>(retryAfterMs);
}

template <typename Codec, Like<Subscribe> T>
void fieldsOf(Codec& codec, T& subscribe) {
    codec(subscribe.conversation, subscribe.viewer);
}

template <typename Codec, Like<Unsubscribe> T>
void fieldsOf(Codec& codec, T& unsubscribe) {
    codec(unsubscribe.conversation);
}

template <typename Codec, Like<Removal> T>
void fieldsOf(Codec& codec, T& removal) {
    codec(removal.conversation, removal.connections);
}

template <typename Codec, Like<DoneReply> T>
void fieldsOf(Codec& codec, T& reply) {
    codec(reply.position);
}

template <typename Codec, Like<WatchReply> T>
void fieldsOf(Codec& codec, T& reply) {
    codec(reply.position);
}

template <typename Codec, Like<MessageRecord> T>
void fieldsOf(Codec& codec, T& reply) {
    codec(reply.message);
}

template <typename Codec, Like<HiddenMessages> T>
void fieldsOf(Codec& codec, T& hidden) {
    codec(hidden.count, hidden.lastSeq, hidden.lastAt);
}

template <typename Codec, Like<JoinRecord> T>
void fieldsOf(Codec& codec, T& reply) {
    codec(reply.conversation, reply.user, reply.own, reply.position, reply.viewer);
}

template <typename Codec, Like<ConversationRecord> T>
void fieldsOf(Codec& codec, T& reply) {
    codec(reply.conversation, reply.title, reply.description);
}

template <typename Codec, Like<Gap::Room> T>
void fieldsOf(Codec& codec, T& room) {
    codec(room.conversation, room.viewer, room.after, room.until);
}

template <typename Codec, Like<TypingChanged> T>
void fieldsOf(Codec& codec, T& typing) {
    codec(typing.conversation, typing.conversationKey, typing.user, typing.userName,
          typing.isTyping, typing.typedOn, typing.visible);
}

template <typename Codec, Like<Gap> T>
void fieldsOf(Codec& codec, T& gap) {
    codec(gap.rooms, gap.dashboardAfter, gap.presence, gap.own, gap.typing, gap.upTo);
}

template <typename Codec, Like<ResumeReply> T>
void fieldsOf(Codec& codec, T& reply) {
    codec(reply.gap);
}

template <typename Codec, Like<UnseenRecord> T>
void fieldsOf(Codec& codec, T& unseen) {
    codec(unseen.lastSeq, unseen.messages, unseen.more);
}

template <typename Codec, Like<UsedBefore> T>
void fieldsOf(Codec& codec, T& used) {
    codec(used.message);
}

template <typename Codec, Like<RefusalRecord> T>
void fieldsOf(Codec& codec, T& refusal) {
    codec(refusal.error, refusal.facts);
}

template <typename Codec, Like<OutcomeRecord> T>
void fieldsOf(Codec& codec, T& record) {
    codec(record.connection, record.replyTo, record.sender, record.upTo, record.typedOn,
          record.takenOver, record.returned, record.returnedUser, record.subscription,
          record.removal, record.reply, record.answered);
}

}  // namespace parley
