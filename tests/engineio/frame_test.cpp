#include <parley/engineio/frame.h>

#include <catch2/catch.hpp>

using namespace parley::engineio;

namespace {

std::string hex(std::string_view bytes) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += kHex[static_cast<unsigned char>(c) >> 4];
        out += kHex[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

}  // namespace

TEST_CASE("a frame's header follows RFC 6455 for every form of its length") {
    struct Row {
        std::size_t length;
        const char* header;
    };
    const Row rows[] = {
        {0, "8100"},
        {1, "8101"},
        {125, "817d"},
        {126, "817e007e"},
        {127, "817e007f"},
        {65'535, "817effff"},
        {65'536, "817f0000000000010000"},
        {70'000, "817f0000000000011170"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.length);
        const FramePtr frame = textFrame(std::string(row.length, 'x'));
        const std::string_view bytes = frame->webSocket();
        REQUIRE(bytes.size() > row.length);
        CHECK(hex(bytes.substr(0, bytes.size() - row.length)) == row.header);
        CHECK(bytes.ends_with(frame->payload()));
        CHECK(frame->payload() == std::string(row.length, 'x'));
    }
}

TEST_CASE("a text frame is marked as text and can be droppable") {
    FrameBuilder builder;
    builder.out() += "42[\"user_typing\"]";
    const FramePtr frame = builder.finish(/*droppable=*/true);
    CHECK_FALSE(frame->binary());
    CHECK(frame->droppable());
    CHECK(frame->payload() == "42[\"user_typing\"]");
    CHECK(frame->webSocket().front() == '\x81');
}

TEST_CASE("a binary frame has the binary opcode and no type digit") {
    const FramePtr frame = binaryFrame(std::string_view("\x00\x01\xff", 3));
    CHECK(frame->binary());
    CHECK_FALSE(frame->droppable());
    CHECK(hex(frame->webSocket()) == "82030001ff");
}

TEST_CASE("frames in a row keep their bytes, and lie one behind the other") {
    const FramePtr first = textFrame("4first");
    const FramePtr second = textFrame("4" + std::string(300, 'x'));
    FrameBuilder builder;
    builder.out() += "4third";
    const FramePtr third = builder.finish(/*droppable=*/true);
    std::size_t bytes = 0;
    for (const auto& frame : {first, second, third}) bytes += frame->webSocket().size();

    FrameRow row(3, bytes);
    const char* behind = nullptr;
    for (const auto& frame : {first, second, third}) {
        const FramePtr added = row.add(*frame);
        CHECK(added->webSocket() == frame->webSocket());
        CHECK(added->payload() == frame->payload());
        CHECK(added->droppable() == frame->droppable());
        if (behind != nullptr) CHECK(added->webSocket().data() == behind);
        behind = added->webSocket().data() + added->webSocket().size();
    }
}

TEST_CASE("a frame keeps its row alive") {
    FramePtr kept;
    {
        FrameRow row(1, 16);
        kept = row.add(*textFrame("4hello"));
    }
    CHECK(kept->payload() == "4hello");
}
