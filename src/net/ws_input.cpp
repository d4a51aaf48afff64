#include "net/ws_input.h"

#include <parley/core/utf8.h>

#include <algorithm>
#include <array>
#include <utility>

namespace parley::net {

struct WebSocketInput::Partial {
    std::string rest;         // bytes of a frame that is not whole yet
    std::string message;      // fragments so far
    std::uint8_t op = 0;      // of the message in fragments; 0: none
    std::size_t checked = 0;  // payload bytes of the frame in `rest` that `utf8` has seen
    Utf8Validator utf8;
};

struct WebSocketInput::Step {
    FrameCodec& codec;
    std::size_t messageBytesMax;
    WebSocketEvents& events;
};

WebSocketInput::WebSocketInput() = default;
WebSocketInput::~WebSocketInput() = default;

WebSocketInput::Partial& WebSocketInput::partial() {
    if (!partial_) partial_ = std::make_unique<Partial>();
    return *partial_;
}

void WebSocketInput::feed(std::string_view bytes, FrameCodec& codec, std::size_t messageBytesMax,
                          WebSocketEvents& events) {
    Step step{codec, messageBytesMax, events};
    // The rest is moved out while views point into it.
    std::string joined;
    if (partial_ && !partial_->rest.empty()) {
        joined = std::move(partial_->rest);
        partial_->rest.clear();
        joined.append(bytes);
        bytes = joined;
    }
    std::size_t used = 0;
    while (used < bytes.size() && events.wantsMore()) {
        const std::size_t n = readOne(bytes.substr(used), step);
        if (n == 0) break;
        used += n;
    }
    if (!events.wantsMore()) {
        partial_.reset();
        return;
    }
    if (used < bytes.size()) {
        if (used == 0 && !joined.empty()) {
            partial().rest = std::move(joined);
        } else {
            partial().rest = bytes.substr(used);
        }
    } else if (partial_ && partial_->op == 0) {
        partial_.reset();
    }
}

bool WebSocketInput::checkOrder(const FrameHead& head, Step& step) {
    const bool inMessage = partial_ && partial_->op != 0;
    if (inMessage != (head.op == opcode::continuation)) {
        step.events.onFailure(close_code::protocolError);
        return false;
    }
    const std::size_t before = inMessage ? partial_->message.size() : 0;
    if (head.payloadBytes > step.messageBytesMax ||
        before + head.payloadBytes > step.messageBytesMax) {
        step.events.onFailure(close_code::tooBig);
        return false;
    }
    return true;
}

/// Checks the text of a frame that is still arriving: bad text fails now, not at the frame's end.
bool WebSocketInput::checkArrivedText(const FrameHead& head, std::string_view bytes) {
    Partial& state = partial();
    const std::uint8_t op = head.op == opcode::continuation ? state.op : head.op;
    if (op != opcode::text) return true;
    const std::string_view masked = bytes.substr(head.headBytes);
    std::array<char, 4096> piece;
    while (state.checked < masked.size()) {
        const std::size_t n = std::min(piece.size(), masked.size() - state.checked);
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t at = state.checked + i;
            piece[i] = static_cast<char>(static_cast<std::uint8_t>(masked[at]) ^ head.mask[at % 4]);
        }
        if (!state.utf8.feed(std::string_view(piece.data(), n))) return false;
        state.checked += n;
    }
    return true;
}

std::size_t WebSocketInput::readOne(std::string_view bytes, Step& step) {
    const FrameHeadResult result = readFrameHead(bytes);
    if (result.error) {
        step.events.onFailure(result.error);
        return 0;
    }
    if (!result.complete) return 0;
    const FrameHead& head = result.head;
    if (!head.control && !checkOrder(head, step)) return 0;
    if (bytes.size() - head.headBytes < head.payloadBytes) {
        if (!head.control && !checkArrivedText(head, bytes)) {
            step.events.onFailure(close_code::badText);
        }
        return 0;
    }
    const auto payloadBytes = static_cast<std::size_t>(head.payloadBytes);
    const std::size_t frameBytes = head.headBytes + payloadBytes;
    const auto payload = step.codec.decode(bytes.substr(0, frameBytes), payloadBytes);
    if (!payload) {
        step.events.onFailure(close_code::protocolError);
        return 0;
    }
    if (head.op == opcode::ping) {
        step.events.onPing(*payload);
    } else if (head.op == opcode::close) {
        const auto code = [&] {
            return static_cast<std::uint16_t>(static_cast<std::uint8_t>((*payload)[0]) << 8 |
                                              static_cast<std::uint8_t>((*payload)[1]));
        };
        if (payload->size() == 1 || (payload->size() > 1 && !isValidCloseCode(code()))) {
            step.events.onFailure(close_code::protocolError);
        } else if (payload->size() > 2 && !isUtf8(payload->substr(2))) {
            step.events.onFailure(close_code::badText);
        } else {
            step.events.onClose(payload->substr(0, 2));
        }
    } else if (!head.control) {
        takeData(head, *payload, step);
    }
    return frameBytes;
}

void WebSocketInput::takeData(const FrameHead& head, std::string_view payload, Step& step) {
    const bool first = head.op != opcode::continuation;
    const std::uint8_t op = first ? head.op : partial_->op;
    if (op == opcode::text) {
        Utf8Validator fresh;
        Utf8Validator& utf8 = partial_ ? partial_->utf8 : fresh;
        const std::size_t checked = partial_ ? std::exchange(partial_->checked, 0) : 0;
        const bool good = utf8.feed(payload.substr(checked));
        if (!good || (head.fin && !utf8.complete())) {
            step.events.onFailure(close_code::badText);
            return;
        }
        if (!head.fin && !partial_) partial().utf8 = fresh;
    }
    if (first && head.fin) {
        if (partial_) partial_->utf8.reset();
        step.events.onMessage(op == opcode::binary, payload);
        return;
    }
    Partial& state = partial();
    state.op = op;
    state.message.append(payload);
    if (!head.fin) return;
    const std::string message = std::exchange(state.message, {});
    state.op = 0;
    state.utf8.reset();
    step.events.onMessage(op == opcode::binary, message);
}

}  // namespace parley::net
