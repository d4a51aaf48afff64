#pragma once

#include "engine/batch/reads.h"
#include "engine/state/live_state.h"
#include "engine/unit_of_work.h"

#include <parley/domain/decide.h>
#include <parley/engine/request.h>
#include <parley/log/event_log.h>
#include <parley/projection/view_writer.h>

#include <memory>
#include <optional>

namespace parley {

/// What came before a command: what deciding it needs beyond the conversation's state, and what a
/// refusal tells of it.
struct CommandPast {
    EventPtr original;      ///< of a command about a message: that message
    EventPtr sentBefore;    ///< what its author sent or shared under its clientMessageId
    EventPtr sharedBefore;  ///< of a share: the first of that message
    Viewer viewer;          ///< through whose eyes the sender sees the conversation
    Seq lastSeen;           ///< of a message with expectedSeq: the last one `viewer` may see
    std::optional<Seq> expectedSeq;
    std::optional<Position> readable;  ///< up to where the sender may read; nothing: everything
    bool subscribed = false;           ///< of a leave: the connection receives the conversation

    DecideContext context(std::size_t participantsMax) const {
        return {.original = original.get(),
                .subscribed = subscribed,
                .participantsMax = participantsMax,
                .sentBefore = sentBefore.get(),
                .viewer = viewer,
                .lastSeen = lastSeen,
                .sharedBefore = sharedBefore.get()};
    }
    /// The message that was sent or shared before, and so answers the command; null: there is none.
    const EventPtr& message() const { return sentBefore ? sentBefore : sharedBefore; }
};

/// Looks into the log and the views for commands, what the unit of work has appended included.
/// Writer's thread only. An error is for the caller to pass to UnitOfWork::fail.
class CommandPastReader final : public UnitMember {
public:
    /// All of it outlives this.
    struct Parts {
        Database& db;
        EventLog& log;
        WriterReads& reads;
        ViewWriter& views;
        UnitOfWork& unit;
        LiveState& live;
    };
    CommandPastReader(UnitMembers& members, const Parts& parts)
        : UnitMember(members), parts_(parts) {}

    /// `readable`: up to where the sender may read; nothing: everything.
    /// REQUIRES: the conversation is started, and `send` has its defaults.
    Result<CommandPast> of(const SendMessage& send, const ConversationState& state,
                           ConnectionId connection, std::optional<Position> readable);
    /// REQUIRES: the conversation is started.
    Result<CommandPast> of(const ShareRobotMessage& share, const ConversationState& state,
                           ConnectionId connection);
    /// Of a command about the message `original`: that message, if the conversation has it, and
    /// through whose eyes `from`, a participant, sees it.
    /// REQUIRES: the conversation is started.
    Result<CommandPast> ofMessage(const Uuid& original, const UserId& from,
                                  const ConversationState& state, ConnectionId connection);

    /// What a refusal tells beyond its code; null: nothing.
    std::shared_ptr<const RefusalFacts> factsOf(const Error& error, const ConversationState& state,
                                                const CommandPast& past);

    /// What `viewer` wrote in the conversation that customers may not see, where that matters.
    Result<HiddenMessages> ownHidden(const ConversationState& state, const Viewer& viewer);

    /// The log's number of a user; 0: it has no event of them.
    Result<UserKey> keyOf(const UserId& user);

    void committed() override { toldBytes_ = 0; }
    void rolledBack() override { toldBytes_ = 0; }

private:
    Result<EventPtr> sentUnder(const ClientMessageId& id, const UserId& author,
                               ConversationKey conversation);
    Result<EventPtr> firstShareOf(const Event& original);
    Result<Viewer> viewerOf(const UserId& named, UserRole role, const ConversationState& state,
                            ConnectionId connection);
    Result<Seq> lastReadable(const ConversationState& state, const CommandPast& past);
    Unseen unseenBy(const ConversationState& state, const CommandPast& past);

    const Parts parts_;
    std::size_t toldBytes_ = 0;  // of unseen messages, in this unit
};

}  // namespace parley
