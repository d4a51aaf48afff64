#pragma once

#include "net/http_head.h"
#include "net/http_response.h"

#include <parley/net/server.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::net {

/// Which web pages may talk to the server (Options::corsOrigins), and under which names it answers
/// (Options::hosts). Asked once for each request as soon as its head is read, whatever it is for: a
/// handshake, a poll, a WebSocket, a REST route, a preflight. Immutable; any thread.
///
/// A browser sends requests for any page that is open in it. It tells the page's origin (`Origin`)
/// and the name under which it found the server (`Host`), and a page can forge neither. Other
/// programs can forge both, but they need no browser to reach the server.
class WebAccess {
public:
    explicit WebAccess(const Options& options);

    /// Why the request is refused: `misdirected`, `origin_refused` or `unsupported_media_type`.
    /// Nothing: it is not. `forEngine`: its path is Engine.IO's.
    std::optional<HttpError> refusalOf(const RequestHead& head, bool forEngine) const;
    /// Whether a page of the server's own origin asks, or no page at all: what the browser says
    /// (Sec-Fetch-Site), else what its `Origin` says. Whatever the list allows.
    static bool isOwnPage(const RequestHead& head);
    /// Whether OPTIONS may be answered with `preflight`; else services get it like any request.
    bool answersPreflights() const { return any_ || local_ || !listed_.empty(); }
    /// Appends the CORS headers of a response to a page of `origin`, which may be empty. Pages that
    /// the list names may read responses to requests with credentials; pages that only "*" allows
    /// may not.
    void append(HeaderList& headers, std::string_view origin) const;
    /// The headers of the answer (204) to an OPTIONS request.
    HeaderList preflight(const RequestHead& head) const;

private:
    bool isServedAs(std::string_view host) const;
    bool names(std::string_view origin) const;

    bool anyHost_ = false;
    std::string openPage_;             // links of all sites may lead to it; empty: none
    bool any_ = false;                 // "*"
    bool local_ = false;               // "local"
    std::vector<std::string> listed_;  // as normalOrigin makes them
    std::vector<std::string> hosts_;   // as normalHost makes them
};

}  // namespace parley::net
