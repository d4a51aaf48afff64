#include <parley/log/upcast.h>

namespace parley {

std::uint32_t currentVersion(EventType type) {
    return rowOf(type).version;
}

// A type that gets a new version gets a step up to it here, with a golden test of a stored event.
Result<Event> upcast(Event event) {
    if (event.version == 0 || event.version > currentVersion(event.type)) {
        return Error{ErrorCode::storage_failed,
                     "event " + std::to_string(event.position.value) + " (" +
                         std::string(eventTypeName(event.type)) + ") has payload version " +
                         std::to_string(event.version) + ", this program knows up to " +
                         std::to_string(currentVersion(event.type))};
    }
    // participant_left: the second knows a cause and a `by`, both of which may be absent.
    event.version = currentVersion(event.type);
    return event;
}

}  // namespace parley
