#pragma once

#include <parley/core/result.h>
#include <parley/engine/request.h>
#include <parley/engineio/frame.h>
#include <parley/gateway/calls/wire_request.h>
#include <parley/net/server.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

/// Replies and refusals in the form their request asked for.
namespace parley {

/// How a request is answered: what Origin::via holds.
enum class Via : std::uint8_t {
    nothing,       ///< nobody waits
    ack,           ///< the ack of id Origin::answer
    event,         ///< no ack asked: an event of the request's name, `exception` when refused
    http,          ///< the HTTP request of number Origin::answer
    continuation,  ///< the loop's own step number Origin::answer
    resume,        ///< a client that asked for its session and awaits its CONNECT reply
};

/// A reply to a join, whose conversation may be large, and is encoded once for all joins that are
/// shown the same. It becomes a body only when it is sent.
struct JoinAnswer {
    std::string participant;                          ///< JSON
    std::shared_ptr<const std::string> conversation;  ///< JSON
    Position position;
};
std::string bodyOf(const JoinAnswer& answer);

/// A reply's JSON body.
std::string bodyOf(const Reply& reply);
/// {"success":false,"error":...,"code":...}, and the facts where there are some:
/// {...,"lastSeq":7,"missed":[Message...],"more":false} or {...,"messageId":"..."}.
std::string bodyOf(const Error& error, const RefusalFacts* facts = nullptr);

/// The frame for a socket's request; null where nothing is sent (success that needs no event).
engineio::FramePtr answerFrame(const Origin& origin, std::string_view body);
engineio::FramePtr refusalFrame(const Origin& origin, const Error& error,
                                std::string_view eventName, const RefusalFacts* facts = nullptr);

net::HttpResponse httpRefusal(const Error& error, const RefusalFacts* facts = nullptr);

}  // namespace parley
