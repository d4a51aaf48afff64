#pragma once

#include "cluster/value_codec.h"

#include <parley/engine/request.h>

#include <memory>

/// The fields of requests in the messages of a cluster, in their order.
namespace parley {

using value_codec::Like;

template <typename Codec, Like<TokenProof> T>
void fieldsOf(Codec& codec, T& proof) {
    codec(proof.key);
    codec(proof.keyId);
}

template <typename Codec, Like<Principal> T>
void fieldsOf(Codec& codec, T& principal) {
    codec.oneOf(principal.kind, kPrincipalKindNames.size());
    codec(principal.user);
    codec(principal.role);
    codec(principal.conversations);
    codec(principal.actsAs);
    codec(principal.expires);
    codec(principal.issuedAt);
    codec(principal.tokenId);
    codec(principal.proof);
}

template <typename Codec, Like<MessageType> T>
void fieldsOf(Codec& codec, T& type) {
    auto number = static_cast<std::uint64_t>(type);
    codec(number);
    if constexpr (Codec::kReads) {
        if (number < 1 || number > kMessageTypes.size()) codec.fail();
        type = static_cast<MessageType>(number);
    }
}

template <typename Codec, Like<SendMessage> T>
void fieldsOf(Codec& codec, T& send) {
    codec(send.conversation);
    codec(send.from);
    codec(send.fromRole);
    codec(send.content);
    codec(send.type);
    codec(send.toRole);
    codec(send.isVisible);
    codec(send.clientMessageId);
    codec(send.expectedSeq);
}

template <typename Codec, Like<ShareRobotMessage> T>
void fieldsOf(Codec& codec, T& share) {
    codec(share.conversation);
    codec(share.original);
    codec(share.from);
    codec(share.clientMessageId);
}

template <typename Codec, Like<JoinRoom> T>
void fieldsOf(Codec& codec, T& join) {
    codec(join.conversation);
    codec(join.user);
    codec(join.role);
    codec(join.idIsNew);
    codec(join.hidden);
}

template <typename Codec, Like<LeaveRoom> T>
void fieldsOf(Codec& codec, T& leave) {
    codec(leave.conversation);
    codec(leave.user);
}

template <typename Codec, Like<RemoveParticipant> T>
void fieldsOf(Codec& codec, T& removal) {
    codec(removal.conversation);
    codec(removal.user);
    codec(removal.by);
}

template <typename Codec, Like<WatchRoom> T>
void fieldsOf(Codec& codec, T& watch) {
    codec(watch.conversation);
    codec(watch.user);
    codec(watch.role);
}

template <typename Codec, Like<UnwatchRoom> T>
void fieldsOf(Codec& codec, T& unwatch) {
    codec(unwatch.conversation);
    codec(unwatch.user);
}

template <typename Codec, Like<StartTyping> T>
void fieldsOf(Codec& codec, T& typing) {
    codec(typing.conversation);
    codec(typing.user);
    codec(typing.userName);
    codec(typing.toRole);
    codec(typing.isVisible);
}

template <typename Codec, Like<StopTyping> T>
void fieldsOf(Codec& codec, T& typing) {
    codec(typing.conversation);
    codec(typing.user);
}

/// The leader's own: no client asks for it.
template <typename Codec, Like<EndTyping> T>
void fieldsOf(Codec& codec, T&) {
    if constexpr (Codec::kReads) codec.fail();
}

template <typename Codec, Like<NamedParticipant> T>
void fieldsOf(Codec& codec, T& named) {
    codec(named.user);
    codec(named.role);
}

template <typename Codec, Like<StartConversation> T>
void fieldsOf(Codec& codec, T& start) {
    codec(start.conversation);
    codec(start.createdBy);
    codec(start.createdByRole);
    codec(start.title);
    codec(start.description);
    codec(start.initialParticipants);
    codec(start.idIsNew);
}

template <typename Codec, Like<PidHash> T>
void fieldsOf(Codec& codec, T& pid) {
    codec(pid.bytes);
}

template <typename Codec, Like<Fingerprint> T>
void fieldsOf(Codec& codec, T& fingerprint) {
    codec(fingerprint.bytes);
}

template <typename Codec, Like<Cursor> T>
void fieldsOf(Codec& codec, T& cursor) {
    codec(cursor.room);
    codec(cursor.dashboard);
    codec(cursor.fingerprint);
}

template <typename Codec, Like<ConnectionClosed> T>
void fieldsOf(Codec& codec, T& closed) {
    codec(closed.sessionEnds);
}

template <typename Codec, Like<Barrier> T>
void fieldsOf(Codec&, T&) {}

template <typename Codec, Like<OpenSession> T>
void fieldsOf(Codec& codec, T& opened) {
    codec(opened.pid);
}

template <typename Codec, Like<ResumeSession> T>
void fieldsOf(Codec& codec, T& resume) {
    codec(resume.pid);
    codec(resume.cursor);
    codec(resume.fresh);
}

template <typename Codec, Like<WatchDashboard> T>
void fieldsOf(Codec& codec, T& dashboard) {
    codec(dashboard.watch);
    codec(dashboard.user);
    codec(dashboard.role);
    codec(dashboard.presence);
}

template <typename Codec, Like<RecordAudit> T>
void fieldsOf(Codec& codec, T& record) {
    codec(record.question.what);
    codec(record.question.filters);
    codec(record.question.by);
}

/// The leader's own, as the next one.
template <typename Codec, Like<ConnectionsGone> T>
void fieldsOf(Codec& codec, T&) {
    if constexpr (Codec::kReads) codec.fail();
}

template <typename Codec, Like<ApplyUnit> T>
void fieldsOf(Codec& codec, T&) {
    if constexpr (Codec::kReads) codec.fail();
}

template <typename Codec, Like<Request> T>
void fieldsOf(Codec& codec, T& request) {
    codec(request.origin.connection);
    bool known = request.origin.principal != nullptr;
    codec(known);
    if constexpr (Codec::kReads) {
        if (known) {
            auto principal = std::make_shared<Principal>();
            codec(*principal);
            request.origin.principal = std::move(principal);
        }
    } else if (known) {
        codec(*request.origin.principal);
    }
    codec(request.work);
}

}  // namespace parley
