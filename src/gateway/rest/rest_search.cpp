#include "gateway/calls/answer.h"
#include "gateway/rest/audit_record.h"
#include "gateway/rest/past_question.h"
#include "gateway/rest/rest_page.h"
#include "gateway/rest/routes.h"
#include "gateway/search/search_sight.h"

#include <parley/audit/search.h>
#include <parley/core/json_writer.h>
#include <parley/core/time_text.h>
#include <parley/core/try.h>
#include <parley/domain/refusals.h>
#include <parley/gateway/calls/request_parser.h>
#include <parley/log/read/log_times.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace parley {
namespace {

// A question waits so long for the events that were there when it was asked.
constexpr std::chrono::milliseconds kWait{2000};

/// What a request asks for.
struct SearchQuestion {
    PastQuestion who;
    audit::SearchQuery query;
    std::optional<ConversationId> conversation;
    std::optional<UserId> author;
    std::optional<UnixMillis> from;  ///< included
    std::optional<UnixMillis> to;    ///< not included
    std::optional<Position> before;
    int limit = 0;
};

Result<std::optional<Position>> readBefore(const RestCall& call) {
    const auto* text = valueOf(call.target, "before");
    if (!text) return std::optional<Position>();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size() || number < 1) {
        return Error{ErrorCode::invalid_value, "before must be a position, a number from 1"};
    }
    return std::optional(Position{number});
}

Result<std::optional<UnixMillis>> readTime(const RestCall& call, const char* name, UnixMillis now) {
    const auto* text = valueOf(call.target, name);
    if (!text) return std::optional<UnixMillis>();
    auto parsed = parseTime(timeIn(*text), TimeZone::utc(), now);
    if (!parsed) {
        return Error{parsed.error().code, std::string(name) + ": " + parsed.error().message};
    }
    return std::optional(*parsed);
}

// As `parley audit`: a range that holds no moment is a mistake, and no answer.
Result<void> checkRange(const SearchQuestion& question) {
    if (!question.from || !question.to || *question.to > *question.from) return {};
    return Error{ErrorCode::invalid_value, "to must be later than from"};
}

Result<void> readFilters(const RestCall& call, SearchQuestion& question) {
    if (const auto* id = valueOf(call.target, "conversationId")) {
        PARLEY_TRY_ASSIGN(question.conversation, ConversationId::parse(*id, "conversationId"));
    }
    if (const auto* id = valueOf(call.target, "author")) {
        PARLEY_TRY_ASSIGN(question.author, UserId::parse(*id, "author"));
    }
    PARLEY_TRY_ASSIGN(question.from, readTime(call, "from", question.who.now));
    PARLEY_TRY_ASSIGN(question.to, readTime(call, "to", question.who.now));
    PARLEY_TRY(checkRange(question));
    PARLEY_TRY_ASSIGN(question.before, readBefore(call));
    Json page = Json::object();
    if (const auto* limit = valueOf(call.target, "limit")) page["limit"] = numberOrText(*limit);
    PARLEY_TRY_ASSIGN(const auto parsed, parsePage(page));
    question.limit = parsed.limit;
    return {};
}

Result<SearchQuestion> readQuestion(const RestCall& call, RestServices& services) {
    PARLEY_TRY(
        checkOnce(call.target, {"q", "conversationId", "author", "from", "to", "before", "limit"}));
    PARLEY_TRY_ASSIGN(auto who, readPast(call, services));
    if (who.asOf) {
        return Error{ErrorCode::invalid_value, "asOf: a search has none; `to` ends it earlier"};
    }
    const auto* text = valueOf(call.target, "q");
    if (!text) return Error{ErrorCode::missing_field, "q is required"};
    // A plus is a blank that a form has written, or else no word.
    std::string words = *text;
    std::replace(words.begin(), words.end(), '+', ' ');
    PARLEY_TRY_ASSIGN(auto query, audit::SearchQuery::parse(words));
    SearchQuestion question{.who = std::move(who),
                            .query = std::move(query),
                            .conversation = {},
                            .author = {},
                            .from = {},
                            .to = {},
                            .before = {}};
    PARLEY_TRY(readFilters(call, question));
    return question;
}

AuditedRead auditedRead(const SearchQuestion& question, const std::string& words) {
    AuditedRead read{.what = "search",
                     .asker = question.who.asker,
                     .viewer = question.who.viewer,
                     .viewerRole = question.who.viewerRole,
                     .filters = {},
                     .words = words};
    auto& filters = read.filters;
    if (question.conversation) filters.emplace_back("conversationId", question.conversation->str());
    if (question.author) filters.emplace_back("author", question.author->str());
    if (question.from) filters.emplace_back("from", toIso8601(*question.from));
    if (question.to) filters.emplace_back("to", toIso8601(*question.to));
    return read;
}

bool mayRead(const audit::SearchSight& sight, ConversationKey conversation) {
    return !sight.only || std::ranges::binary_search(*sight.only, conversation, {},
                                                     &audit::Readable::conversation);
}

