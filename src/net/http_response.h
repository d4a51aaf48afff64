#pragma once

#include "net/http_head.h"

#include <parley/core/clock.h>
#include <parley/engineio/endpoint.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The bytes of responses. Pure.
namespace parley::net {

/// Headers beyond those that every answer has.
using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// The properties of a request that decide how its answer is written.
struct ResponseShape {
    bool http10 = false;
    bool keepAlive = true;
    bool headOnly = false;  ///< HEAD: Content-Length as for GET, but no body
    bool overTls = false;
};

/// A whole response, with the headers that HttpResponse promises. Headers whose name or value has a
/// control character are left out.
std::string encodeResponse(int status, std::string_view contentType, std::string_view body,
                           const HeaderList& headers, const ResponseShape& shape, UnixMillis now);

/// The 101 that opens a WebSocket. `protocol` may be empty.
std::string encodeHandshake(const std::string& accept, const std::string& protocol);

/// The headers of a refusal of Engine.IO: Retry-After, where it says when to try again.
HeaderList headersOf(const engineio::Refusal& refusal);

/// A refusal by the HTTP layer itself, in the form of every refusal: JSON with `error`, `code`.
std::string errorBody(const HttpError& error);

}  // namespace parley::net
