#include "fuzz/fuzz.h"

#include <parley/core/utf8.h>
#include <parley/socketio/packet.h>

#include <string>

using namespace parley;
using namespace parley::socketio;

namespace {

PacketLimits narrow() {
    PacketLimits limits;
    limits.depthMax = 8;
    limits.argumentsMax = 6;
    limits.keysMax = 8;
    limits.attachmentsMax = 4;
    limits.namespaceBytesMax = 16;
    return limits;
}

void checkShape(const Packet& packet, const PacketLimits& limits) {
    fuzz::require(packet.nsp.starts_with('/') && packet.nsp.size() <= limits.namespaceBytesMax,
                  "a namespace begins with a slash and is bounded");
    fuzz::require(isUtf8(packet.nsp) && !hasControlCharacter(packet.nsp), "and is text");
    fuzz::require(packet.attachments >= 0 && packet.attachments <= limits.attachmentsMax,
                  "attachments are bounded");
    const bool event = packet.type == PacketType::event || packet.type == PacketType::binaryEvent;
    if (event) {
        fuzz::require(packet.data.is_array() && !packet.data.empty() &&
                          (packet.data[0].is_string() || packet.data[0].is_number()) &&
                          packet.data.size() <= limits.argumentsMax,
                      "an event is an array that begins with its name");
    }
}

}  // namespace

// A parsed packet, written again, reads back equal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const PacketLimits limits = narrow();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto packet = decodePacket(text, limits);
    if (!packet) return 0;
    checkShape(*packet, limits);
    std::string written;
    appendPacketHead(written, packet->type, packet->nsp, packet->id, packet->attachments);
    if (!packet->data.is_null()) written += packet->data.dump();
    fuzz::require(written.starts_with('4'), "a packet is an Engine.IO message");
    const auto again = decodePacket(std::string_view(written).substr(1), limits);
    fuzz::require(again.has_value(), "what was read and written can be read");
    fuzz::require(again->type == packet->type && again->nsp == packet->nsp &&
                      again->id == packet->id && again->attachments == packet->attachments &&
                      again->data == packet->data,
                  "and is the same packet");
    return 0;
}
