#include "gateway/readiness.h"
#include "gateway/rest/routes.h"

#include <parley/core/json_writer.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley {
namespace {

std::string_view roleOf(const NodeState& state) {
    if (state.leads) return "leader";
    return state.isVoter ? "follower" : "reader";
}

void appendNumber(JsonWriter& json, std::string_view name, std::uint64_t number) {
    json.field(name, static_cast<std::int64_t>(number));
}

void appendFault(JsonWriter& json, const GatewayState& shared) {
    json.key("fault");
    if (const auto fault = clusterFault(shared)) {
        json.beginObject().field("reason", fault->name);
        json.field("text", std::string_view(fault->text)).endObject();
    } else {
        json.null();
    }
}

// This node is not among them: the answer itself tells of it.
void appendOthers(JsonWriter& json, const NodeState& state) {
    json.key("others").beginArray();
    for (const auto& peer : state.peers) {
        json.beginObject().field("name", std::string_view(peer.name));
        json.field("leads", peer.name == state.leader).field("voter", peer.voter);
        json.field("heard", peer.isThere).field("heardMsAgo", std::int64_t{peer.age.count()});
        appendNumber(json, "message", peer.sequence);
        json.endObject();
    }
    json.endArray();
}

void appendStream(JsonWriter& json, const Result<StreamEnds>& ends) {
    json.key("stream");
    if (!ends || !ends->exists) {
        json.null();
        return;
    }
    json.beginObject();
    appendNumber(json, "first", ends->first);
    appendNumber(json, "last", ends->last);
    appendNumber(json, "bytes", ends->bytes);
    json.endObject();
}

net::HttpResponse clusterResponse(const GatewayState& shared) {
    const auto ends = shared.node->streamEnds();
    const NodeState state = shared.node->state();
    std::string out;
    JsonWriter json(out);
    json.beginObject().field("node", std::string_view(state.node)).field("role", roleOf(state));
    json.fieldOrNull("leader", state.leader.empty() ? std::nullopt : std::optional(state.leader));
    appendNumber(json, "incarnation", state.applied.incarnation);
    appendNumber(json, "epoch", state.applied.epoch);
    appendNumber(json, "message", state.applied.sequence);
    appendNumber(json, "durable", state.durable);
    json.field("position", state.position.value);
    appendNumber(json, "waitingRequests", state.waitingRequests);
    appendFault(json, shared);
    appendOthers(json, state);
    appendStream(json, ends);
    json.endObject();
    return jsonResponse(std::move(out));
}

}  // namespace

// In the lane of large reads: the stream's servers may take some seconds to answer.
void showCluster(const RestCall& call, RestServices& services) {
    if (!services.shared.node) {
        return refuse(call, services,
                      {ErrorCode::not_found, "this server is no node of a cluster"});
    }
    answerByRead(
        call, services,
        [&shared = services.shared](ReadContext&) -> Result<net::HttpResponse> {
            return clusterResponse(shared);
        },
        ReadSize::large);
}

}  // namespace parley
