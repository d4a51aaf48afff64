#pragma once

#include <parley/log/event_reader.h>
#include <parley/projection/update.h>
#include <parley/projection/view_reader.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace parley {

/// What a replay carries from one stretch of the log to the next: each conversation's count of
/// messages as of its last event replayed.
struct ReplayFold {
    std::unordered_map<ConversationKey, std::int64_t> messageCounts;
};

/// The updates that `events`, a stretch of the log in order, gave when they were new: the same
/// ones, as of then. `counts`: whether messages need their conversation's count (dashboards).
/// Typing gives nothing: nobody types any more.
Result<std::vector<ProjectionUpdate>> replayUpdates(EventReader& reader, ViewReader& views,
                                                    std::vector<Event> events, bool counts,
                                                    ReplayFold& fold);

}  // namespace parley
