#pragma once

#include "gateway/calls/command_intake.h"
#include "gateway/gateway_state.h"
#include "gateway/rest/rest_target.h"

#include <parley/core/json.h>
#include <parley/domain/command.h>
#include <parley/engine/reader_pool.h>
#include <parley/gateway/calls/wire_request.h>
#include <parley/net/server.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// One REST request, and the ways in which a route's handler can answer it. The loop's thread,
/// unless a function says otherwise.
namespace parley {

class AuditRecords;

/// What the handlers of one loop work with. The references outlive the loop's traffic.
struct RestServices {
    GatewayState& shared;
    net::Loop& loop;
    CommandIntake& intake;
    AuditRecords& audits;
};

/// A request with its URL taken apart. Lives until its handler returns: a read that answers later
/// takes copies.
struct RestCall {
    const net::HttpRequest& http;
    RestTarget target;
    std::string_view pattern;         ///< the route's
    std::optional<RateClass> rate{};  ///< the route's
    PrincipalPtr principal{};         ///< null with auth.mode=none, and for probes without a token

    /// The segment of the path that the pattern calls `name`, as in ":id". An empty ":id" is the
    /// query's conversationId: URLs cannot hold the ids "." and ".." (WHATWG URL, 4.4). REQUIRES:
    /// it has one.
    const std::string& parameter(std::string_view name) const;
};

/// Answers with 200 and this JSON.
net::HttpResponse jsonResponse(std::string body);

/// Answers now.
void respond(const RestCall& call, RestServices& services, net::HttpResponse response);
void refuse(const RestCall& call, RestServices& services, const Error& error);

/// Makes a command of the request's body, or says why not.
using CommandParser = std::function<Result<Command>(Json body)>;
/// Hands the command to the writer, whose outcome answers. Refuses where the body is not JSON,
/// `parse` refuses it or the writer takes nothing.
void submitCommand(const RestCall& call, RestServices& services, const CommandParser& parse);

/// Answers the request of this number from another thread than its loop's, and counts a refusal.
void respondFrom(GatewayState& shared, net::Loop& loop, std::uint64_t request,
                 Result<net::HttpResponse> response);

/// Reads an answer, on a reader's thread, in one snapshot.
using RestRead = std::function<Result<net::HttpResponse>(ReadContext&)>;
/// Answers with what `read` returns, once it is this client's turn. Refuses where too much waits.
void answerByRead(const RestCall& call, RestServices& services, RestRead read,
                  ReadSize size = ReadSize::small);
/// Likewise the request of this number, of which nothing else is there any more.
void answerByRead(GatewayState& shared, net::Loop& loop, std::uint64_t request, RestRead read,
                  ReadSize size);

}  // namespace parley
