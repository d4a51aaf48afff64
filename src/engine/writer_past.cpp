#include "engine/writer.h"

#include <parley/core/limits.h>

#include <utility>

/// What came before a command: what deciding it needs from the log, and what a refusal tells of it.
namespace parley {

Result<Writer::CommandPast> Writer::pastOf(const Command& command, const ConversationState& state,
                                           const Origin& origin) {
    CommandPast past;
    past.participantsMax = options_.participantsMax;
    if (!state.started()) return past;
    past.subscribed = connections_.find(origin.connection, state.key) != nullptr;
    Result<void> found;
    if (const auto* send = std::get_if<SendMessage>(&command)) {
        found = lookUp(*send, state, origin, past);
    } else if (const auto* share = std::get_if<ShareRobotMessage>(&command)) {
        found = lookUp(*share, state, origin, past);
    }
    if (!found) return storageBroke(found.error());
    return past;
}

Result<void> Writer::lookUp(const SendMessage& send, const ConversationState& state,
                            const Origin& origin, CommandPast& past) {
    if (send.clientMessageId) {
        auto sent = sentUnder(*send.clientMessageId, *send.from, state.key);
        if (!sent) return sent.error();
        past.sentBefore = std::move(*sent);
    }
    if (past.sentBefore || send.expectedSeq) {
        auto viewer = viewerOf(*send.from, *send.fromRole, state, origin);
        if (!viewer) return viewer.error();
        past.viewer = *viewer;
    }
    if (send.expectedSeq) {
        auto own = ownHidden(state, past.viewer);
        if (!own) return own.error();
        past.lastSeen = figuresFor(state, past.viewer, *own).lastMessageSeq;
    }
    return {};
}

Result<void> Writer::lookUp(const ShareRobotMessage& share, const ConversationState& state,
                            const Origin& origin, CommandPast& past) {
    auto original = events_.byId(state.key, share.original);
    if (!original) return original.error();
    if (*original && isMessage((*original)->type)) {
        past.original = std::make_shared<const Event>(std::move(**original));
        auto shared = firstShareOf(*past.original);
        if (!shared) return shared.error();
        past.sharedBefore = std::move(*shared);
    }
    const auto* sharer = state.find(share.from);
    if (!share.clientMessageId || !sharer) return {};
    auto sent = sentUnder(*share.clientMessageId, share.from, state.key);
    if (!sent) return sent.error();
    past.sentBefore = std::move(*sent);
    auto viewer = viewerOf(share.from, sharer->role, state, origin);
    if (!viewer) return viewer.error();
    past.viewer = *viewer;
    return {};
}

// The lookup runs inside the transaction that holds the write lock, over the UNIQUE index that
// would refuse a second one: it also finds what the batch itself has stored.
Result<EventPtr> Writer::sentUnder(const ClientMessageId& id, const UserId& author,
                                   ConversationKey conversation) {
    if (auto begun = ensureTransaction(); !begun) return begun.error();
    auto user = log_->find(author);
    if (!user) return user.error();
    if (!*user) return EventPtr();
    auto sent = events_.byClientMessageId(conversation, **user, id);
    if (!sent) return sent.error();
    if (!*sent) return EventPtr();
    return std::make_shared<const Event>(std::move(**sent));
}

Result<EventPtr> Writer::firstShareOf(const Event& original) {
    auto id = overlay_.firstShareOf(original.position);
    if (!id) return id.error();
    if (!*id) return EventPtr();
    auto share = events_.byId(original.conversationKey, **id);
    if (!share) return share.error();
    if (!*share) return EventPtr();
    return std::make_shared<const Event>(std::move(**share));
}

// A connection that has joined sees what it joined as, whomever it names; any other request is
// taken at its word.
Result<Viewer> Writer::viewerOf(const UserId& named, UserRole role, const ConversationState& state,
                                const Origin& origin) {
    const Identity* identity = connections_.find(origin.connection, state.key);
    auto user = log_->find(identity ? identity->user : named);
    if (!user) return user.error();
    return Viewer::of(user->value_or(UserKey{0}), identity ? identity->role : role);
}

std::shared_ptr<const RefusalFacts> Writer::factsOf(const Error& error, const Command& command,
                                                    const ConversationState& state,
                                                    const CommandPast& past) {
    const auto* send = std::get_if<SendMessage>(&command);
    if (send && send->expectedSeq && error.code == ErrorCode::conflict) {
        return std::make_shared<const RefusalFacts>(missedBy(*send, state, past));
    }
    if (past.sentBefore && error.code == ErrorCode::client_message_id_reused &&
        visible(*past.sentBefore, past.viewer)) {
        return std::make_shared<const RefusalFacts>(UsedBefore{past.sentBefore->id});
    }
    return nullptr;
}

// What the batch has gathered must be in the tables before they are asked.
Result<HiddenMessages> Writer::ownHidden(const ConversationState& state, const Viewer& viewer) {
    if (!seesOwnHidden(state, viewer)) return HiddenMessages{};
    if (auto flushed = db_.run([this] { views_.flush(); }); !flushed) return flushed.error();
    return states_.hiddenBy(state.key, viewer.user());
}

// What the sender did not know. Nothing when it cannot be read, or when a flood of conflicts has
// told too much: the refusal stands without it.
Missed Writer::missedBy(const SendMessage& send, const ConversationState& state,
                        const CommandPast& past) {
    Missed missed;
    missed.lastSeq = past.lastSeen;
    if (!state.started()) return missed;
    if (missedBytesInBatch_ > limits::kMissedBatchBytesMax) {
        missed.more = true;
        return missed;
    }
    auto unseen = unseen_.after(state.key, *send.expectedSeq, past.viewer);
    if (unseen) {
        missed.messages = std::move(unseen->messages);
        missed.more = unseen->more;
    }
    for (const auto& message : missed.messages) {
        missedBytesInBatch_ += message.content ? message.content->size() : 0;
    }
    return missed;
}

}  // namespace parley
