#include <parley/core/error.h>
#include <parley/core/hex.h>
#include <parley/core/json.h>
#include <parley/core/json_writer.h>
#include <parley/core/query_string.h>
#include <parley/engineio/endpoint.h>

namespace parley::engineio {
namespace {

// As a browser's URLSearchParams reads: '+' is a space, a broken escape stands for itself.
std::string percentDecode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            if (const int byte = hexByte(text[i + 1], text[i + 2]); byte >= 0) {
                out += static_cast<char>(byte);
                i += 2;
                continue;
            }
        }
        out += text[i] == '+' ? ' ' : text[i];
    }
    return out;
}

}  // namespace

Query parseQuery(std::string_view query) {
    Query result;
    result.text = query;
    while (const auto parameter = takeParameter(query)) {
        const std::string name = percentDecode(parameter->name);
        std::string* value = nullptr;
        if (name == "EIO") value = &result.eio;
        if (name == "transport") value = &result.transport;
        if (name == "sid") value = &result.sid;
        if (value != nullptr) *value = percentDecode(parameter->value);
    }
    return result;
}

Refusal makeRefusal(RefusalCode code) {
    switch (code) {
        case RefusalCode::transportUnknown: return {400, 0, "Transport unknown"};
        case RefusalCode::sessionUnknown: return {400, 1, "Session ID unknown"};
        case RefusalCode::badHandshakeMethod: return {400, 2, "Bad handshake method"};
        case RefusalCode::badRequest: return {400, 3, "Bad request"};
        case RefusalCode::forbidden: return {403, 4, "Forbidden"};
        case RefusalCode::unsupportedVersion: return {400, 5, "Unsupported protocol version"};
    }
    return {};
}

std::string Refusal::body() const {
    std::string out;
    if (retryAfterMs > 0) {
        JsonWriter json(out);
        json.beginObject().field("success", false).field("error", message);
        json.field("code", errorInfo(ErrorCode::rate_limited).name);
        json.field("retryAfterMs", std::int64_t{retryAfterMs}).endObject();
        return out;
    }
    out += "{\"code\":";
    appendInt(out, code);
    out += ",\"message\":";
    appendJsonString(out, message);
    out += '}';
    return out;
}

}  // namespace parley::engineio
