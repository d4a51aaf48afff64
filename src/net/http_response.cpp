#include "net/http_response.h"

#include <parley/core/json.h>
#include <parley/core/utf8.h>

#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timestamp.h>

#include <sstream>

namespace parley::net {

using Poco::Net::HTTPMessage;
using Poco::Net::HTTPResponse;

namespace {

// For browsers, which would otherwise guess what an answer is, keep it, run it, or tell its URL to
// other sites.
constexpr std::string_view kWebHeaders =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";
constexpr std::string_view kNotKept = "Cache-Control: no-store\r\n";
constexpr std::string_view kNothingRuns = "Content-Security-Policy: default-src 'none'\r\n";

}  // namespace

std::string encodeResponse(int status, std::string_view contentType, std::string_view body,
                           const HeaderList& headers, const ResponseShape& shape, UnixMillis now) {
    HTTPResponse response(HTTPMessage::HTTP_1_1, static_cast<HTTPResponse::HTTPStatus>(status));
    response.setDate(Poco::Timestamp(now.value * 1000));
    if (!contentType.empty()) response.set("Content-Type", std::string(contentType));
    // RFC 9110, 8.6: the length would be that of the 200.
    if (status != HTTPResponse::HTTP_NOT_MODIFIED) {
        response.set("Content-Length", std::to_string(body.size()));
    }
    for (const auto& [name, value] : headers) {
        if (!hasControlCharacter(name) && !hasControlCharacter(value)) response.add(name, value);
    }
    // RFC 6797: for a year browsers do not ask this name in plain any more.
    if (shape.overTls) response.set("Strict-Transport-Security", "max-age=31536000");
    if (!shape.keepAlive) response.set("Connection", "close");
    if (shape.keepAlive && shape.http10) response.set("Connection", "keep-alive");
    std::ostringstream out;
    response.write(out);
    std::string bytes = std::move(out).str();
    bytes.resize(bytes.size() - 2);  // its empty line
    bytes.reserve(bytes.size() + kWebHeaders.size() + kNotKept.size() + kNothingRuns.size() + 2 +
                  body.size());
    bytes += kWebHeaders;
    if (!response.has("Cache-Control")) bytes += kNotKept;
    if (!response.has("Content-Security-Policy")) bytes += kNothingRuns;
    bytes += "\r\n";
    if (!shape.headOnly) bytes.append(body);
    return bytes;
}

std::string encodeHandshake(const std::string& accept, const std::string& protocol) {
    HTTPResponse response(HTTPMessage::HTTP_1_1, HTTPResponse::HTTP_SWITCHING_PROTOCOLS);
    response.set("Upgrade", "websocket");
    response.set("Connection", "Upgrade");
    response.set("Sec-WebSocket-Accept", accept);
    if (!protocol.empty()) response.set("Sec-WebSocket-Protocol", protocol);
    std::ostringstream out;
    response.write(out);
    return std::move(out).str();
}

HeaderList headersOf(const engineio::Refusal& refusal) {
    if (refusal.retryAfterMs == 0) return {};
    return {{"Retry-After", std::to_string((refusal.retryAfterMs + 999) / 1000)},
            {"Access-Control-Expose-Headers", "Retry-After"}};
}

std::string errorBody(const HttpError& error) {
    std::string body = R"({"success":false,"error":)";
    appendJsonString(body, error.message);
    body += R"(,"code":")";
    body += errorInfo(error.code).name;
    body += "\"}";
    return body;
}

}  // namespace parley::net
