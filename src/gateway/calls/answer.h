#pragma once

#include "gateway/calls/reply_address.h"

#include <parley/core/result.h>
#include <parley/engine/request.h>
#include <parley/engineio/frame.h>
#include <parley/net/server.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Replies and refusals in the form their request asked for. Any thread.
namespace parley {

/// The reply to a join. Its conversation may be large, and is encoded once for all joins that are
/// shown the same; the body is put together only when it is sent.
struct JoinAnswer {
    std::string participant;                          ///< JSON
    std::shared_ptr<const std::string> conversation;  ///< JSON
    Position position;
};
std::string bodyOf(const JoinAnswer& answer);

/// A reply's JSON body. Empty for those that something else answers: a join (JoinAnswer), a
/// barrier, a resumed session.
std::string bodyOf(const Reply& reply);
/// {"success":false,"error":...,"code":...}, and the facts where there are some:
/// {...,"lastSeq":7,"missed":[Message...],"more":false} or {...,"messageId":"..."}.
std::string bodyOf(const Error& error, const RefusalFacts* facts = nullptr);

/// An event with one argument, a JSON text.
engineio::FramePtr eventFrame(std::string_view name, std::string_view body);
/// The frame that answers a socket's request; null where nothing is sent (success that needs no
/// event).
engineio::FramePtr answerFrame(const SocketCall& call, std::string_view body);
/// The frame that refuses it.
engineio::FramePtr refusalFrame(const SocketCall& call, const Error& error,
                                const RefusalFacts* facts = nullptr);
/// The same for an event that need not be a request: `eventName` is what the client called it.
engineio::FramePtr refusalFrame(std::optional<std::uint64_t> ackId, std::string_view eventName,
                                const Error& error, const RefusalFacts* facts = nullptr);

/// Says in the header `Parley-Position` that the answer knows all events up to `known`, unless it
/// says already what it knows. REST clients pass it on to a read that must not know less, on
/// another node of a cluster (rest/position_waits.h).
void tellPosition(net::HttpResponse& response, Position known);

net::HttpResponse httpRefusal(const Error& error, const RefusalFacts* facts = nullptr);

}  // namespace parley
