#include "fuzz/fuzz.h"
#include "net/ws_input.h"

#include <parley/core/utf8.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace parley;
using namespace parley::net;

namespace {

// Small, so that the fuzzer reaches it.
constexpr std::size_t kMessageBytesMax = 300;

// Records the result of a connection's bytes; ends where the server would.
class Record final : public WebSocketEvents {
public:
    void onMessage(bool binary, std::string_view message) override {
        fuzz::require(message.size() <= kMessageBytesMax, "messages are bounded");
        fuzz::require(binary || isUtf8(message), "a text message is UTF-8");
        add(binary ? "binary " : "text ", message);
    }
    void onPing(std::string_view payload) override {
        fuzz::require(payload.size() <= 125, "a ping's payload is short");
        add("ping ", payload);
    }
    void onClose(std::string_view reply) override {
        fuzz::require(reply.empty() || reply.size() == 2, "a close is answered by its code alone");
        add("close ", reply);
        ended_ = true;
    }
    void onFailure(std::uint16_t code) override {
        fuzz::require(isValidCloseCode(code), "a connection fails with a code");
        add("failure ", std::to_string(code));
        ended_ = true;
    }
    bool wantsMore() const override { return !ended_; }

    bool ended() const { return ended_; }
    const std::vector<std::string>& events() const { return events_; }

private:
    void add(std::string what, std::string_view bytes) {
        fuzz::require(!ended_, "nothing comes after the end");
        events_.push_back(what.append(bytes));
    }

    bool ended_ = false;
    std::vector<std::string> events_;
};

std::vector<std::string> readInPieces(std::string_view bytes, std::size_t step) {
    static FrameCodec codec;
    WebSocketInput input;
    Record record;
    while (!bytes.empty() && !record.ended()) {
        const std::string_view piece = bytes.substr(0, step);
        bytes.remove_prefix(piece.size());
        input.feed(piece, codec, kMessageBytesMax, record);
    }
    return record.events();
}

std::string maskedFrame(std::uint8_t first, std::string_view payload, std::uint8_t mask) {
    std::string frame(1, static_cast<char>(first));
    const std::size_t n = payload.size();
    if (n < 126) {
        frame += static_cast<char>(0x80 | n);
    } else {
        frame += '\xFE';
        frame += static_cast<char>(n >> 8);
        frame += static_cast<char>(n);
    }
    const std::uint8_t key[4] = {mask, static_cast<std::uint8_t>(mask * 3), 0,
                                 static_cast<std::uint8_t>(~mask)};
    frame.append(reinterpret_cast<const char*>(key), 4);
    for (std::size_t i = 0; i < n; ++i) {
        frame += static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ key[i % 4]);
    }
    return frame;
}

// A message in fragments, with pings between them, arrives whole and after the pings.
void checkFragments(fuzz::Input input) {
    const std::size_t length = 2 + input.below(30);
    const std::uint8_t mask = input.byte();
    const std::string message(input.rest().substr(0, kMessageBytesMax));
    std::string wire;
    std::vector<std::string> expected;
    std::string_view rest = message;
    std::uint8_t op = opcode::binary;
    while (rest.size() > length) {
        wire += maskedFrame(op, rest.substr(0, length), mask);
        wire += maskedFrame(0x80 | opcode::ping, rest.substr(0, 1), mask);
        expected.push_back("ping " + std::string(rest.substr(0, 1)));
        rest.remove_prefix(length);
        op = opcode::continuation;
    }
    wire += maskedFrame(0x80 | op, rest, mask);
    expected.push_back("binary " + message);
    fuzz::require(readInPieces(wire, 1 + mask % 7) == expected, "fragments make their message");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t step = 1 + input.below(64);
    const auto whole = readInPieces(input.rest(), input.rest().size() + 1);
    fuzz::require(readInPieces(input.rest(), step) == whole, "pieces mean what the whole means");
    fuzz::require(readInPieces(input.rest(), 1) == whole, "so do single bytes");
    checkFragments(input);
    return 0;
}
