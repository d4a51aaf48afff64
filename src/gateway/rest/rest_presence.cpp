#include "gateway/presence/presence_json.h"
#include "gateway/rest/past_question.h"
#include "gateway/rest/routes.h"

#include <parley/core/json_writer.h>
#include <parley/core/try.h>
#include <parley/projection/minute_counts.h>

#include <optional>
#include <string>

namespace parley {
namespace {

constexpr std::size_t kPresentMax = 10'000;
constexpr int kMinutesDefault = 60;

Result<int> minutesIn(const RestTarget& target) {
    const auto* text = valueOf(target, "n");
    if (!text) return kMinutesDefault;
    const auto minutes = wholeNumber(*text);
    const bool isGood = minutes && *minutes >= 1 && *minutes <= MinuteCounts::kMinutesMax;
    if (isGood && !isRepeated(target, "n")) return static_cast<int>(*minutes);
    return Error{ErrorCode::invalid_value,
                 "n must be 1 to " + std::to_string(MinuteCounts::kMinutesMax) + ", once"};
}

std::string minutesJson(const MinuteCounts::Answer& answer) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().key("minutes").beginArray();
    for (const auto& minute : answer.minutes) {
        json.beginObject().field("at", minute.at).key("messages").beginObject();
        for (const auto& role : kUserRoles) {
            json.key(role.name).value(minute.messages[static_cast<std::size_t>(role.role) - 1]);
        }
        json.endObject().field("started", minute.started).endObject();
    }
    json.endArray().fieldOrNull("completeSince", answer.completeSince);
    json.field("position", answer.upTo.value).endObject();
    return out;
}

}  // namespace

void showPresence(const RestCall& call, RestServices& services) {
    if (asksPast(call)) return refuse(call, services, knowsNoPast());
    const auto news = services.shared.engine->presence().all(kPresentMax);
    respond(call, services, jsonResponse(presenceJson(news, true)));
}

void minuteStats(const RestCall& call, RestServices& services) {
    if (asksPast(call)) return refuse(call, services, knowsNoPast());
    const auto minutes = minutesIn(call.target);
    if (!minutes) return refuse(call, services, minutes.error());
    answerByRead(call, services,
                 [count = *minutes,
                  &shared = services.shared](ReadContext& context) -> Result<net::HttpResponse> {
                     PARLEY_TRY_ASSIGN(const auto answer,
                                       shared.minutes.read(*context.db, context.times,
                                                           shared.clock.now(), count));
                     return jsonResponse(minutesJson(answer));
                 });
}

}  // namespace parley
