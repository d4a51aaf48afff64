#pragma once

#include "net/ws_frame.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace parley::net {

/// Takes what a WebSocket's bytes mean. The views live until the call returns.
class WebSocketEvents {
public:
    virtual ~WebSocketEvents() = default;
    virtual void onMessage(bool binary, std::string_view message) = 0;
    virtual void onPing(std::string_view payload) = 0;
    /// The peer closes; `reply` is the payload to answer with.
    virtual void onClose(std::string_view reply) = 0;
    /// The peer broke the protocol; the connection fails with `code`.
    virtual void onFailure(std::uint16_t code) = 0;
    /// Whether to read on; asked before each frame.
    virtual bool wantsMore() const = 0;
};

/// Turns one connection's bytes into messages, whose frames may arrive in parts, and whose text may
/// be in fragments. Costs one pointer while no message is half read. Memory is bounded by two
/// messages.
class WebSocketInput {
public:
    WebSocketInput();
    ~WebSocketInput();

    /// Takes what arrived. `messageBytesMax` bounds a message over all its fragments (1009).
    void feed(std::string_view bytes, FrameCodec& codec, std::size_t messageBytesMax,
              WebSocketEvents& events);

private:
    struct Partial;
    struct Step;
    Partial& partial();
    std::size_t readOne(std::string_view bytes, Step& step);
    bool checkOrder(const FrameHead& head, Step& step);
    bool checkArrivedText(const FrameHead& head, std::string_view bytes);
    void takeData(const FrameHead& head, std::string_view payload, Step& step);

    std::unique_ptr<Partial> partial_;
};

}  // namespace parley::net
