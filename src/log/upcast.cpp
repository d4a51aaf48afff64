#include <parley/log/upcast.h>

namespace parley {

// Every type is at its first version. When one gets a second, its step from 1 to 2 is a pure
// function here, with a golden test of a stored event.
std::uint32_t currentVersion(EventType) {
    return 1;
}

Result<Event> upcast(Event event) {
    if (event.version == 0 || event.version > currentVersion(event.type)) {
        return Error{ErrorCode::storage_failed,
                     "event " + std::to_string(event.position.value) + " (" +
                         std::string(eventTypeName(event.type)) + ") has payload version " +
                         std::to_string(event.version) + ", this program knows up to " +
                         std::to_string(currentVersion(event.type))};
    }
    return event;
}

}  // namespace parley
