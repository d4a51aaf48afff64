#include "engineio/payload.h"
#include "engineio/sid.h"
#include "fuzz/fuzz.h"

#include <parley/engineio/endpoint.h>

#include <string>

using namespace parley;
using namespace parley::engineio;

namespace {

void checkPayload(std::string_view bytes) {
    const FramePtr frame = binaryFrame(bytes);
    std::string body;
    appendToPayload(body, *frame);
    fuzz::require(body.size() == payloadBytes(*frame), "a packet takes the bytes it was said to");
    fuzz::require(body.find(kPacketSeparator) == std::string::npos, "base64 holds no separator");
    const auto back = decodeBase64(std::string_view(body).substr(1));
    fuzz::require(back && *back == bytes, "a binary message comes back unchanged");
    if (const auto decoded = decodeBase64(bytes)) {
        std::string again;
        appendToPayload(again, *binaryFrame(*decoded));
        fuzz::require(again.size() == bytes.size() + 1, "base64 has one length");
    }
}

}  // namespace

// Base64 in polling payloads, the query of every request, and session ids.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    checkPayload(bytes);
    const Query query = parseQuery(bytes);
    fuzz::require(query.sid.size() <= size && query.eio.size() <= size,
                  "decoding never makes a value longer");
    for (const std::string_view text : {bytes, std::string_view(query.sid)}) {
        const auto sid = decodeSid(text);
        if (sid) fuzz::require(encodeSid(*sid) == text, "a session id has one spelling");
        fuzz::require(sid.has_value() == Endpoint::loopOf(text).has_value(), "its loop is known");
    }
    return 0;
}
