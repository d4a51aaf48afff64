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

std::string gzipOf(std::string_view bytes) {
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

std::string withFacts(std::string_view page, const ConsoleOptions& options,
                      const ConsoleFacts& facts) {
    std::string bytes(page);
    const auto at = bytes.find(kPlaceholder);
    if (at == std::string::npos) return bytes;
    return bytes.replace(at, kPlaceholder.size(), inAttribute(factsJson(options, facts)));
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
        if (file.name == "index.html") {
            add("/", {file.name, keep(withFacts(file.bytes, options, facts))});
        } else if (file.name == "favicon.svg") {
            add("/favicon.ico", file);
        } else {
            add("/console/" + std::string(file.name), file);
        }
    }
}

void ConsolePage::add(std::string path, const ConsoleFile& file) {
    const auto gzip = file.gzip.empty() ? keep(gzipOf(file.bytes)) : file.gzip;
    const bool fixed = path.starts_with("/console/");
    files_.emplace(std::move(path), Served{.type = typeOf(file.name),
                                           .plain = {file.bytes, etagOf(file.bytes)},
                                           .gzip = {gzip, etagOf(gzip)},
                                           .fixed = fixed});
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
    const Form& form = request.acceptsGzip ? file.gzip : file.plain;
    net::HttpResponse response;
    response.headers = {
        {"Cache-Control", file.fixed ? "public, max-age=31536000, immutable" : "no-cache"},
        {"ETag", form.etag},
        {"Vary", "Accept-Encoding"},
        {"Content-Security-Policy", std::string(kPolicy)},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    if (names(request.ifNoneMatch, form.etag)) {
        response.status = 304;
        response.contentType.clear();
        return response;
    }
    response.contentType = file.type;
    response.body = form.bytes;
    if (request.acceptsGzip) response.headers.emplace_back("Content-Encoding", "gzip");
    return response;
}

}  // namespace parley
