#include "projection/start_texts.h"

#include <parley/core/try.h>
#include <parley/domain/typing/typing.h>
#include <parley/log/execute.h>
#include <parley/projection/past_state.h>

#include <unordered_map>
#include <utility>

namespace parley {
namespace {

// Positions of the joins that began the stays of those who take part.
class JoinPositions {
public:
    // Before `event` is folded into `state`.
    void note(const ConversationState& state, const Event& event) {
        if (event.type == EventType::participantLeft) joined_.erase(event.actorKey);
        if (event.type != EventType::participantJoined || state.find(event.actor)) return;
        joined_[event.actorKey] = event.position;
    }
    Position of(const Participant& participant) const { return joined_.at(participant.userKey); }

private:
    std::unordered_map<UserKey, Position> joined_;
};

// The last events by which those who type began, which have their names.
class TypingStarts {
public:
    // After `event` was folded into a state.
    void note(const Event& event) {
        if (event.type == EventType::typingStarted) {
            last_[event.actor] = event.position;
        } else if (isTyping(event.type) || event.type == EventType::participantLeft) {
            last_.erase(event.actor);
        }
    }
    Position of(const TypingUser& typing) const { return last_.at(typing.user); }

private:
    std::unordered_map<UserId, Position> last_;
};

bool seesTyping(const Viewer& viewer, const ConversationState& state, const TypingUser& typing) {
    const auto* participant = state.find(typing.user);
    return visible(!typing.hidden, participant ? participant->userKey : UserKey{0}, viewer);
}

void countHidden(HiddenMessages& own, const Event& event, const Viewer& viewer) {
    if (!isMessage(event.type) || visibleToEveryCustomer(event)) return;
    if (event.actorKey != viewer.user()) return;
    ++own.count;
    own.lastSeq = event.seq;
    own.lastAt = event.at;
}

}  // namespace

std::vector<TypingUser> typingFor(const ConversationState& state, const Viewer& viewer) {
    std::vector<TypingUser> told;
    for (const auto& typing : state.typing) {
        if (seesTyping(viewer, state, typing)) told.push_back(typing);
    }
    return told;
}

PastStateReader::PastStateReader(Database& db, ConversationSeqs& seqs, PastEvents& events)
    : db_(db),
      seqs_(seqs),
      events_(events),
      scan_(db),
      metadata_(db),
      everTookPart_(db.sqlite(), "SELECT 1 FROM participant WHERE conversation = ? AND user = ?"),
      share_(db.sqlite(), "SELECT shared_position FROM message_overlay WHERE position = ?") {}

Result<Seq> PastStateReader::endOf(ConversationKey conversation, Position upTo) {
    return seqs_.lastBefore(conversation, {upTo.value + 1});
}

Result<void> PastStateReader::fold(ConversationKey conversation, Seq upTo, ScanOf of,
                                   const std::function<void(const Event&)>& each) {
    for (Seq reached; reached < upTo;) {
        if (reached.value > 0) pause_();
        PARLEY_TRY_ASSIGN(reached, scan_.slice(conversation, reached, upTo, of, each));
    }
    return {};
}

Result<std::optional<PastConversation>> PastStateReader::conversation(ConversationKey conversation,
                                                                      const ConversationId& id,
                                                                      Position upTo,
                                                                      const Viewer& viewer) {
    PARLEY_TRY_ASSIGN(const Seq end, endOf(conversation, upTo));
    if (end.value == 0) return std::optional<PastConversation>();
    PastConversation past;
    ConversationState& state = past.row.state;
    HiddenMessages own;
    TypingStarts starts;
    PARLEY_TRY(fold(conversation, end, ScanOf::everything, [&](const Event& event) {
        evolve(state, event);
        starts.note(event);
        countHidden(own, event, viewer);
    }));
    state.id = id;
    for (const auto& typing : typingFor(state, viewer)) {
        Event start;
        PARLEY_TRY_ASSIGN(start.data, scan_.dataAt(starts.of(typing)));
        past.emptied = past.emptied || start.data.empty();
        state.typing.find(typing.user)->userName = userNameOf(start);
    }
    past.row.figures =
        figuresFor(state, viewer, seesOwnHidden(state, viewer) ? own : HiddenMessages{});
    PARLEY_TRY(db_.run([&] { setStartTexts(past.row, events_.startContent(conversation)); }));
    return std::optional(std::move(past));
}

Result<PageEnd> PastStateReader::participants(
    ConversationKey conversation, Position upTo, const Viewer& viewer, Position after,
    const std::function<bool(const Participant&, Position)>& take) {
    PARLEY_TRY_ASSIGN(const Seq end, endOf(conversation, upTo));
    ConversationState state;
    JoinPositions joined;
    PARLEY_TRY(fold(conversation, end, ScanOf::memberships, [&](const Event& event) {
        joined.note(state, event);
        evolve(state, event);
    }));
    for (const auto& participant : state.participants) {
        const Position position = joined.of(participant);
        if (position <= after || !sees(viewer, participant)) continue;
        if (!take(participant, position)) return PageEnd::refused;
    }
    return PageEnd::reached;
}

bool PastStateReader::everTookPart(ConversationKey conversation, UserKey user) {
    return numberFrom(everTookPart_, conversation.value, user.value).has_value();
}

// A removal that does not say by whom is from a time without authentication, as RelationReader
// says.
Result<PastStanding> PastStateReader::standing(ConversationKey conversation, UserKey user,
                                               Position upTo) {
    PARLEY_TRY_ASSIGN(const Seq end, endOf(conversation, upTo));
    PastStanding past;
    if (end.value == 0) {
        past.standing.relation = Relation::absent;
        return past;
    }
    PARLEY_TRY_ASSIGN(const bool known,
                      db_.query([&] { return everTookPart(conversation, user); }));
    if (!known) return past;  // spares strangers the walk
    PARLEY_TRY_ASSIGN(const auto last, scan_.lastMembership(conversation, user, end));
    if (!last) return past;
    past.role = last->role;
    if (last->type == EventType::participantJoined) {
        past.standing.relation = Relation::takesPart;
        return past;
    }
    PARLEY_TRY_ASSIGN(const bool saysMore, metadata_.hasAny(last->position));
    const bool byAnother = last->cause == cause::kRemoved && saysMore;
    past.standing = byAnother ? Standing{.removed = true, .leftAt = {}}
                              : Standing{.relation = Relation::left, .leftAt = last->position};
    return past;
}

Result<std::optional<Position>> PastStateReader::sharedBy(Position message, Position upTo) {
    return db_.query([&]() -> std::optional<Position> {
        const auto share = numberFrom(share_, message.value);
        if (!share || *share > upTo.value) return std::nullopt;
        return Position{*share};
    });
}

}  // namespace parley