// Nothing: nobody of that name ever wrote.
Result<std::optional<audit::SearchFilters>> filtersOf(ReadContext& context,
                                                      const SearchQuestion& question,
                                                      const audit::SearchSight& sight) {
    audit::SearchFilters filters;
    if (question.conversation) {
        PARLEY_TRY_ASSIGN(
            const auto access,
            readAccess(context, question.who.asker, Action::readMessages, *question.conversation));
        // In the same words as where there is none.
        if (!mayRead(sight, access.conversation))
            return conversationNotFound(*question.conversation);
        filters.conversation = access.conversation;
    }
    if (question.author) {
        PARLEY_TRY_ASSIGN(filters.author, context.keys.find(*question.author));
        if (!filters.author) return std::optional<audit::SearchFilters>();
    }
    filters.before = question.before;
    if (question.from) {
        PARLEY_TRY_ASSIGN(const auto moment,
                          context.times.at(UnixMillis{question.from->value - 1}));
        filters.after = moment.position;
    }
    if (question.to) {
        PARLEY_TRY_ASSIGN(const auto moment, context.times.at(UnixMillis{question.to->value - 1}));
        filters.end = Position{moment.position.value + 1};
    }
    return std::optional(filters);
}

void append(JsonWriter& json, const audit::SearchHit& hit) {
    const Event& message = hit.message;
    json.beginObject().field("id", message.id).field("conversationId", message.conversation);
    json.field("fromUserId", message.actor);
    json.field("fromRole", roleName(message.role.value_or(UserRole::customer)));
    json.field("type", messageTypeName(message.messageType.value_or(MessageType::text)));
    json.field("timestamp", message.at).field("isVisible", visibleToEveryCustomer(message));
    json.field("seq", message.seq.value).field("position", message.position.value);
    json.field("snippet", hit.snippet).endObject();
}

std::string jsonOf(const audit::SearchPage& page, std::int64_t lag) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().key("hits").beginArray();
    for (const auto& hit : page.hits) append(json, hit);
    json.endArray().field("truncated", page.truncated);
    if (page.total) json.field("total", *page.total);
    json.field("upTo", page.upTo.value).key("audit").beginObject().field("lag", lag).endObject();
    json.endObject();
    return out;
}

Result<audit::SearchPage> find(GatewayState& shared, ReadContext& context,
                               const SearchQuestion& question) {
    PARLEY_TRY_ASSIGN(const auto sight, searchSight(context, question.who));
    PARLEY_TRY_ASSIGN(const auto filters, filtersOf(context, question, sight));
    audit::SearchPage page;
    PARLEY_TRY(shared.auditReaders->with(*context.db, [&](Database& audit) -> Result<void> {
        if (!filters) {
            page.upTo = shared.follower->position();
            return {};
        }
        PARLEY_TRY_ASSIGN(page, audit::search(*context.db, audit, question.query, *filters, sight,
                                              question.limit));
        return {};
    }));
    return page;
}

Result<net::HttpResponse> answer(GatewayState& shared, ReadContext& context,
                                 const SearchQuestion& question, const RestTarget& asked) {
    PARLEY_TRY_ASSIGN(const auto page, find(shared, context, question));
    const auto end = page.truncated ? PageEnd::limit : PageEnd::reached;
    const auto last = page.hits.empty() ? Position{} : page.hits.back().message.position;
    auto response = pageResponse(jsonOf(page, shared.follower->lag()), end, asked,
                                 {"before", std::to_string(last.value)});
    tellPosition(response, page.upTo);
    return response;
}

// The next page is of the same range, whenever it is asked for.
RestTarget withRange(RestTarget target, const SearchQuestion& question) {
    for (auto& [name, value] : target.query) {
        if (name == "from") value = toIso8601(*question.from);
        if (name == "to") value = toIso8601(*question.to);
    }
    return target;
}

}  // namespace

// What was said before the question was asked is to be found: it waits a while for audit.db.
void searchMessages(const RestCall& call, RestServices& services) {
    GatewayState& shared = services.shared;
    if (!shared.follower) {
        return refuse(call, services,
                      {ErrorCode::not_found, "there is no search: audit.follow is off"});
    }
    auto question = readQuestion(call, services);
    if (!question) return refuse(call, services, question.error());
    auto audited = auditedRead(*question, *valueOf(call.target, "q"));
    OwnHistory isOwn = [who = question->who](ReadContext& context) {
        return searchesOwnHistory(context, who);
    };
    auto asked = withRange(call.target, *question);
    RestRead read = [&shared, question = std::move(*question), asked = std::move(asked)](
                        ReadContext& context) { return answer(shared, context, question, asked); };
    auto begin = [&shared, &loop = services.loop, request = call.http.number,
                  read = std::move(read)]() mutable {
        loop.post([&shared, &loop, request, read = std::move(read)]() mutable {
            answerByRead(shared, loop, request, std::move(read), ReadSize::small);
        });
    };
    recordAuditRead(call, services, std::move(audited), std::move(isOwn),
                    [&shared, begin = std::move(begin)](const RecordedRead&) {
                        shared.follower->whenReached(shared.engine->head(), kWait, begin);
                    });
}

}  // namespace parley
