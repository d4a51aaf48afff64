#pragma once

#include <parley/core/error.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// One request's head, read with POCO after the checks that POCO does not make. Pure.
namespace parley::net {

/// Why a request is refused before any service sees it; the connection is closed after it.
struct HttpError {
    int status = 400;
    std::string message;
    ErrorCode code = ErrorCode::invalid_request;
};

/// What the server needs to know of a request.
struct RequestHead {
    std::string method;
    std::string path;   ///< still percent-encoded, without the query
    std::string query;  ///< without '?'
    std::string contentType;
    std::string ifNoneMatch;
    std::string parleyPosition;         ///< Parley-Position; several are joined with ", "
    bool acceptsGzip = false;           ///< RFC 9110, 12.5.3; "*" does not count
    std::optional<std::string> origin;  ///< as it came, without control characters
    std::optional<std::string> host;    ///< the target's if it has one, else Host; with its port
    bool crossSite = false;             ///< the browser says that a page of another site asks
    /// Whether the browser says that the server's own page asks, or its user; nothing: it says
    /// nothing of it (Sec-Fetch-Site).
    std::optional<bool> fromHere;
    // Secrets: not for a log or an error's message. Empty where the request has none.
    std::string authorization;
    std::string cookie;  ///< several fields are joined with "; "
    // What proxies say of the client; several fields are joined with ", ", the last proxy's last.
    std::string forwardedFor;    ///< X-Forwarded-For
    std::string forwardedProto;  ///< X-Forwarded-Proto
    bool forwarded = false;      ///< there is an X-Forwarded-For or a Forwarded (RFC 7239)
    std::string requestHeaders;  ///< Access-Control-Request-Headers; empty if it must not be echoed
    std::uint64_t contentLength = 0;
    bool chunked = false;  ///< the body comes in chunks, see ChunkedBody
    bool http10 = false;
    bool keepAlive = true;
    bool expectContinue = false;
    bool upgrade = false;  ///< asks for WebSocket: `Upgrade` names it
    bool connectionUpgrade = false;
    std::string webSocketKey;
    std::string webSocketVersion;
    std::string webSocketProtocol;  ///< the first one offered

    bool hasBody() const { return chunked || contentLength > 0; }
};

/// Bounds of a head, in bytes. POCO's own bounds hold besides: 100 fields, names below 256 bytes,
/// values below 8192.
struct HeadLimits {
    std::size_t headBytesMax = 16 * 1024;
    std::size_t targetBytesMax = 8 * 1024;
};

/// A header line, or one of a trailer.
struct HeaderField {
    std::string_view name;
    std::string_view value;  ///< without the blanks around it
};
/// Splits a line, without its CRLF, into name and value, or says why it must be refused.
std::variant<HeaderField, HttpError> readField(std::string_view line);

/// Looks for the end of the head in what has arrived. `scanned` is where to go on, 0 at first.
/// Returns the head's length with its closing CRLFCRLF, 0 while it is incomplete, or an error as
/// soon as it must be refused (a bare LF would end it for POCO but not for the standard).
std::variant<std::size_t, HttpError> findHeadEnd(std::string_view buffer, std::size_t& scanned,
                                                 const HeadLimits& limits);

/// Reads a whole head as findHeadEnd delimited it.
std::variant<RequestHead, HttpError> parseHead(std::string_view head, const HeadLimits& limits);

}  // namespace parley::net
