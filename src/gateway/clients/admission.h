#pragma once

#include "gateway/calls/calls.h"
#include "gateway/clients/client.h"
#include "gateway/clients/rooms.h"
#include "gateway/clients/token_life.h"
#include "gateway/gateway_state.h"
#include "gateway/recovery/catch_ups.h"

#include <parley/core/cursor.h>
#include <parley/core/json.h>
#include <parley/core/random.h>
#include <parley/log/hash_chain.h>

#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// Lets a loop's clients into the default namespace, with a session where they want one, and takes
/// note of their leaving. The loop's thread only.
class Admission {
public:
    /// The references outlive this. `random` is used on the loop's thread alone.
    Admission(GatewayState& shared, net::Loop& loop, Random& random, Calls& calls, Rooms& rooms,
              CatchUps& catchUps, TokenLife& tokens)
        : shared_(shared),
          loop_(loop),
          random_(random),
          calls_(calls),
          rooms_(rooms),
          catchUps_(catchUps),
          tokens_(tokens) {}

    /// Answers a CONNECT with the payload `auth`: at once, or once the writer has found the session
    /// that the client asks for. REQUIRES: no call of the client is under way.
    void connect(Client& client, const Json& auth);
    /// The client left the default namespace, or is gone: it receives nothing more, and the writer
    /// is told. `sessionEnds`: it left by itself, so its session cannot be resumed.
    void leave(Client& client, bool sessionEnds);

private:
    Result<PrincipalPtr> identify(Client& client, const Json& auth);
    void letIn(Client& client, std::string_view pid);
    void openSession(Client& client);
    void resumeSession(Client& client, const std::string& pid, std::optional<Cursor> cursor);
    void onResumed(Client& client, const Result<Reply>& reply);

    GatewayState& shared_;
    net::Loop& loop_;
    Random& random_;
    Calls& calls_;
    Rooms& rooms_;
    CatchUps& catchUps_;
    TokenLife& tokens_;
    Sha256 sha_;
};

}  // namespace parley
