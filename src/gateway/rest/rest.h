#pragma once

#include "gateway/rest/rest_call.h"

#include <parley/core/random.h>
#include <parley/core/uuid.h>
#include <parley/net/server.h>

namespace parley {

/// The REST twin: the same commands, order and refusals as over the socket. The loop's thread.
class Rest {
public:
    /// The references outlive this.
    Rest(GatewayState& shared, net::Loop& loop, Random& random)
        : uuids_(random), services_{shared, loop, uuids_} {}

    /// Answers now or later, as the request's route says (routes.h).
    void handle(const net::HttpRequest& request);

private:
    UuidGenerator uuids_;
    RestServices services_;
};

}  // namespace parley
