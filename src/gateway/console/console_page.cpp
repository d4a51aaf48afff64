#include "gateway/console/console_page.h"

#include "gateway/calls/answer.h"

#include <parley/core/hex.h>
#include <parley/core/json_writer.h>

#include <Poco/DeflatingStream.h>
#include <openssl/sha.h>

#include <array>
#include <span>
#include <sstream>
#include <utility>

namespace parley {
namespace {

constexpr std::string_view kPlaceholder = "@FACTS@";

// Scripts and styles come from this server only, and nothing may turn text into markup (W3C,
// Trusted Types); no page may frame this one, as a click could be stolen.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'";

std::string_view typeOf(std::string_view name) {
    if (name.ends_with(".html")) return "text/html; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".svg")) return "image/svg+xml";
    return "application/octet-stream";
}

std::string gzipOf(const std::string& bytes) {
    std::ostringstream out;
    Poco::DeflatingOutputStream deflate(out, Poco::DeflatingStreamBuf::STREAM_GZIP, 9);
    deflate << bytes;
    deflate.close();
    return std::move(out).str();
}

std::string etagOf(std::string_view bytes) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return '"' + toHex(std::span(digest).first(12)) + '"';
}

std::string factsJson(const ConsoleOptions& options, const ConsoleFacts& facts) {
    std::string json;
    JsonWriter(json)
        .beginObject()
        .field("version", facts.version)
        .field("auth", facts.auth == auth::Mode::jwt ? "jwt" : "none")
        .field("kindClaim", facts.claims.kind)
        .field("roleClaim", facts.claims.role)
        .field("conversationsClaim", facts.claims.conversations)
        .field("name", options.name)
        .field("waitingLongMs", static_cast<std::int64_t>(options.waitingLong.count()))
        .field("waitingTooLongMs", static_cast<std::int64_t>(options.waitingTooLong.count()))
        .endObject();
    return json;
}

std::string inAttribute(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            case '<': out += "&lt;"; break;
            default: out += c;
        }
    }
    return out;
}

// RFC 9110, 13.1.2: a list of tags, or "*"; a weak tag counts as its strong one.
bool names(std::string_view ifNoneMatch, std::string_view etag) {
    return ifNoneMatch == "*" || ifNoneMatch.find(etag) != std::string_view::npos;
}

}  // namespace

ConsolePage::ConsolePage(const ConsoleOptions& options, const ConsoleFacts& facts,
                         std::span<const ConsoleFile> files) {
    if (!options.enabled) return;
    for (const auto& file : files) {
        std::string bytes(file.bytes);
        if (file.name == "index.html") {
            const auto at = bytes.find(kPlaceholder);
            if (at != std::string::npos) {
                bytes.replace(at, kPlaceholder.size(), inAttribute(factsJson(options, facts)));
            }
            add("/", file.name, std::move(bytes));
        } else if (file.name == "favicon.svg") {
            add("/favicon.ico", file.name, std::move(bytes));
        } else {
            add("/console/" + std::string(file.name), file.name, std::move(bytes));
        }
    }
}

void ConsolePage::add(std::string path, std::string_view name, std::string bytes) {
    Served served{.type = std::string(typeOf(name)),
                  .plain = std::move(bytes),
                  .gzip = {},
                  .etag = {},
                  .fixed = path.starts_with("/console/")};
    served.gzip = gzipOf(served.plain);
    served.etag = etagOf(served.plain);
    files_.emplace(std::move(path), std::move(served));
}

std::optional<net::HttpResponse> ConsolePage::answer(const net::HttpRequest& request) const {
    const auto found = files_.find(request.path);
    if (found == files_.end()) return std::nullopt;
    const Served& file = found->second;
    if (request.method != "GET") {
        auto refused = httpRefusal({ErrorCode::method_not_allowed, "this page can only be read"});
        refused.headers.emplace_back("Allow", "GET, HEAD");
        return refused;
    }
    net::HttpResponse response;
    response.headers = {
        {"Cache-Control", file.fixed ? "public, max-age=31536000, immutable" : "no-cache"},
        {"ETag", file.etag},
        {"Vary", "Accept-Encoding"},
        {"Content-Security-Policy", std::string(kPolicy)},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    if (names(request.ifNoneMatch, file.etag)) {
        response.status = 304;
        response.contentType.clear();
        return response;
    }
    response.contentType = file.type;
    response.body = request.acceptsGzip ? file.gzip : file.plain;
    if (request.acceptsGzip) response.headers.emplace_back("Content-Encoding", "gzip");
    return response;
}

}  // namespace parley
