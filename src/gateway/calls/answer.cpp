#include "gateway/calls/answer.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/json.h>
#include <parley/socketio/packet.h>

#include <utility>

namespace parley {
namespace {

using socketio::PacketType;

struct Body {
    std::string operator()(const Joined&) const { return {}; }  // answered by JoinAnswer
    std::string operator()(const Left&) const { return "{\"success\":true}"; }
    std::string operator()(const TypingAcknowledged&) const { return "{\"success\":true}"; }
    std::string operator()(const Sent& sent) const {
        std::string out;
        wire::appendMessage(out, *sent.message);
        return out;
    }
    std::string operator()(const Started& started) const {
        std::string out;
        wire::appendConversation(out, started.conversation, started.figures,
                                 {.title = started.title, .description = started.description});
        return out;
    }
    std::string operator()(const BarrierPassed& passed) const {
        return "{\"success\":true,\"position\":" + std::to_string(passed.position.value) + "}";
    }
    std::string operator()(const Resumed&) const { return {}; }  // answered by CONNECT
};

engineio::FramePtr ackFrame(std::uint64_t id, std::string_view body) {
    engineio::FrameBuilder frame(body.size() + 32);
    socketio::appendPacketHead(frame.out(), PacketType::ack, "/", id);
    frame.out() += '[';
    frame.out() += body;
    frame.out() += ']';
    return frame.finish();
}

engineio::FramePtr eventFrame(std::string_view name, std::string_view body) {
    engineio::FrameBuilder frame(body.size() + 64);
    socketio::appendPacketHead(frame.out(), PacketType::event, "/");
    frame.out() += '[';
    appendJsonString(frame.out(), name);
    frame.out() += ',';
    frame.out() += body;
    frame.out() += ']';
    return frame.finish();
}

struct AppendFacts {
    std::string& out;

    void operator()(const Missed& missed) const {
        out += ",\"lastSeq\":";
        appendInt(out, missed.lastSeq.value);
        out += ",\"missed\":[";
        bool first = true;
        for (const auto& message : missed.messages) {
            if (!std::exchange(first, false)) out += ',';
            wire::appendMessage(out, message);
        }
        out += missed.more ? "],\"more\":true" : "],\"more\":false";
    }
    void operator()(const UsedBefore& used) const {
        out += ",\"messageId\":\"";
        used.message.appendTo(out);
        out += '"';
    }
};

void appendFacts(std::string& out, const RefusalFacts* facts) {
    if (facts != nullptr) std::visit(AppendFacts{out}, *facts);
}

}  // namespace

std::string bodyOf(const JoinAnswer& answer) {
    std::string out;
    out.reserve(answer.participant.size() + answer.conversation->size() + 96);
    out += "{\"success\":true,\"participant\":";
    out += answer.participant;
    out += ",\"conversation\":";
    out += *answer.conversation;
    out += ",\"position\":";
    appendInt(out, answer.position.value);
    out += '}';
    return out;
}

std::string bodyOf(const Reply& reply) {
    return std::visit(Body{}, reply);
}

std::string bodyOf(const Error& error, const RefusalFacts* facts) {
    std::string out = "{\"success\":false,\"error\":";
    appendJsonString(out, error.message);
    out += ",\"code\":";
    appendJsonString(out, error.name());
    appendFacts(out, facts);
    out += '}';
    return out;
}

engineio::FramePtr answerFrame(const SocketCall& call, std::string_view body) {
    if (call.ackId) return ackFrame(*call.ackId, body);
    return repliesByEvent(call.request) ? eventFrame(wireRequestName(call.request), body) : nullptr;
}

engineio::FramePtr refusalFrame(const SocketCall& call, const Error& error,
                                const RefusalFacts* facts) {
    return refusalFrame(call.ackId, wireRequestName(call.request), error, facts);
}

engineio::FramePtr refusalFrame(std::optional<std::uint64_t> ackId, std::string_view eventName,
                                const Error& error, const RefusalFacts* facts) {
    if (ackId) return ackFrame(*ackId, bodyOf(error, facts));
    std::string body = "{\"status\":\"error\",\"message\":";
    appendJsonString(body, error.message);
    body += ",\"code\":";
    appendJsonString(body, error.name());
    body += ",\"event\":";
    appendJsonString(body, eventName);
    appendFacts(body, facts);
    body += '}';
    return eventFrame("exception", body);
}

net::HttpResponse httpRefusal(const Error& error, const RefusalFacts* facts) {
    net::HttpResponse response;
    response.status = errorInfo(error.code).httpStatus;
    response.body = bodyOf(error, facts);
    if (errorInfo(error.code).retry) {
        response.headers.emplace_back("Retry-After", "1");
        response.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After");
    }
    return response;
}

}  // namespace parley
