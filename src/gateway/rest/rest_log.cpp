#include "gateway/history/json_page.h"
#include "gateway/log/log_query.h"
#include "gateway/rest/rest_call.h"
#include "gateway/rest/routes.h"

#include <parley/core/hex.h>
#include <parley/core/json_writer.h>
#include <parley/core/try.h>
#include <parley/log/event_json.h>
#include <parley/log/read/log_pages.h>
#include <parley/projection/as_of.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace parley {
namespace {

constexpr int kLimitMax = 500;
constexpr int kLimitDefault = 100;

/// What the query asks for.
struct LogQuestion {
    LogQuery query;
    std::optional<AsOf> bound;  ///< nothing: the log's end
    bool forward = false;
    int limit = kLimitDefault;
};

Error invalid(std::string message) {
    return {ErrorCode::invalid_value, std::move(message)};
}

Result<int> readLimit(const std::string& text) {
    const auto limit = wholeNumber(text);
    if (limit && *limit >= 1 && *limit <= kLimitMax) return static_cast<int>(*limit);
    return invalid("limit must be a whole number from 1 to " + std::to_string(kLimitMax));
}

Result<AsOf> readBound(const char* name, const std::string& text, UnixMillis now) {
    auto bound = parseAsOf(timeIn(text), now);
    if (bound) return bound;
    return Error{bound.error().code, std::string(name) + ": " + bound.error().message};
}

Result<LogQuestion> readQuestion(const RestTarget& target, UnixMillis now) {
    PARLEY_TRY(checkOnce(target, {"before", "after", "conversationId", "userId", "type", "limit"}));
    LogQuestion question;
    const auto* before = valueOf(target, "before");
    const auto* after = valueOf(target, "after");
    if (before && after) return invalid("before and after exclude each other");
    question.forward = after != nullptr;
    if (before || after) {
        PARLEY_TRY_ASSIGN(question.bound,
                          readBound(after ? "after" : "before", after ? *after : *before, now));
    }
    if (const auto* id = valueOf(target, "conversationId")) {
        PARLEY_TRY_ASSIGN(question.query.conversation,
                          ConversationId::parse(*id, "conversationId"));
    }
    if (const auto* id = valueOf(target, "userId")) {
        PARLEY_TRY_ASSIGN(question.query.user, UserId::parse(*id, "userId"));
    }
    if (const auto* types = valueOf(target, "type")) {
        PARLEY_TRY_ASSIGN(question.query.types, parseEventTypes(*types));
    }
    if (const auto* limit = valueOf(target, "limit")) {
        PARLEY_TRY_ASSIGN(question.limit, readLimit(*limit));
    }
    return question;
}

// Before a time: before the first event that is not earlier. After it: after the last one that is
// not later.
Result<Position> positionOf(ReadContext& context, const LogQuestion& question, Position head) {
    if (!question.bound) return Position{head.value + 1};
    const auto* position = std::get_if<Position>(&*question.bound);
    // A position is bounded, as sums with it must be.
    if (position) return Position{std::min(position->value, head.value + 1)};
    const auto time = std::get<UnixMillis>(*question.bound);
    PARLEY_TRY_ASSIGN(const auto moment,
                      context.times.at(UnixMillis{time.value - (question.forward ? 0 : 1)}));
    return Position{moment.position.value + (question.forward ? 0 : 1)};
}

std::string pageJson(const JsonPage& events, const LogQuestion& question,
                     std::optional<Position> next, Position head) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().rawField("events", events.array()).key("next");
    if (next) {
        json.beginObject();
        json.field(std::string_view(question.forward ? "after" : "before"), next->value);
        json.endObject();
    } else {
        json.null();
    }
    json.field("head", head.value).endObject();
    return out;
}

Result<net::HttpResponse> eventsPage(ReadContext& context, const LogQuestion& question) {
    PARLEY_TRY_ASSIGN(const auto pages, pagesOf(context));
    PARLEY_TRY_ASSIGN(const Position head, pages->head());
    PARLEY_TRY_ASSIGN(const auto filter, filterOf(context, question.query));
    JsonPage events;
    if (!filter) return jsonResponse(pageJson(events, question, {}, head));
    PARLEY_TRY_ASSIGN(const Position bound, positionOf(context, question, head));
    PARLEY_TRY_ASSIGN(
        const auto next,
        pages->read({*filter, bound, question.forward, question.limit},
                    [&](const StoredEvent& stored) { return events.add(eventJson(stored)); }));
    return jsonResponse(pageJson(events, question, next, head));
}

std::optional<std::int64_t> numberOf(std::optional<Position> position) {
    return position ? std::optional(position->value) : std::nullopt;
}

std::string checkedJson(const CheckedEvent& checked, Position head) {
    const Event& event = checked.stored.event;
    std::string out;
    JsonWriter json(out);
    json.beginObject().rawField("event", eventJson(checked.stored));
    hexField(json, "hash", checked.stored.hash);
    hexField(json, "previousHash", checked.previousHash);
    hexField(json, "recomputedHash", checked.recomputed);
    json.field("ok", checked.problem.empty());
    if (!checked.problem.empty()) json.field("problem", std::string_view(checked.problem));
    json.field("emptied", checked.stored.commitment.has_value()).key("cause");
    if (event.cause.empty()) {
        json.null();
    } else {
        json.value(std::string_view(event.cause));
    }
    json.key("inConversation").beginObject();
    json.fieldOrNull("previous", numberOf(checked.previous));
    json.fieldOrNull("next", numberOf(checked.next));
    json.endObject().field("head", head.value).endObject();
    return out;
}

Result<net::HttpResponse> eventPage(ReadContext& context, Position position) {
    PARLEY_TRY_ASSIGN(const auto pages, pagesOf(context));
    PARLEY_TRY_ASSIGN(const Position head, pages->head());
    PARLEY_TRY_ASSIGN(const auto checked, pages->at(position));
    if (checked) return jsonResponse(checkedJson(*checked, head));
    return Error{ErrorCode::not_found, "the log has no event at position " +
                                           std::to_string(position.value) + "; its last one is " +
                                           std::to_string(head.value)};
}

}  // namespace

void listEvents(const RestCall& call, RestServices& services) {
    auto question = readQuestion(call.target, services.shared.clock.now());
    if (!question) return refuse(call, services, question.error());
    answerByRead(
        call, services,
        [question = std::move(*question)](ReadContext& context) {
            return eventsPage(context, question);
        },
        ReadSize::slice);
}

void showEvent(const RestCall& call, RestServices& services) {
    const auto number = wholeNumber(call.parameter(":position"));
    if (!number || *number < 1 || *number == std::numeric_limits<std::int64_t>::max()) {
        return refuse(call, services, invalid("a position is a number from 1"));
    }
    answerByRead(
        call, services,
        [position = Position{*number}](ReadContext& context) {
            return eventPage(context, position);
        },
        ReadSize::slice);
}

}  // namespace parley
