#include "gateway/calls/answer.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/json_writer.h>
#include <parley/socketio/packet.h>

#include <algorithm>
#include <string>
#include <variant>

namespace parley {
namespace {

using socketio::PacketType;

constexpr const char* kSuccess = R"({"success":true})";

struct Body {
    std::string operator()(const JoinReply&) const { return {}; }  // answered by JoinAnswer
    std::string operator()(const DoneReply&) const { return kSuccess; }
    std::string operator()(const WatchReply& watched) const {
        std::string out;
        JsonWriter json(out);
        json.beginObject().field("success", true);
        json.field("position", watched.position.value).endObject();
        return out;
    }
    std::string operator()(const MessageReply& sent) const {
        std::string out;
        wire::appendMessage(out, *sent.message);
        return out;
    }
    std::string operator()(const ConversationReply& started) const {
        std::string out;
        // Its first participants are all shown.
        wire::appendConversation(out, started.conversation, started.figures, Viewer(),
                                 {.title = started.title, .description = started.description});
        return out;
    }
    std::string operator()(const ResumeReply&) const { return {}; }  // answered by CONNECT
};

engineio::FramePtr ackFrame(std::uint64_t id, std::string_view body) {
    engineio::FrameBuilder frame(body.size() + 32);
    socketio::appendPacketHead(frame.out(), PacketType::ack, "/", id);
    JsonWriter(frame.out()).beginArray().raw(body).endArray();
    return frame.finish();
}

struct WriteFacts {
    JsonWriter& json;

    void operator()(const Unseen& unseen) const {
        json.field("lastSeq", unseen.lastSeq.value).key("missed").beginArray();
        for (const auto& message : unseen.messages) wire::appendMessage(json.out(), message);
        json.endArray().field("more", unseen.more);
    }
    void operator()(const UsedBefore& used) const { json.field("messageId", used.message); }
};

void writeFacts(JsonWriter& json, const Error& error, const RefusalFacts* facts) {
    if (error.retryAfterMs > 0) json.field("retryAfterMs", std::int64_t{error.retryAfterMs});
    if (facts != nullptr) std::visit(WriteFacts{json}, *facts);
}

// In whole seconds, rounded up. RFC 9110, section 10.2.3.
std::string retryAfterSeconds(const Error& error) {
    return std::to_string(std::max<std::uint32_t>(1, (error.retryAfterMs + 999) / 1000));
}

}  // namespace

std::string bodyOf(const JoinAnswer& answer) {
    std::string out;
    out.reserve(answer.participant.size() + answer.conversation->size() + 96);
    JsonWriter json(out);
    json.beginObject().field("success", true).rawField("participant", answer.participant);
    json.rawField("conversation", *answer.conversation);
    json.field("position", answer.position.value).endObject();
    return out;
}

std::string bodyOf(const Reply& reply) {
    return std::visit(Body{}, reply);
}

std::string bodyOf(const Error& error, const RefusalFacts* facts) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().field("success", false).field("error", error.message);
    json.field("code", error.name());
    writeFacts(json, error, facts);
    json.endObject();
    return out;
}

engineio::FramePtr eventFrame(std::string_view name, std::string_view body) {
    engineio::FrameBuilder frame(body.size() + 64);
    socketio::appendPacketHead(frame.out(), PacketType::event, "/");
    JsonWriter(frame.out()).beginArray().value(name).raw(body).endArray();
    return frame.finish();
}

engineio::FramePtr answerFrame(const SocketCall& call, std::string_view body) {
    if (call.ackId) return ackFrame(*call.ackId, body);
    const auto& request = info(call.request);
    return request.answersWithEvent ? eventFrame(request.name, body) : nullptr;
}

engineio::FramePtr refusalFrame(const SocketCall& call, const Error& error,
                                const RefusalFacts* facts) {
    return refusalFrame(call.ackId, wireRequestName(call.request), error, facts);
}

engineio::FramePtr refusalFrame(std::optional<std::uint64_t> ackId, std::string_view eventName,
                                const Error& error, const RefusalFacts* facts) {
    if (ackId) return ackFrame(*ackId, bodyOf(error, facts));
    std::string body;
    JsonWriter json(body);
    json.beginObject().field("status", "error").field("message", error.message);
    json.field("code", error.name()).field("event", eventName);
    writeFacts(json, error, facts);
    json.endObject();
    return eventFrame("exception", body);
}

void tellPosition(net::HttpResponse& response, Position known) {
    constexpr const char* kName = "Parley-Position";
    auto& headers = response.headers;
    const bool isTold =
        std::ranges::any_of(headers, [](const auto& one) { return one.first == kName; });
    if (isTold) return;
    headers.emplace_back("Access-Control-Expose-Headers", kName);
    headers.emplace_back(kName, std::to_string(known.value));
}

net::HttpResponse httpRefusal(const Error& error, const RefusalFacts* facts) {
    net::HttpResponse response;
    response.status = errorInfo(error.code).httpStatus;
    response.body = bodyOf(error, facts);
    if (errorInfo(error.code).retry) {
        response.headers.emplace_back("Retry-After", retryAfterSeconds(error));
        response.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After");
    }
    if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace parley
