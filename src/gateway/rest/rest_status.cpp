#include "gateway/metrics.h"
#include "gateway/readiness.h"
#include "gateway/rest/routes.h"

#include <parley/core/json_writer.h>
#include <parley/core/warnings.h>

#include <string>
#include <string_view>
#include <utility>

namespace parley {
namespace {

constexpr std::string_view kStorageFull =
    "the disk of the data folder is full, or one of its files has reached a size limit "
    "(ulimit -f): writes are refused, reads work; recovers when space is freed";

// Words can hold paths, pids and numbers, which are not for everybody where tokens are asked for.
bool mayReadReasons(const RestCall& call, const RestServices& services) {
    if (!services.shared.authenticator) return true;
    return call.principal &&
           authorize(actorOf(*call.principal), ServerAction::readReasons) == Permission::allowed;
}

// Each check by its name, the good ones too.
void appendChecks(JsonWriter& json, const GatewayState& shared, bool words) {
    json.key("checks").beginArray();
    for (const auto& check : readyChecks(shared)) {
        json.beginObject().field("name", check.name).field("ok", check.ok);
        if (words) json.field("text", std::string_view(check.text));
        json.endObject();
    }
    json.endArray();
}

// `reason`: why the server is not ready; empty where `status` says it all, or without `words`.
net::HttpResponse readinessResponse(std::string_view status, std::string_view reason,
                                    const GatewayState& shared, bool words) {
    net::HttpResponse response;
    JsonWriter json(response.body);
    json.beginObject().field("status", status);
    if (words && !reason.empty()) json.field("reason", reason);
    appendChecks(json, shared, words);
    if (shared.follower) {
        json.key("audit").beginObject().field("lag", shared.follower->lag()).endObject();
    }
    const auto warnings = shared.engine->warnings().lines();
    json.key("warnings").beginArray();
    for (const auto& line : warnings) {
        json.beginObject().field("name", line.name);
        if (words) json.field("text", line.text);
        json.endObject();
    }
    json.endArray().endObject();
    return response;
}

net::HttpResponse statusResponse(std::string_view status) {
    net::HttpResponse response;
    JsonWriter(response.body).beginObject().field("status", status).endObject();
    return response;
}

}  // namespace

void health(const RestCall& call, RestServices& services) {
    respond(call, services, statusResponse("ok"));
}

void readiness(const RestCall& call, RestServices& services) {
    net::HttpResponse response;
    const Engine& engine = *services.shared.engine;
    const bool words = mayReadReasons(call, services);
    if (services.shared.draining.load(std::memory_order_relaxed)) {
        JsonWriter json(response.body);
        json.beginObject().field("status", "draining");
        appendChecks(json, services.shared, words);
        json.endObject();
        response.status = 503;
    } else if (engine.counters().storageFull) {
        response = readinessResponse("storage_full", kStorageFull, services.shared, words);
        response.status = 503;
    } else if (const auto fault = clusterFault(services.shared)) {
        response = readinessResponse(fault->name, fault->text, services.shared, words);
        response.status = 503;
    } else {
        response = readinessResponse("ready", "", services.shared, words);
    }
    respond(call, services, std::move(response));
}

void metrics(const RestCall& call, RestServices& services) {
    net::HttpResponse response;
    response.body = metricsText(services.shared);
    response.contentType = "text/plain; version=0.0.4; charset=utf-8";
    respond(call, services, std::move(response));
}

}  // namespace parley
