#pragma once

#include "gateway/rest/position_waits.h"
#include "gateway/rest/rest_call.h"
#include "gateway/rest/routes.h"

#include <parley/net/server.h>

#include <string_view>

namespace parley {

/// The REST twin: the same commands, order and refusals as over the socket. The loop's thread.
class Rest {
public:
    /// The references outlive this.
    Rest(GatewayState& shared, net::Loop& loop, CommandIntake& intake, AuditRecords& audits)
        : services_{shared, loop, intake, audits} {}

    /// Answers now or later, as the request's route says (routes.h).
    void handle(const net::HttpRequest& request);
    /// As net::Service::isForOwnPages. Any thread.
    static bool isForOwnPages(std::string_view path);

private:
    /// With tokens, a body must be JSON by its Content-Type.
    Result<void> takesBody(const net::HttpRequest& request) const;
    Result<void> identify(RestCall& call, const RestRoute& route) const;
    Result<void> isInside(const RestCall& call) const;
    Result<void> admit(const RestCall& call) const;
    void carryOut(const RestCall& call, const RestRoute& route);
    void refuseRoute(const RestCall& call, const Error& error);

    RestServices services_;
    PositionWaits positions_{services_};
};

}  // namespace parley
