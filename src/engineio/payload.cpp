#include "engineio/payload.h"

#include <Poco/Base64Decoder.h>
#include <Poco/Base64Encoder.h>
#include <Poco/MemoryStream.h>

#include <algorithm>

namespace parley::engineio {
namespace {

std::size_t base64Bytes(std::size_t size) {
    return (size + 2) / 3 * 4;
}

void appendBase64(std::string& out, std::string_view bytes) {
    const std::size_t from = out.size();
    out.resize(from + base64Bytes(bytes.size()));
    Poco::MemoryOutputStream stream(out.data() + from,
                                    static_cast<std::streamsize>(out.size() - from));
    Poco::Base64Encoder encoder(stream);
    encoder.rdbuf()->setLineLength(0);
    encoder.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    encoder.close();
}

bool isBase64Digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

}  // namespace

std::size_t payloadBytes(const Frame& frame) {
    const std::size_t size = frame.payload().size();
    return frame.binary() ? 1 + base64Bytes(size) : size;
}

void appendToPayload(std::string& body, const Frame& frame) {
    if (!body.empty()) body += kPacketSeparator;
    if (!frame.binary()) {
        body += frame.payload();
        return;
    }
    body += 'b';
    appendBase64(body, frame.payload());
}

void appendClose(std::string& body) {
    if (!body.empty()) body += kPacketSeparator;
    body += '1';
}

void appendNoop(std::string& body) {
    if (!body.empty()) body += kPacketSeparator;
    body += '6';
}

std::optional<std::string> decodeBase64(std::string_view text) {
    // Poco's decoder skips white space and stops at the first padding: be strict before it.
    if (text.size() % 4 != 0) return std::nullopt;
    std::string_view digits = text;
    for (int i = 0; i < 2 && digits.ends_with('='); ++i) digits.remove_suffix(1);
    if (!std::all_of(digits.begin(), digits.end(), isBase64Digit)) return std::nullopt;

    std::string out(text.size() / 4 * 3 - (text.size() - digits.size()), '\0');
    Poco::MemoryInputStream stream(text.data(), static_cast<std::streamsize>(text.size()));
    Poco::Base64Decoder decoder(stream);
    decoder.read(out.data(), static_cast<std::streamsize>(out.size()));
    if (static_cast<std::size_t>(decoder.gcount()) != out.size()) return std::nullopt;
    return out;
}

}  // namespace parley::engineio
