#include "engine/writer.h"

#include <parley/core/limits.h>
#include <parley/domain/decide.h>

#include <algorithm>
#include <iterator>
#include <utility>

/// One request within a batch: decided, appended, projected, answered.
namespace parley {
namespace {

EventPtr messageIn(const std::vector<ProjectionUpdate>& updates) {
    for (const auto& update : updates) {
        if (const auto* added = std::get_if<MessageAdded>(&update)) return added->message;
    }
    return nullptr;
}

bool hasJoin(const std::vector<ProjectionUpdate>& updates) {
    return std::any_of(updates.begin(), updates.end(), [](const auto& update) {
        return std::holds_alternative<ParticipantAdded>(update);
    });
}

// Whether joins before and after the event may be shown the same conversation: not where somebody
// who is in it gets another role.
bool keepsViewForJoins(const ConversationState& state, const Event& event) {
    if (event.type == EventType::participantJoined) return state.find(event.actor) == nullptr;
    return isTyping(event.type) || event.type == EventType::conversationStarted;
}

Error missing(std::string_view field) {
    return {ErrorCode::missing_field,
            std::string(field) + " is required where the connection is not in the conversation"};
}

}  // namespace

Outcome Writer::process(Request& request) {
    if (auto* command = std::get_if<Command>(&request.work)) {
        auto outcome = processCommand(request.origin, *command);
        if (!outcome.reply.ok()) refused_.fetch_add(1, std::memory_order_relaxed);
        return outcome;
    }
    Outcome outcome;
    outcome.origin = request.origin;
    outcome.sender = request.origin.connection;
    outcome.reply = Reply(BarrierPassed{log_->head().position});
    const auto connection = request.origin.connection;
    if (const auto* closed = std::get_if<ConnectionClosed>(&request.work)) {
        processClosed(outcome, *closed);
    } else if (const auto* opened = std::get_if<OpenSession>(&request.work)) {
        sessions_.put(connection, {opened->pid, 0, 0});
    } else if (const auto* asked = std::get_if<ResumeSession>(&request.work)) {
        resume(outcome, *asked);
    } else if (const auto* dashboard = std::get_if<WatchDashboard>(&request.work)) {
        auto done = watchDashboard(connection, dashboard->watch);
        if (!done) outcome.reply = done.error();
    }
    return outcome;
}

void Writer::processClosed(Outcome& outcome, const ConnectionClosed& closed) {
    const auto connection = outcome.origin.connection;
    for (const auto& typing : typing_.of(connection)) {
        auto state = conversations_.get(typing.conversation);
        if (!state) {
            storageBroke(state.error());
            return;
        }
        const EndTyping end{typing.conversation, typing.user, cause::kDisconnect};
        auto updates = carryOut(**state, Command(end), outcome.origin);
        if (!updates) return;
        std::move(updates->begin(), updates->end(), std::back_inserter(outcome.updates));
    }
    connections_.close(connection);
    // Nobody waits for this: an error has been noted and fails the batch.
    static_cast<void>(closeSession(connection, closed.sessionEnds).ok());
}

Outcome Writer::processCommand(const Origin& origin, Command& command) {
    Outcome outcome;
    outcome.origin = origin;
    outcome.sender = origin.connection;
    const auto refuse = [&](const Error& error) {
        outcome.reply = error;
        return std::move(outcome);
    };

    auto loaded = conversations_.get(conversationOf(command));
    if (!loaded) return refuse(storageBroke(loaded.error()));
    ConversationState& state = **loaded;
    if (auto filled = fillDefaults(origin, state, command); !filled) return refuse(filled.error());

    auto past = pastOf(command, state, origin);
    if (!past) return refuse(past.error());
    auto updates = carryOut(state, command, origin, past->context());
    if (!updates) {
        outcome.facts = factsOf(updates.error(), command, state, *past);
        return refuse(updates.error());
    }
    outcome.updates = std::move(*updates);
    if (auto noted = noteOwn(origin.connection, outcome.updates); !noted) {
        return refuse(noted.error());
    }

    if (const auto* join = std::get_if<JoinRoom>(&command)) {
        if (auto done = finishJoin(*join, state, outcome); !done) return refuse(done.error());
    } else if (std::holds_alternative<LeaveRoom>(command)) {
        if (auto done = finishLeave(state, outcome); !done) return refuse(done.error());
    } else if (std::holds_alternative<RemoveParticipant>(command)) {
        if (auto done = finishRemoval(state, outcome); !done) return refuse(done.error());
    } else if (auto message = messageIn(outcome.updates)) {
        outcome.reply = Reply(Sent{std::move(message)});
    } else if (past->answer()) {
        outcome.reply = Reply(Sent{past->answer()});
    } else if (const auto* start = std::get_if<StartConversation>(&command)) {
        outcome.reply = Reply(Started{state, state.figures, start->title, start->description});
    } else {
        outcome.reply = Reply(TypingAcknowledged{});
    }
    return outcome;
}

Result<void> Writer::fillDefaults(const Origin& origin, const ConversationState& state,
                                  Command& command) const {
    const Identity* identity =
        state.started() ? connections_.find(origin.connection, state.key) : nullptr;
    if (std::holds_alternative<LeaveRoom>(command)) {
        // Of none that is not started: decide says so.
        return state.started() ? fillLeave(origin, identity, command) : Result<void>();
    }
    if (auto* send = std::get_if<SendMessage>(&command)) {
        if (!send->from && !identity) return missing("fromUserId");
        const bool self = identity && (!send->from || *send->from == identity->user);
        if (!send->from) send->from = identity->user;
        if (!send->fromRole && !self) return missing("fromRole");
        if (!send->fromRole) send->fromRole = identity->role;
    }
    return {};
}

// Who leaves leaves by themselves over REST, and on a connection that joined as them. On any other
// connection somebody else takes them out.
Result<void> Writer::fillLeave(const Origin& origin, const Identity* identity, Command& command) {
    auto& leave = std::get<LeaveRoom>(command);
    if (!leave.user && !identity) return missing("userId");
    if (!leave.user) leave.user = identity->user;
    const bool own = !origin.connection || (identity && identity->user == *leave.user);
    if (own) return {};
    RemoveParticipant removal{leave.conversation, *leave.user, {}};
    if (identity) removal.by = identity->user;
    command = std::move(removal);
    return {};
}

Result<std::vector<ProjectionUpdate>> Writer::carryOut(ConversationState& state,
                                                       const Command& command, const Origin& origin,
                                                       const DecideContext& context) {
    const bool subscribed = connections_.find(origin.connection, state.key) != nullptr;
    if (std::holds_alternative<JoinRoom>(command) && origin.connection && !subscribed &&
        connections_.roomsOf(origin.connection) >= options_.roomsPerConnectionMax) {
        return Error{
            ErrorCode::limit_reached,
            "a connection may join " + std::to_string(options_.roomsPerConnectionMax) + " rooms"};
    }
    if (std::holds_alternative<StartTyping>(command) && typing_.size() >= options_.typingMax) {
        return Error{ErrorCode::limit_reached, "too many users are typing at once"};
    }
    auto events = decide(state, command, context);
    if (!events) return events.error();
    if (events->empty()) return std::vector<ProjectionUpdate>{};
    return append(state, std::move(*events), origin);
}

Result<std::vector<ProjectionUpdate>> Writer::append(ConversationState& state,
                                                     std::vector<Event> events,
                                                     const Origin& origin) {
    if (auto begun = ensureTransaction(); !begun) return begun.error();
    number(state, events);
    auto stored = log_->append(events);
    if (!stored) return storageBroke(stored.error());
    auto projected = db_.run([&] {
        for (const auto& event : events) views_.apply(event);
    });
    if (!projected) return storageBroke(projected.error());
    appendedInBatch_ += events.size();
    const ConnectionId typedOn = typedElsewhere(state, events, origin);
    for (const auto& event : events) {
        if (event.type == EventType::typingStarted) {
            typing_.started({event.conversation, event.actor, origin.connection},
                            clock_.monotonic());
        } else if (event.type == EventType::typingStopped) {
            typing_.stopped(event.conversation, event.actor);
        }
    }
    const bool keepsView = std::all_of(events.begin(), events.end(), [&](const Event& event) {
        return keepsViewForJoins(state, event);
    });
    if (!keepsView) completeView(state.key);
    auto updates = project(state, std::move(events));
    for (auto& update : updates) {
        if (auto* typing = std::get_if<TypingChanged>(&update)) typing->typedOn = typedOn;
    }
    return updates;
}

// The connection whose typing this ends, where that is not its own doing: a message in its user's
// name, a removal. Then who asked for that is to see that the typing ended. 0: it is its own.
ConnectionId Writer::typedElsewhere(const ConversationState& state,
                                    const std::vector<Event>& events, const Origin& origin) const {
    const auto* identity = connections_.find(origin.connection, state.key);
    for (const auto& event : events) {
        const bool ends = event.type == EventType::typingStopped && !event.cause.empty();
        if (ends && (!identity || identity->user != event.actor)) {
            return typing_.connectionOf(event.conversation, event.actor);
        }
    }
    return {};
}

void Writer::number(const ConversationState& state, std::vector<Event>& events) {
    const UnixMillis at = std::max(clock_.now(), log_->head().at);
    Seq seq = state.lastSeq;
    for (auto& event : events) {
        event.seq = {++seq.value};
        event.at = at;
        event.id = uuids_.next(at);
        event.conversationKey = state.key;
        if (const auto* known = state.find(event.actor)) event.actorKey = known->userKey;
    }
}

Result<void> Writer::finishJoin(const JoinRoom& join, const ConversationState& state,
                                Outcome& outcome) {
    const Participant participant = *state.find(join.user);
    const auto viewer = Viewer::of(participant.userKey, join.role);
    const auto connection = outcome.origin.connection;
    if (connection) {
        const Identity* before = connections_.find(connection, state.key);
        const bool again = before && before->user == join.user;
        if (!again && !hasJoin(outcome.updates)) {
            outcome.updates.push_back(ParticipantReturned{state.id, state.key, participant});
        }
        const Identity identity{state.key, join.user, participant.userKey, join.role};
        if (!again || before->role != join.role) {
            if (auto kept = joinInSession(connection, identity); !kept) return kept;
        }
        connections_.join(connection, identity);
        outcome.subscription = Subscribe{state.key, viewer};
    }
    auto own = ownHidden(state, viewer);
    if (!own) return storageBroke(own.error());
    outcome.reply = Reply(Joined{participant, viewForJoins(state), *own, log_->head().position});
    return {};
}

// Very many may join a large conversation at once. A copy of it for each would be many times what
// all their requests are, so those that follow one another share one, as it is after the last of
// them. What is not a join comes after it.
std::shared_ptr<const ConversationState> Writer::viewForJoins(const ConversationState& state) {
    auto& shared = viewsForJoins_[state.key];
    if (!shared.view) shared = {std::make_shared<ConversationState>(), &state};
    return shared.view;
}

void Writer::completeView(ConversationKey conversation) {
    const auto shared = viewsForJoins_.find(conversation);
    if (shared == viewsForJoins_.end()) return;
    *shared->second.view = *shared->second.state;
    viewsForJoins_.erase(shared);
}

// REQUIRES: the batch's states are still there.
void Writer::completeViews() {
    for (auto& [conversation, shared] : viewsForJoins_) *shared.view = *shared.state;
    viewsForJoins_.clear();
}

Result<void> Writer::finishLeave(const ConversationState& state, Outcome& outcome) {
    const auto connection = outcome.origin.connection;
    if (connections_.find(connection, state.key)) {
        if (auto kept = leaveInSession(connection, state.key); !kept) return kept;
        connections_.leave(connection, state.key);
        outcome.subscription = Unsubscribe{state.key};
    }
    outcome.reply = Reply(Left{});
    return {};
}

// Ends what the user receives of the conversation, wherever that is: on the connections that are
// there, and in the sessions of those that dropped.
Result<void> Writer::finishRemoval(const ConversationState& state, Outcome& outcome) {
    const auto& removed = std::get<ParticipantRemoved>(outcome.updates.back());
    const auto user = removed.participant.userKey;
    auto ended = sessionStore_.endAll(state.key, user, removed.event->position,
                                      options_.roomsPerConnectionMax);
    if (!ended) return storageBroke(ended.error());
    outcome.removal = Removal{state.key, connections_.of(state.key, user)};
    for (const auto connection : outcome.removal->connections) {
        connections_.leave(connection, state.key);
    }
    outcome.reply = Reply(Left{});
    return {};
}

}  // namespace parley
