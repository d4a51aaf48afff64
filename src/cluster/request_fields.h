#pragma once

#include "cluster/value_codec.h"

#include <parley/engine/request.h>

#include <memory>

/// The fields of requests in the messages of a cluster, in their order.
namespace parley {

using value_codec::Like;

template <typename Codec, Like<TokenProof> T>
void fieldsOf(Codec& codec, T& proof) {
    codec(proof.key, proof.keyId);
}

template <typename Codec, Like<Principal> T>
void fieldsOf(Codec& codec, T& principal) {
    codec.oneOf(principal.kind, kPrincipalKindNames.size());
    codec(principal.user, principal.role, principal.conversations, principal.actsAs,
          principal.expires, principal.issuedAt, principal.tokenId, principal.proof);
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
    codec(send.conversation, send.from, send.fromRole, send.content, send.type, send.toRole,
          send.isVisible, send.clientMessageId, send.expectedSeq);
}

template <typename Codec, Like<ShareRobotMessage> T>
void fieldsOf(Codec& codec, T& share) {
    codec(share.conversation, share.original, share.from, share.clientMessageId);
}

template <typename Codec, Like<JoinRoom> T>
void fieldsOf(Codec& codec, T& join) {
    codec(join.conversation, join.user, join.role, join.idIsNew, join.hidden);
}

template <typename Codec, Like<LeaveRoom> T>
void fieldsOf(Codec& codec, T& leave) {
    codec(leave.conversation, leave.user);
}

template <typename Codec, Like<RemoveParticipant> T>
void fieldsOf(Codec& codec, T& removal) {
    codec(removal.conversation, removal.user, removal.by);
}

template <typename Codec, Like<WatchRoom> T>
void fieldsOf(Codec& codec, T& watch) {
    codec(watch.conversation, watch.user, watch.role);
}

template <typename Codec, Like<UnwatchRoom> T>
void fieldsOf(Codec& codec, T& unwatch) {
    codec(unwatch.conversation, unwatch.user);
}

template <typename Codec, Like<StartTyping> T>
void fieldsOf(Codec& codec, T& typing) {
    codec(typing.conversation, typing.user, typing.userName, typing.toRole, typing.isVisible);
}

template <typename Codec, Like<StopTyping> T>
void fieldsOf(Codec& codec, T& typing) {
    codec(typing.conversation, typing.user);
}

/// The leader's own: no client asks for it.
template <typename Codec, Like<EndTyping> T>
void fieldsOf(Codec& codec, T&) {
    if constexpr (Codec::kReads) codec.fail();
}

template <typename Codec, Like<NamedParticipant> T>
void fieldsOf(Codec& codec, T& named) {
    codec(named.user, named.role);
}

template <typename Codec, Like<StartConversation> T>
void fieldsOf(Codec& codec, T& start) {
    codec(start.conversation, start.createdBy, start.createdByRole, start.title, start.description,
          start.initialParticipants, start.idIsNew);
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
    codec(cursor.room, cursor.dashboard, cursor.fingerprint);
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
    codec(resume.pid, resume.cursor, resume.fresh);
}

template <typename Codec, Like<WatchDashboard> T>
void fieldsOf(Codec& codec, T& dashboard) {
    codec(dashboard.watch, dashboard.user, dashboard.role, dashboard.presence);
}

template <typename Codec, Like<RecordAudit> T>
void fieldsOf(Codec& codec, T& record) {
    codec(record.question.what, record.question.filters, record.question.by);
}

/// The leader's own, as the next one.
template <typename Codec, Like<ConnectionsGone> T>
void fieldsOf(Codec& codec, T&) {
    if constexpr (Codec::kReads) codec.fail();
}

template <typename Codec, Like<ApplyUnits> T>
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
