#include "app/export/exported_events.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/domain/upkeep/upkeep.h>
#include <parley/log/read/key_lookup.h>
#include <parley/log/read/log_times.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace parley::app::exports {
namespace {

Error unknownUser(const UserId& user) {
    return {ErrorCode::not_found, "the log has no user \"" + user.str() + "\""};
}

}  // namespace

ExportedEvents::ExportedEvents(Database& db, Selection asked)
    : db_(db),
      selection_(std::move(asked)),
      walk_(db),
      selected_(db),
      seqs_(db),
      past_(db),
      states_(db, seqs_, past_) {
    states_.pauseWith(pauseBetweenReads);
}

Result<std::unique_ptr<ExportedEvents>> ExportedEvents::open(Database& db, Selection asked) {
    PARLEY_TRY_ASSIGN(auto source, db.query([&] {
        return std::unique_ptr<ExportedEvents>(new ExportedEvents(db, std::move(asked)));
    }));
    PARLEY_TRY(source->findKeys());
    PARLEY_TRY(source->findRange());
    return source;
}

Result<void> ExportedEvents::findKeys() {
    const Filters& filters = selection_.filters;
    PARLEY_TRY_ASSIGN(const auto keys, db_.query([&] { return std::make_unique<KeyLookup>(db_); }));
    for (const auto& id : filters.conversations) {
        PARLEY_TRY_ASSIGN(const auto key, keys->find(id));
        if (!key) {
            return Error{ErrorCode::conversation_not_found,
                         "the log has no conversation \"" + id.str() + "\""};
        }
        conversations_.push_back(*key);
    }
    if (filters.user) {
        PARLEY_TRY_ASSIGN(user_, keys->find(*filters.user));
        if (!user_) return unknownUser(*filters.user);
    }
    if (filters.viewer) {
        PARLEY_TRY_ASSIGN(const auto viewer, keys->find(*filters.viewer));
        if (!viewer) return unknownUser(*filters.viewer);
        viewer_ = *viewer;
    }
    return {};
}

Result<void> ExportedEvents::findRange() {
    PARLEY_TRY_ASSIGN(const auto times, db_.query([&] { return std::make_unique<LogTimes>(db_); }));
    PARLEY_TRY_ASSIGN(const LogMoment head, times->head());
    if (selection_.from.value > head.position.value + 1) {
        return Error{ErrorCode::invalid_value,
                     "the log ends at position " + std::to_string(head.position.value)};
    }
    Position after{selection_.from.value - 1};
    Position through = selection_.through.value_or(head.position);
    const Filters& filters = selection_.filters;
    if (filters.from) {
        PARLEY_TRY_ASSIGN(const auto before, times->at(UnixMillis{filters.from->value - 1}));
        after = std::max(after, before.position);
    }
    if (filters.to) {
        PARLEY_TRY_ASSIGN(const auto last, times->at(UnixMillis{filters.to->value - 1}));
        through = std::min(through, last.position);
    }
    through = std::max(through, after);
    PARLEY_TRY_ASSIGN(beginning_.after, markAt(after));
    PARLEY_TRY_ASSIGN(beginning_.through, markAt(through));
    beginning_.whole = after.value == 0 && filters.empty();
    beginning_.filters = filters;
    if (head.position.value > 0) {
        PARLEY_TRY_ASSIGN(const auto first, walk_.read({}, 1));
        if (!first.empty()) {
            beginning_.origin = Mark{{1}, first.front().hash};
            beginning_.originId = first.front().event.id;
        }
    }
    reached_ = after;
    chosenUpTo_ = after;
    return {};
}

Result<Mark> ExportedEvents::markAt(Position position) {
    if (position.value == 0) return Mark{};
    PARLEY_TRY_ASSIGN(const auto found, walk_.read({position.value - 1}, 1));
    if (found.empty() || found.front().event.position != position) {
        return Error{ErrorCode::storage_damaged,
                     "the log has no event at position " + std::to_string(position.value)};
    }
    return Mark{position, found.front().hash};
}

Result<std::vector<StoredEvent>> ExportedEvents::next() {
    const Position through = beginning_.through.position;
    while (reached_ < through) {
        PARLEY_TRY_ASSIGN(auto events, read());
        std::vector<StoredEvent> seen;
        for (auto& stored : events) {
            if (stored.event.position > through) break;
            if (user_ && stored.event.actorKey != *user_) continue;
            PARLEY_TRY_ASSIGN(const bool isTold, isSeen(stored.event));
            if (isTold) {
                seen.push_back(std::move(stored));
            } else {
                ++withheld_;
            }
        }
        if (!seen.empty()) return seen;
    }
    return std::vector<StoredEvent>{};
}

// The next events as they are, and how far that is everything that was asked for.
Result<std::vector<StoredEvent>> ExportedEvents::read() {
    const Position through = beginning_.through.position;
    if (!isChosen()) {
        PARLEY_TRY_ASSIGN(auto events, walk_.nextChunk(reached_));
        reached_ = events.empty() ? through : std::min(through, events.back().event.position);
        return events;
    }
    if (taken_ == chosen_.size()) PARLEY_TRY(chooseMore());
    const auto count = std::min<std::size_t>(chosen_.size() - taken_, limits::kWalkEvents);
    const std::span<const Position> some(chosen_.data() + taken_, count);
    taken_ += count;
    reached_ = taken_ < chosen_.size() ? some.back() : chosenUpTo_;
    return selected_.at(some);
}

Result<void> ExportedEvents::chooseMore() {
    const Position through = beginning_.through.position;
    chosen_.clear();
    taken_ = 0;
    if (conversations_.empty()) {
        PARLEY_TRY_ASSIGN(chosen_, selected_.by(*user_, reached_, through));
        chosenUpTo_ = {std::min(through.value, reached_.value + SelectedEvents::kScanned)};
        return {};
    }
    for (const auto conversation : conversations_) {
        PARLEY_TRY_ASSIGN(const auto its, selected_.of(conversation, reached_, through));
        chosen_.insert(chosen_.end(), its.begin(), its.end());
    }
    std::sort(chosen_.begin(), chosen_.end());
    chosen_.erase(std::unique(chosen_.begin(), chosen_.end()), chosen_.end());
    chosenUpTo_ = through;
    return {};
}

// By what the viewer was to the conversation at the export's end.
Result<bool> ExportedEvents::isSeen(const Event& event) {
    if (!selection_.filters.viewer) return true;
    if (event.conversation.str() == system_id::kConversation) return false;
    auto known = sights_.find(event.conversationKey);
    if (known == sights_.end()) {
        PARLEY_TRY_ASSIGN(const auto sight,
                          sightOf(states_, event.conversationKey, viewer_, selection_.filters.role,
                                  beginning_.through.position));
        known = sights_.emplace(event.conversationKey, sight).first;
    }
    const PastSight& sight = known->second;
    if (!visible(event, sight.viewer)) return false;
    if (!isMessage(event.type)) return sight.conversation;
    return sight.messages && event.position <= *sight.messages;
}

}  // namespace parley::app::exports
