#include "gateway/calls/flat_fields.h"
#include "gateway/calls/request_fields.h"

#include <parley/core/utf8.h>
#include <parley/gateway/calls/quick_request.h>

#include <charconv>

namespace parley {
namespace {

constexpr std::size_t kIdDigitsMax = 18;
constexpr std::size_t kNameBytesMax = 32;

// False where the number has too many digits to be read here.
bool takeAckId(std::string_view& text, std::optional<std::uint64_t>& id) {
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    if (digits == 0) return true;
    if (digits > kIdDigitsMax) return false;
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + digits, value);
    id = value;
    text.remove_prefix(digits);
    return true;
}

// Takes `["name",` off `text`, and returns the request of that name.
std::optional<WireRequest> takeName(std::string_view& text) {
    if (!text.starts_with("[\"")) return std::nullopt;
    text.remove_prefix(2);
    const std::size_t end = text.substr(0, kNameBytesMax).find('"');
    if (end == std::string_view::npos || text.compare(end, 2, "\",") != 0) return std::nullopt;
    const auto request = parseWireRequest(text.substr(0, end));
    text.remove_prefix(end + 2);
    return request;
}

template <typename Read>
std::optional<QuickRequest> finish(WireRequest request, std::optional<std::uint64_t> ackId,
                                   const FlatJson& object, Read&& read) {
    FlatFields fields(object);
    QuickRequest quick{request, ackId, read(fields)};
    if (fields.failed()) return std::nullopt;
    return quick;
}

}  // namespace

std::optional<QuickHead> readQuickHead(std::string_view packet) {
    if (!packet.starts_with('2')) return std::nullopt;
    std::string_view text = packet.substr(1);
    std::optional<std::uint64_t> ackId;
    if (!takeAckId(text, ackId)) return std::nullopt;
    const auto request = takeName(text);
    if (!request) return std::nullopt;
    return QuickHead{*request, ackId, text};
}

std::optional<QuickRequest> readQuickRequest(std::string_view packet) {
    using namespace request_fields;
    const auto head = readQuickHead(packet);
    if (!head) return std::nullopt;
    const auto& [request, ackId, text] = *head;
    FlatJson object;
    if (!object.read(text) || text.substr(object.size()) != "]" || !isUtf8(packet)) {
        return std::nullopt;
    }
    switch (request) {
        case WireRequest::sendMessage:
            return finish(request, ackId, object,
                          [](auto& f) { return Command(readSendMessage(f)); });
        case WireRequest::typingStart:
            return finish(request, ackId, object,
                          [](auto& f) { return Command(readStartTyping(f)); });
        case WireRequest::typingStop:
            return finish(request, ackId, object,
                          [](auto& f) { return Command(readStopTyping(f)); });
        case WireRequest::getMessages:
            return finish(request, ackId, object, [](auto& f) { return readHistory(f); });
        default: return std::nullopt;
    }
}

}  // namespace parley
