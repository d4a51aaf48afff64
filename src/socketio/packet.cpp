#include <parley/core/utf8.h>
#include <parley/socketio/packet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace parley::socketio {
namespace {

constexpr std::array<std::string_view, 6> kReservedEvents{
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};

bool isBinaryType(PacketType type) {
    return type == PacketType::binaryEvent || type == PacketType::binaryAck;
}

bool isEvent(PacketType type) {
    return type == PacketType::event || type == PacketType::binaryEvent;
}

bool isAck(PacketType type) {
    return type == PacketType::ack || type == PacketType::binaryAck;
}

// Takes a decimal number off the front; false when there is no digit, or the number is too large.
template <typename Number>
bool takeNumber(std::string_view& text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool takeType(std::string_view& text, Packet& packet) {
    if (text.empty() || text.front() < '0' || text.front() > '6') return false;
    packet.type = static_cast<PacketType>(text.front() - '0');
    text.remove_prefix(1);
    return true;
}

bool takeAttachments(std::string_view& text, Packet& packet, const PacketLimits& limits) {
    if (!isBinaryType(packet.type)) return true;
    if (text.empty() || !isDigit(text.front()) || !takeNumber(text, packet.attachments)) {
        return false;
    }
    if (packet.attachments > limits.attachmentsMax || !text.starts_with('-')) return false;
    text.remove_prefix(1);
    return true;
}

bool takeNamespace(std::string_view& text, Packet& packet, const PacketLimits& limits) {
    if (!text.starts_with('/')) return true;
    const std::string_view nsp = text.substr(0, text.find(','));
    if (nsp.size() > limits.namespaceBytesMax || !isUtf8(nsp) || hasControlCharacter(nsp)) {
        return false;
    }
    packet.nsp = nsp;
    text.remove_prefix(std::min(text.size(), nsp.size() + 1));
    return true;
}

bool takeId(std::string_view& text, Packet& packet) {
    if (text.empty() || !isDigit(text.front())) return true;
    std::uint64_t id = 0;
    if (!takeNumber(text, id)) return false;
    packet.id = id;
    return true;
}

// Whether each placeholder names one of the attachments. Depth is bounded by the parser.
bool placeholdersHold(const Json& value, int attachments) {
    if (value.is_object()) {
        const auto mark = value.find("_placeholder");
        if (mark != value.end() && *mark == true) {
            const auto number = value.find("num");
            return number != value.end() && number->is_number_unsigned() &&
                   number->get<std::uint64_t>() < static_cast<std::uint64_t>(attachments);
        }
    }
    if (!value.is_structured()) return true;
    return std::all_of(value.begin(), value.end(), [attachments](const Json& element) {
        return placeholdersHold(element, attachments);
    });
}

// The reference implementation takes numbers for names, too.
bool isEventName(const Json& name) {
    if (!name.is_string()) return name.is_number();
    const auto& text = name.get_ref<const std::string&>();
    return std::ranges::find(kReservedEvents, text) == kReservedEvents.end();
}

bool shapeFits(const Packet& packet, bool hasData, const PacketLimits& limits) {
    const Json& data = packet.data;
    switch (packet.type) {
        case PacketType::connect: return !packet.id && (!hasData || data.is_object());
        case PacketType::disconnect: return !packet.id && !hasData;
        case PacketType::connectError:
            return !packet.id && hasData && (data.is_object() || data.is_string());
        default: break;
    }
    if (!data.is_array() || data.size() > limits.argumentsMax) return false;
    if (isAck(packet.type) && !packet.id) return false;
    if (isEvent(packet.type)) {
        if (data.empty() || !isEventName(data[0])) return false;
    }
    return !isBinaryType(packet.type) || placeholdersHold(data, packet.attachments);
}

}  // namespace

std::optional<Packet> decodePacket(std::string_view text, const PacketLimits& limits) {
    Packet packet;
    if (!takeType(text, packet) || !takeAttachments(text, packet, limits) ||
        !takeNamespace(text, packet, limits) || !takeId(text, packet)) {
        return std::nullopt;
    }
    const bool hasData = !text.empty();
    if (hasData) {
        auto data = parseJson(text, {limits.depthMax, limits.keysMax, limits.valuesMax});
        if (!data) return std::nullopt;
        packet.data = std::move(*data);
    }
    if (!shapeFits(packet, hasData, limits)) return std::nullopt;
    return packet;
}

void appendPacketHead(std::string& out, PacketType type, std::string_view nsp,
                      std::optional<std::uint64_t> id, int attachments) {
    out += '4';
    out += static_cast<char>('0' + static_cast<int>(type));
    if (isBinaryType(type)) {
        appendInt(out, attachments);
        out += '-';
    }
    if (nsp != "/") {
        out += nsp;
        out += ',';
    }
    if (id) {
        char digits[20];
        out.append(digits, std::to_chars(digits, digits + sizeof digits, *id).ptr);
    }
}

}  // namespace parley::socketio
