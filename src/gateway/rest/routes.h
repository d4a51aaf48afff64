#pragma once

#include "gateway/rest/rest_call.h"

#include <parley/core/result.h>
#include <parley/domain/authorize.h>
#include <parley/gateway/calls/wire_request.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Which REST requests there are: one row each (docs/wire.md). A new route is a row and a handler;
/// the twin of a command is its row in domain/requests.def alone.
namespace parley {

/// Answers one request, now or later. The loop's thread.
using RestHandler = void (*)(const RestCall&, RestServices&);

/// Who may use a route, where tokens say who asks.
struct RouteAccess {
    enum class Who : std::uint8_t {
        everybody,  ///< also without a token
        permitted,  ///< those that the authorization table permits `action`
        asked,      ///< the table is asked for the conversation: by the writer, or by the handler
    };
    Who who = Who::asked;
    std::optional<ServerAction> action{};  ///< of `permitted`
    /// It tells of all conversations: no web page of another origin gets an answer, and with
    /// auth.mode=none no client of another machine.
    bool inside = false;
};

struct RestRoute {
    std::string_view method;   ///< HEAD arrives as GET
    std::string_view pattern;  ///< as matchesRoute takes it
    RestHandler handler;
    RouteAccess access;
    std::optional<RateClass> rate;  ///< how its requests count; nothing: they are never limited
};

/// All routes; of two that match a request, the earlier answers. Any thread.
std::span<const RestRoute> restRoutes();

/// The route of a request. Refuses with `method_not_allowed` where the path is known for another
/// method, else with `not_found`. Any thread.
Result<const RestRoute*> findRoute(std::string_view method, const std::vector<std::string>& path);

/// Whether the path's routes tell of all conversations (RouteAccess::inside). Any thread.
bool isInside(const std::vector<std::string>& path);
/// The methods that the path's routes know, as in Allow: "GET, HEAD". Any thread.
std::string methodsOf(const std::vector<std::string>& path);

/// As which net::Loop counts answers of this route: the console's files come first, then
/// restRoutes. REQUIRES: one of these.
std::size_t routeNumber(const RestRoute& route);
/// "GET /chat/conversations" and so on, by these numbers. Any thread.
std::string routeName(std::size_t number);
/// One beyond the last number.
std::size_t routeNumbersEnd();

/// The REST twins of the commands in domain/requests.def: their parameters are fields of the
/// command, `:id` is its conversation (rest_commands.cpp).
std::vector<RestRoute> commandRoutes();

void startConversation(const RestCall& call, RestServices& services);

/// A page of conversations (rest_list.cpp).
void listConversations(const RestCall& call, RestServices& services);

// Handlers of other reads (rest_reads.cpp).
void showConversation(const RestCall& call, RestServices& services);
void listMessages(const RestCall& call, RestServices& services);
void lastMessages(const RestCall& call, RestServices& services);
void listParticipants(const RestCall& call, RestServices& services);
void dashboardStats(const RestCall& call, RestServices& services);
/// Waits up to two seconds for audit.db, then reads.
void searchMessages(const RestCall& call, RestServices& services);

// Who is there, and what happened in the last minutes (rest_presence.cpp).
void showPresence(const RestCall& call, RestServices& services);
void minuteStats(const RestCall& call, RestServices& services);

// Handlers of reads of the log as it is (rest_log.cpp).
void listEvents(const RestCall& call, RestServices& services);
void showEvent(const RestCall& call, RestServices& services);

// Handlers of the console's status (rest_console.cpp).
void consoleStatus(const RestCall& call, RestServices& services);
void startVerification(const RestCall& call, RestServices& services);

/// How the nodes of the cluster stand (rest_cluster.cpp).
void showCluster(const RestCall& call, RestServices& services);

// Handlers of the console's SQL (rest_sql.cpp).
void askSql(const RestCall& call, RestServices& services);
void listQuestions(const RestCall& call, RestServices& services);

// Handlers of questions about the server itself (rest_status.cpp).
void health(const RestCall& call, RestServices& services);
void readiness(const RestCall& call, RestServices& services);
void metrics(const RestCall& call, RestServices& services);

}  // namespace parley
