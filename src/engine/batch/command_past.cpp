#include "engine/batch/command_past.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>

#include <utility>

namespace parley {
namespace {

EventPtr shared(std::optional<Event> event) {
    return event ? std::make_shared<const Event>(std::move(*event)) : nullptr;
}

}  // namespace

Result<CommandPast> CommandPastReader::of(const SendMessage& send, const ConversationState& state,
                                          ConnectionId connection,
                                          std::optional<Position> readable) {
    CommandPast past;
    past.expectedSeq = send.expectedSeq;
    past.readable = readable;
    if (send.clientMessageId) {
        PARLEY_TRY_ASSIGN(past.sentBefore, sentUnder(*send.clientMessageId, *send.from, state.key));
    }
    if (past.sentBefore || send.expectedSeq) {
        PARLEY_TRY_ASSIGN(past.viewer, viewerOf(*send.from, *send.fromRole, state, connection));
    }
    if (send.expectedSeq) {
        PARLEY_TRY_ASSIGN(past.lastSeen, lastReadable(state, past));
    }
    return past;
}

Result<CommandPast> CommandPastReader::of(const ShareRobotMessage& share,
                                          const ConversationState& state, ConnectionId connection) {
    PARLEY_TRY_ASSIGN(auto past, ofMessage(share.original, share.from, state, connection));
    if (past.original) {
        PARLEY_TRY_ASSIGN(past.sharedBefore, firstShareOf(*past.original));
    }
    if (share.clientMessageId && state.find(share.from)) {
        PARLEY_TRY_ASSIGN(past.sentBefore,
                          sentUnder(*share.clientMessageId, share.from, state.key));
    }
    return past;
}

Result<CommandPast> CommandPastReader::ofMessage(const Uuid& original, const UserId& from,
                                                 const ConversationState& state,
                                                 ConnectionId connection) {
    CommandPast past;
    PARLEY_TRY_ASSIGN(auto message, parts_.reads.events.byId(state.key, original));
    if (message && isMessage(message->type)) past.original = shared(std::move(message));
    if (const auto* acting = state.find(from)) {
        PARLEY_TRY_ASSIGN(past.viewer, viewerOf(from, acting->role, state, connection));
    }
    return past;
}

// The look-up runs inside the transaction that holds the write lock, over the UNIQUE index that
// would refuse a second one: it also finds what the unit itself has stored.
Result<EventPtr> CommandPastReader::sentUnder(const ClientMessageId& id, const UserId& author,
                                              ConversationKey conversation) {
    PARLEY_TRY(parts_.unit.begin());
    PARLEY_TRY_ASSIGN(const auto user, parts_.log.find(author));
    if (!user) return EventPtr();
    PARLEY_TRY_ASSIGN(auto sent, parts_.reads.events.byClientMessageId(conversation, *user, id));
    return shared(std::move(sent));
}

Result<EventPtr> CommandPastReader::firstShareOf(const Event& original) {
    PARLEY_TRY_ASSIGN(const auto at, parts_.reads.overlay.firstShareOf(original.position));
    if (!at) return EventPtr();
    PARLEY_TRY_ASSIGN(auto share, parts_.reads.events.at(*at));
    return shared(std::move(share));
}

// A connection that has joined sees what it joined as, whatever user the command names; any other
// request is taken at its word.
Result<Viewer> CommandPastReader::viewerOf(const UserId& named, UserRole role,
                                           const ConversationState& state,
                                           ConnectionId connection) {
    const Identity* identity = parts_.live.connections.find(connection, state.key);
    PARLEY_TRY_ASSIGN(const auto user, parts_.log.find(identity ? identity->user : named));
    return Viewer::of(user.value_or(UserKey{0}), identity ? identity->role : role);
}

Result<UserKey> CommandPastReader::keyOf(const UserId& user) {
    PARLEY_TRY_ASSIGN(const auto key, parts_.log.find(user));
    return key.value_or(UserKey{0});
}

std::shared_ptr<const RefusalFacts> CommandPastReader::factsOf(const Error& error,
                                                               const ConversationState& state,
                                                               const CommandPast& past) {
    if (past.expectedSeq && error.code == ErrorCode::conflict) {
        return std::make_shared<const RefusalFacts>(unseenBy(state, past));
    }
    if (past.sentBefore && error.code == ErrorCode::client_message_id_reused &&
        visible(*past.sentBefore, past.viewer)) {
        return std::make_shared<const RefusalFacts>(UsedBefore{past.sentBefore->id});
    }
    return nullptr;
}

// What the unit has gathered must be in the tables before they are asked.
Result<HiddenMessages> CommandPastReader::ownHidden(const ConversationState& state,
                                                    const Viewer& viewer) {
    if (!seesOwnHidden(state, viewer)) return HiddenMessages{};
    PARLEY_TRY(parts_.db.run([this] { parts_.views.flush(); }));
    return parts_.reads.states.hiddenBy(state.key, viewer.user());
}

// The seq of the last message that the sender may see.
Result<Seq> CommandPastReader::lastReadable(const ConversationState& state,
                                            const CommandPast& past) {
    if (!past.readable) {
        PARLEY_TRY_ASSIGN(const auto own, ownHidden(state, past.viewer));
        return figuresFor(state, past.viewer, own).lastMessageSeq;
    }
    return parts_.reads.unseen.last(state.key, past.viewer, *past.readable);
}

// The messages that the sender has not seen. None where they cannot be read, or where a flood of
// conflicts has told too much: the refusal stands without them.
Unseen CommandPastReader::unseenBy(const ConversationState& state, const CommandPast& past) {
    Unseen told;
    told.lastSeq = past.lastSeen;
    if (!state.started()) return told;
    if (toldBytes_ > limits::kUnseenBatchBytesMax) {
        told.more = true;
        return told;
    }
    if (auto unseen =
            parts_.reads.unseen.after(state.key, *past.expectedSeq, past.viewer, past.readable)) {
        told.messages = std::move(unseen->messages);
        told.more = unseen->more;
    }
    for (const auto& message : told.messages) {
        toldBytes_ += message.content ? message.content->size() : 0;
    }
    return told;
}

}  // namespace parley
