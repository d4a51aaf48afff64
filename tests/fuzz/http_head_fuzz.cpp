#include "fuzz/fuzz.h"
#include "net/chunked_body.h"
#include "net/http_head.h"
#include "net/web_access.h"

#include <parley/core/utf8.h>

#include <string>
#include <variant>

using namespace parley;
using namespace parley::net;

namespace {

// Small, so that the fuzzer reaches them.
constexpr HeadLimits kLimits{600, 200};

struct End {
    std::size_t bytes = 0;
    int status = 0;
    bool operator==(const End&) const = default;
};

End endOf(std::string_view buffer, std::size_t& scanned) {
    const auto found = findHeadEnd(buffer, scanned, kLimits);
    if (const auto* error = std::get_if<HttpError>(&found)) return {0, error->status};
    return {std::get<std::size_t>(found), 0};
}

// Parses after every `step` bytes, as they arrive from a slow client.
End endInPieces(std::string_view bytes, std::size_t step) {
    std::size_t scanned = 0;
    for (std::size_t n = step; n < bytes.size(); n += step) {
        const End end = endOf(bytes.substr(0, n), scanned);
        if (end != End{}) return end;
    }
    return endOf(bytes, scanned);
}

void checkHead(const RequestHead& head) {
    fuzz::require(!head.method.empty(), "there is a method");
    fuzz::require(head.path.starts_with('/') || head.path == "*", "a path begins with a slash");
    fuzz::require(head.path.find_first_of("?# \r\n") == std::string::npos, "the path ends in time");
    fuzz::require(!hasControlCharacter(head.path) && !hasControlCharacter(head.query),
                  "no control characters in the target");
    fuzz::require(!hasControlCharacter(head.origin.value_or("")) &&
                      !hasControlCharacter(head.requestHeaders) &&
                      !hasControlCharacter(head.webSocketProtocol),
                  "what is echoed cannot split a response");
    fuzz::require(!hasControlCharacter(head.host.value_or("")), "a host has no control characters");
    for (const auto* value :
         {&head.authorization, &head.cookie, &head.forwardedFor, &head.forwardedProto}) {
        fuzz::require(value->find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                      "a value is of one line");
        fuzz::require(value->size() < kLimits.headBytesMax, "joined values are within the head");
    }
    // The decision about origin and host ends for any input.
    static const WebAccess kAccess{Options{}};
    for (const bool forEngine : {false, true}) (void)kAccess.refusalOf(head, forEngine);
    fuzz::require(head.contentLength < 1'000'000'000'000'000'000, "lengths do not overflow");
}

// The result of a chunked body.
struct Body {
    std::size_t bytes = 0;  // with its framing
    int status = 0;
    bool done = false;
    std::string text;
    bool operator==(const Body&) const = default;
};

Body bodyInPieces(std::string_view bytes, std::size_t step) {
    constexpr std::size_t kBodyBytesMax = 300;
    constexpr std::size_t kFramingBytesMax = 100;
    ChunkedBody body(kBodyBytesMax, kFramingBytesMax);
    Body result;
    while (!bytes.empty() && !body.done()) {
        const std::string_view piece = bytes.substr(0, step);
        const auto taken = body.feed(piece);
        if (const auto* error = std::get_if<HttpError>(&taken))
            return {0, error->status, false, {}};
        const std::size_t used = std::get<std::size_t>(taken);
        fuzz::require(used == piece.size() || body.done(), "what is left is of the next request");
        result.bytes += used;
        bytes.remove_prefix(used);
    }
    result.done = body.done();
    result.text = body.body();
    fuzz::require(result.text.size() <= kBodyBytesMax, "a body's size is bounded");
    return result;
}

void checkBody(std::string_view bytes, std::size_t step) {
    const Body whole = bodyInPieces(bytes, bytes.size() + 1);
    fuzz::require(bodyInPieces(bytes, step) == whole, "a body is the same however it arrives");
    if (!whole.done) return;
    fuzz::require(bytes.substr(0, whole.bytes).ends_with("\r\n"), "a body ends with an empty line");
    // Written again, in chunks of `step` bytes, it reads back equal.
    std::string again;
    for (std::size_t at = 0; at < whole.text.size(); at += step) {
        const std::string chunk = whole.text.substr(at, step);
        char size[20];
        std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
        again += size + chunk + "\r\n";
    }
    again += "0\r\n\r\n";
    fuzz::require(bodyInPieces(again, 3).text == whole.text, "a body written again is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t step = 1 + input.below(16);
    const std::string_view bytes = input.rest();
    const End whole = endInPieces(bytes, bytes.size() + 1);
    fuzz::require(whole.bytes <= bytes.size(), "a head ends within what arrived");
    fuzz::require(whole.bytes <= kLimits.headBytesMax, "a head's size is bounded");
    // A line that is too long is refused before it is complete, if its bytes arrive in time.
    const End pieces = endInPieces(bytes, step);
    if (whole.bytes == 0) {
        fuzz::require(pieces == whole || (pieces.status == 414 && whole.status != 0),
                      "what is no head is none however it arrives");
        return 0;
    }
    const std::string_view head = bytes.substr(0, whole.bytes);
    fuzz::require(head.ends_with("\r\n\r\n"), "a head ends with an empty line");
    const auto parsed = parseHead(head, kLimits);
    fuzz::require(pieces == whole || (pieces.status == 414 && parsed.index() == 1),
                  "a head is taken or refused however it arrives");
    if (const auto* error = std::get_if<HttpError>(&parsed)) {
        fuzz::require(error->status >= 400 && error->status <= 505, "refusals have an HTTP status");
    } else {
        const RequestHead& read = std::get<RequestHead>(parsed);
        checkHead(read);
        fuzz::require(!read.chunked || read.contentLength == 0, "one thing says where a body ends");
        if (read.chunked) checkBody(bytes.substr(whole.bytes), step);
    }
    return 0;
}
