#include "fuzz/fuzz.h"

#include <parley/cluster/batch_message.h>

#include <string_view>

using namespace parley;

// A message of a cluster's stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto message = decodeBatch(bytes);
    if (!message) return 0;
    fuzz::require(encode(*message) == bytes, "a message has one form");
    const bool isEmpty =
        message->events.empty() && message->changes.empty() && message->outcomes.empty();
    fuzz::require(isEmpty == (message->kind != BatchMessage::Kind::batch),
                  "a batch holds something, and nothing else does");
    for (const auto& stored : message->events) {
        fuzz::require(stored.event.position > message->after, "positions follow");
    }
    return 0;
}
