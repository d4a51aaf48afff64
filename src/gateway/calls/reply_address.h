#pragma once

#include <parley/core/numbers.h>
#include <parley/engine/request.h>
#include <parley/gateway/calls/wire_request.h>

#include <cstdint>
#include <optional>

namespace parley {

/// A request that a client sent over its socket, as far as answering it goes.
struct SocketCall {
    ConnectionId connection;
    WireRequest request;
    std::optional<std::uint64_t> ackId;  ///< nothing: the client asked for no ack
    /// When it was read: the lower bits of preciseTime, in microseconds.
    std::uint32_t askedAt = 0;
};

/// How a request to the engine is answered, and by which loop: what the gateway writes into
/// Origin::replyTo. A value; any thread.
class ReplyAddress {
public:
    enum class Way : std::uint8_t {
        nobody,        ///< nobody waits: how a default-constructed ReplyTo reads
        ack,           ///< by the ack that the client asked for
        event,         ///< by an event of the request's name, `exception` when refused
        http,          ///< as the response to a REST request
        continuation,  ///< by what the loop itself goes on with (Calls)
        record,        ///< the same, of a REST request whose question is recorded (AuditRecords)
    };

    static ReplyAddress ofCall(LoopIndex loop, const SocketCall& call) {
        return {call.ackId ? Way::ack : Way::event, loop, call.ackId.value_or(0), call.request,
                call.askedAt};
    }
    static ReplyAddress ofHttp(LoopIndex loop, std::uint64_t request) {
        return {Way::http, loop, request, {}};
    }
    static ReplyAddress ofContinuation(LoopIndex loop, std::uint64_t number) {
        return {Way::continuation, loop, number, {}};
    }
    static ReplyAddress ofRecord(LoopIndex loop, std::uint64_t number) {
        return {Way::record, loop, number, {}};
    }
    static ReplyAddress in(const Origin& origin) { return origin.replyTo.as<ReplyAddress>(); }

    ReplyAddress() = default;

    Way way() const { return way_; }
    LoopIndex loop() const { return loop_; }
    /// Of the REST request, of the continuation or of the record.
    std::uint64_t number() const { return number_; }
    /// The client's request that this answers; nothing where it is not one of a socket.
    std::optional<SocketCall> callOf(ConnectionId connection) const {
        if (way_ == Way::ack) return SocketCall{connection, request_, number_, askedAt_};
        if (way_ == Way::event) return SocketCall{connection, request_, std::nullopt, askedAt_};
        return std::nullopt;
    }

private:
    ReplyAddress(Way way, LoopIndex loop, std::uint64_t number, WireRequest request,
                 std::uint32_t askedAt = 0)
        : number_(number), askedAt_(askedAt), loop_(loop), way_(way), request_(request) {}

    std::uint64_t number_ = 0;  // or the ack's
    std::uint32_t askedAt_ = 0;
    LoopIndex loop_{};
    Way way_ = Way::nobody;
    WireRequest request_{};  // of an ack or an event alone
};

}  // namespace parley
