#include <parley/core/try.h>
#include <parley/log/upcast.h>

namespace parley {

std::uint32_t currentVersion(EventType type) {
    return rowOf(type).version;
}

// A type that gets a new version gets a step up to it here, with a golden test of a stored event:
// in the first function for columns that folds see, in the second for all others.
Result<void> upcastFoldable(FoldableEvent& event) {
    if (event.version == 0 || event.version > currentVersion(event.type)) {
        return Error{ErrorCode::storage_damaged,
                     "event " + std::to_string(event.position.value) + " (" +
                         std::string(eventTypeName(event.type)) + ") has payload version " +
                         std::to_string(event.version) + ", this program knows up to " +
                         std::to_string(currentVersion(event.type))};
    }
    // participant_left: the second knows a cause and a `by`, both of which may be absent.
    event.version = currentVersion(event.type);
    return {};
}

Result<Event> upcast(Event event) {
    PARLEY_TRY(upcastFoldable(event));
    return event;
}

}  // namespace parley
