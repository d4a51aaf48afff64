#include "gateway/readiness.h"
#include "gateway/rest/rest_call.h"
#include "gateway/rest/routes.h"

#include <parley/core/json_writer.h>
#include <parley/core/process_usage.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/event_json.h>
#include <parley/log/log_head.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace parley {
namespace {

void appendVerification(JsonWriter& json, const LogVerifier::State& state) {
    json.key("verified");
    if (const auto& last = state.last) {
        json.beginObject().field("position", last->position.value).field("at", last->at);
        json.field("ok", last->ok);
        if (!last->ok) {
            json.field("brokenAt", last->brokenAt.value);
            json.field("problem", std::string_view(last->problem));
        }
        json.endObject();
    } else {
        json.null();
    }
    json.key("verifying");
    if (const auto& now = state.now) {
        json.beginObject().field("position", now->position.value);
        json.field("head", now->head.value).field("startedAt", now->startedAt).endObject();
    } else {
        json.null();
    }
    if (const auto& failure = state.failure) {
        json.key("verifyFailed").beginObject().field("code", failure->error.name());
        json.field("message", std::string_view(failure->error.message));
        json.field("at", failure->at).endObject();
    }
}

void appendStartChecks(JsonWriter& json, const StartChecks& checks) {
    json.key("checkedAtStart").beginObject().field("position", checks.head.value);
    json.field("events", checks.events).field("structure", checks.structure);
    json.field("end", checks.end).endObject();
}

// Sizes alone: to open a database but by SQLite would drop its locks.
void appendFiles(JsonWriter& json, const std::filesystem::path& folder) {
    json.key("files").beginArray();
    for (const auto& file : kFolderFiles) {
        std::error_code error;
        const auto bytes = std::filesystem::file_size(folder / file.name, error);
        if (error) continue;
        json.beginObject().field("name", std::string_view(file.name));
        json.field("bytes", static_cast<std::int64_t>(bytes)).endObject();
    }
    json.endArray();
}

void appendReadiness(JsonWriter& json, const GatewayState& shared) {
    const auto checks = readyChecks(shared);
    json.key("ready").beginObject();
    json.field("ok", std::ranges::all_of(checks, &ReadyCheck::ok)).key("checks").beginArray();
    for (const auto& check : checks) {
        json.beginObject().field("name", check.name).field("ok", check.ok);
        json.field("text", std::string_view(check.text)).endObject();
    }
    json.endArray().endObject().key("warnings").beginArray();
    for (const auto& line : shared.engine->warnings().lines()) {
        json.beginObject().field("name", std::string_view(line.name));
        json.field("text", std::string_view(line.text)).endObject();
    }
    json.endArray();
}

void appendSettings(JsonWriter& json, const std::vector<SettingInForce>& settings) {
    json.key("settings").beginArray();
    for (const auto& setting : settings) {
        json.beginObject().field("name", std::string_view(setting.name));
        json.field("value", std::string_view(setting.value));
        json.field("default", std::string_view(setting.standard));
        json.field("from", std::string_view(setting.from)).endObject();
    }
    json.endArray();
}

void appendProcess(JsonWriter& json, const GatewayState& shared) {
    const UnixMillis now = shared.clock.now();
    const UnixMillis started{static_cast<std::int64_t>(processUsage().startedAt * 1000)};
    json.field("version", std::string_view(shared.options.version)).field("now", now);
    json.field("startedAt", started);
    json.field("uptimeMs", std::max<std::int64_t>(now.value - started.value, 0));
}

// This node first.
void appendCluster(JsonWriter& json, const Node* node) {
    json.key("cluster");
    if (!node) {
        json.null();
        return;
    }
    const auto state = node->state();
    const auto append = [&](std::string_view name, bool voter, bool heard, std::uint64_t message) {
        json.beginObject().field("name", name).field("leads", name == state.leader);
        json.field("voter", voter).field("heard", heard);
        json.field("message", static_cast<std::int64_t>(message)).endObject();
    };
    json.beginObject().field("durable", static_cast<std::int64_t>(state.durable));
    json.field("epoch", static_cast<std::int64_t>(state.applied.epoch)).key("nodes").beginArray();
    append(state.node, state.isVoter, true, state.applied.sequence);
    for (const auto& peer : state.peers) {
        append(peer.name, peer.voter, peer.isThere, peer.sequence);
    }
    json.endArray().endObject();
}

Result<net::HttpResponse> statusOf(ReadContext& context, const GatewayState& shared) {
    PARLEY_TRY_ASSIGN(const auto head, readHead(*context.db));
    const EngineCounters engine = shared.engine->counters();
    std::string out;
    JsonWriter json(out);
    json.beginObject();
    appendProcess(json, shared);
    json.field("position", head.position.value);
    if (head.position.value > 0) {
        hexField(json, "headHash", head.hash);
        json.field("headAt", head.at);
    } else {
        json.key("headHash").null();
    }
    appendVerification(json, shared.verifier->state());
    appendStartChecks(json, shared.engine->startChecks());
    appendFiles(json, shared.dataFolder);
    json.field("growthBytesPerDay", engine.storage.growthBytesPerDay);
    json.field("diskFreeBytes", engine.storageFreeBytes).key("audit");
    if (shared.follower) {
        json.beginObject().field("lag", shared.follower->lag()).endObject();
    } else {
        json.null();
    }
    appendReadiness(json, shared);
    appendCluster(json, shared.node);
    appendSettings(json, shared.settings.get());
    json.endObject();
    return jsonResponse(std::move(out));
}

}  // namespace

void consoleStatus(const RestCall& call, RestServices& services) {
    answerByRead(call, services, [&shared = services.shared](ReadContext& context) {
        return statusOf(context, shared);
    });
}

void startVerification(const RestCall& call, RestServices& services) {
    auto& verifier = *services.shared.verifier;
    if (services.shared.refusing.load(std::memory_order_relaxed)) {
        return refuse(call, services, {ErrorCode::shutting_down, "the server is stopping"});
    }
    const bool started = verifier.start();
    std::string out;
    JsonWriter json(out);
    json.beginObject().field("started", started);
    appendVerification(json, verifier.state());
    json.endObject();
    auto response = jsonResponse(std::move(out));
    response.status = 202;
    respond(call, services, std::move(response));
}

}  // namespace parley
