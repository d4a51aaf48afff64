#include "gateway/rest/rest.h"

#include "gateway/calls/answer.h"
#include "gateway/history/history.h"
#include "gateway/history/json_page.h"
#include "gateway/metrics.h"
#include "gateway/rest/rest_page.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/json.h>
#include <parley/core/limits.h>
#include <parley/domain/refusals.h>
#include <parley/gateway/calls/request_parser.h>

namespace parley {
namespace {

std::string conversationJson(const ConversationRow& row) {
    std::string json;
    wire::appendConversation(json, row.state, row.figures,
                             {.title = row.title, .description = row.description});
    return json;
}

// Through whose eyes the query asks to read.
struct NamedViewer {
    std::optional<UserId> user;
    UserRole role = UserRole::supervisor;  // nobody named: everything
};

Result<NamedViewer> readViewer(const std::vector<std::pair<std::string, std::string>>& query) {
    NamedViewer viewer;
    std::optional<UserRole> role;
    for (const auto& [name, value] : query) {
        if (name == "userId") {
            auto user = UserId::parse(value, "userId");
            if (!user) return user.error();
            viewer.user = std::move(*user);
        } else if (name == "userRole") {
            role = parseRole(value);
            if (!role) {
                return Error{ErrorCode::unknown_role,
                             "userRole must be cx-customer, cx-agent, cx-supervisor or robot"};
            }
        }
    }
    if (viewer.user) viewer.role = UserRole::customer;
    if (role) viewer.role = *role;
    return viewer;
}

Result<Viewer> viewerOf(ReadContext& context, const NamedViewer& named) {
    Viewer viewer{UserKey{0}, named.role};
    if (!named.user) return viewer;
    auto key = context.events.find(*named.user);
    if (!key) return key.error();
    viewer.user = key->value_or(UserKey{0});
    return viewer;
}

Result<ConversationRow> rowOf(ReadContext& context, const ConversationId& id,
                              const NamedViewer& named = {}) {
    auto viewer = viewerOf(context, named);
    if (!viewer) return viewer.error();
    auto row = context.views.row(id, *viewer);
    if (!row) return row.error();
    if (!*row) return conversationNotFound(id);
    return std::move(**row);
}

net::HttpResponse jsonResponse(std::string body) {
    net::HttpResponse response;
    response.body = std::move(body);
    return response;
}

Result<net::HttpResponse> messagesPage(ReadContext& context, const HistoryRequest& request,
                                       const NamedViewer& named, const RestTarget& asked) {
    auto viewer = viewerOf(context, named);
    if (!viewer) return viewer.error();
    auto page = readHistory(context, request, *viewer);
    if (!page) return page.error();
    const bool forward = request.page.forward();
    const auto edge = forward ? page->newest : page->oldest;
    return pageResponse(jsonOf(*page, request.page), page->end, asked,
                        {forward ? "after" : "before", std::to_string(edge.value)});
}

Result<net::HttpResponse> listPage(ReadContext& context, const MessagePage& page,
                                   const std::optional<ConversationId>& before,
                                   const NamedViewer& named, const RestTarget& asked) {
    auto viewer = viewerOf(context, named);
    if (!viewer) return viewer.error();
    std::optional<ConversationKey> beforeKey;
    if (before) {
        auto key = conversationKey(context, *before);
        if (!key) return key.error();
        beforeKey = *key;
    }
    JsonPage values;
    std::string last;
    const auto take = [&](const ConversationRow& row) {
        if (!values.add(conversationJson(row))) return false;
        last = row.state.id.str();
        return true;
    };
    auto end = context.views.list(page.limit, page.offset, beforeKey, *viewer, take);
    if (!end) return end.error();
    return pageResponse(values.array(), *end, asked, {"before", last});
}

Result<net::HttpResponse> participantsPage(ReadContext& context, const ConversationId& id,
                                           Position after, const RestTarget& asked) {
    auto key = conversationKey(context, id);
    if (!key) return key.error();
    JsonPage values;
    Position last;
    const auto take = [&](const Participant& participant, Position joined) {
        std::string json;
        wire::appendParticipant(json, participant);
        if (!values.add(json)) return false;
        last = joined;
        return true;
    };
    auto end = context.views.participants(*key, after, take);
    if (!end) return end.error();
    return pageResponse(values.array(), *end, asked, {"after", std::to_string(last.value)});
}

std::string statsJson(const DashboardStats& stats) {
    return "{\"activeConversations\":" + std::to_string(stats.activeConversations) +
           ",\"totalMessages\":" + std::to_string(stats.totalMessages) +
           ",\"activeUsers\":" + std::to_string(stats.activeUsers) +
           ",\"queuedConversations\":" + std::to_string(stats.queuedConversations) + "}";
}

// `reason`: why the server is not ready; empty where that goes without saying.
std::string readinessJson(std::string_view status, std::string_view reason,
                          const std::vector<Warnings::Line>& warnings) {
    std::string out = "{\"status\":";
    appendJsonString(out, status);
    if (!reason.empty()) {
        out += ",\"reason\":";
        appendJsonString(out, reason);
    }
    out += ",\"warnings\":[";
    for (const auto& line : warnings) {
        if (out.back() != '[') out += ',';
        out += "{\"name\":";
        appendJsonString(out, line.name);
        out += ",\"text\":";
        appendJsonString(out, line.text);
        out += '}';
    }
    return out + "]}";
}

}  // namespace

Rest::Rest(Shared& shared, net::Loop& loop, Random& random)
    : shared_(shared), loop_(loop), uuids_(random) {}

const std::vector<Rest::Route>& Rest::routes() {
    static const std::vector<Route> table{
        {"POST", "/chat/conversations/start", &Rest::start},
        {"POST", "/chat/messages", &Rest::send},
        {"GET", "/chat/conversations", &Rest::list},
        {"GET", "/chat/conversations/:id", &Rest::show},
        {"GET", "/chat/conversations/:id/messages", &Rest::messages},
        {"GET", "/chat/conversations/:id/messages/last/:n", &Rest::lastMessages},
        {"GET", "/chat/conversations/:id/participants", &Rest::participants},
        {"POST", "/chat/conversations/:id/join", &Rest::join},
        {"POST", "/chat/conversations/:id/leave", &Rest::leave},
        {"GET", "/chat/dashboard/stats", &Rest::stats},
        {"GET", "/healthz", &Rest::health},
        {"GET", "/readyz", &Rest::ready},
        {"GET", "/metrics", &Rest::metrics},
    };
    return table;
}

void Rest::handle(const net::HttpRequest& request) {
    Call call{{}, request.number, std::string(request.method), std::string(request.body)};
    auto target = parseRestTarget(request.path, request.query);
    if (!target) return refuse(call, target.error());
    static_cast<RestTarget&>(call) = std::move(*target);
    bool known = false;
    for (const auto& route : routes()) {
        if (!matchesRoute(route.pattern, call.path)) continue;
        known = true;
        if (route.method == call.method) return (this->*route.handler)(call);
    }
    if (known) {
        return refuse(
            call, {ErrorCode::method_not_allowed, "this resource does not know " + call.method});
    }
    refuse(call, {ErrorCode::not_found, "there is no such resource"});
}

void Rest::respond(const Call& call, int status, std::string body, std::string contentType) {
    net::HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.contentType = std::move(contentType);
    loop_.respond(call.number, std::move(response));
}

void Rest::refuse(const Call& call, const Error& error) {
    loop_.respond(call.number, httpRefusal(error));
}

// `parse` gets the body as JSON and returns a Result of some command.
template <typename Parse>
void Rest::submit(const Call& call, Parse&& parse) {
    if (shared_.refusing.load(std::memory_order_relaxed)) {
        return refuse(call, {ErrorCode::shutting_down, "the server is stopping"});
    }
    const auto body = parseJson(call.body);
    if (!body) return refuse(call, {ErrorCode::invalid_request, "the body is not JSON"});
    auto command = parse(*body);
    if (!command) return refuse(call, command.error());
    Origin origin;
    origin.replyTo = ReplyTo(ReplyAddress::ofHttp(loop_.index(), call.number));
    auto taken = parley::submit(shared_, {origin, Command(std::move(command).value())});
    if (!taken) return refuse(call, taken.error());
}

void Rest::read(const Call& call, ReadJob job, ReadSize size) {
    auto answer = [this, number = call.number, job = std::move(job)](ReadContext& context) {
        const auto allowed = mayRead(shared_);
        auto response = allowed ? job(context) : Result<net::HttpResponse>(allowed.error());
        if (context.outgrown()) return;
        postResponse(number, response ? std::move(*response) : httpRefusal(response.error()));
    };
    auto failed = [this, number = call.number](const Error& error) {
        postResponse(number, httpRefusal(error));
    };
    const bool taken =
        shared_.engine->read(std::move(answer), askerOfHttp(call.number), std::move(failed), size);
    if (!taken) refuse(call, {ErrorCode::busy, "too many reads are waiting; try again"});
}

// On a reader's thread.
void Rest::postResponse(std::uint64_t number, net::HttpResponse response) {
    const std::size_t bytes = response.body.size();
    loop_.post(
        [this, number, response = std::move(response)]() mutable {
            loop_.respond(number, std::move(response));
        },
        bytes);
}

void Rest::start(const Call& call) {
    submit(call, [this](const Json& body) {
        const auto id = uuids_.next(shared_.clock.now()).str();
        return parseStartConversation(body, ConversationId::fromStored(id));
    });
}

void Rest::send(const Call& call) {
    submit(call, parseSendMessage);
}

void Rest::join(const Call& call) {
    submit(call, [&](Json body) -> Result<JoinRoom> {
        if (const auto allowed = mayRead(shared_); !allowed) return allowed.error();
        if (body.is_object()) body["conversationId"] = call.path[2];
        if (const auto nested = body.find("joinData");
            nested != body.end() && nested->is_object()) {
            (*nested)["conversationId"] = call.path[2];
        }
        return parseJoinRoom(body);
    });
}

void Rest::leave(const Call& call) {
    submit(call, [&](Json body) -> Result<LeaveRoom> {
        if (body.is_object()) body["conversationId"] = call.path[2];
        auto leave = parseLeaveRoom(body);
        if (leave && !leave->user) return Error{ErrorCode::missing_field, "userId is required"};
        return leave;
    });
}

void Rest::list(const Call& call) {
    Json query{{"conversationId", "list"}};  // the same limit and offset as history has
    std::optional<ConversationId> before;
    for (const auto& [name, value] : call.query) {
        if (name == "limit" || name == "offset") query[name] = numberOrText(value);
        if (name == "before") {
            auto id = ConversationId::parse(value, "before");
            if (!id) return refuse(call, id.error());
            before = std::move(*id);
        }
    }
    auto parsed = parseGetMessages(query);
    if (!parsed) return refuse(call, parsed.error());
    auto named = readViewer(call.query);
    if (!named) return refuse(call, named.error());
    read(
        call,
        [page = parsed->page, before, named = *named, asked = RestTarget(call)](
            ReadContext& context) { return listPage(context, page, before, named, asked); },
        sizeOf(parsed->page));
}

void Rest::show(const Call& call) {
    auto id = ConversationId::parse(call.path[2], "conversationId");
    if (!id) return refuse(call, id.error());
    auto named = readViewer(call.query);
    if (!named) return refuse(call, named.error());
    read(call, [id = *id, named = *named](ReadContext& context) -> Result<net::HttpResponse> {
        auto row = rowOf(context, id, named);
        if (!row) return row.error();
        return jsonResponse(conversationJson(*row));
    });
}

void Rest::participants(const Call& call) {
    auto id = ConversationId::parse(call.path[2], "conversationId");
    if (!id) return refuse(call, id.error());
    Json query{{"conversationId", "participants"}};
    for (const auto& [name, value] : call.query) {
        if (name == "after") query[name] = numberOrText(value);
    }
    auto parsed = parseGetMessages(query);
    if (!parsed) return refuse(call, parsed.error());
    const auto after = parsed->page.after.value_or(Position{});
    read(call, [id = *id, after, asked = RestTarget(call)](ReadContext& context) {
        return participantsPage(context, id, after, asked);
    });
}

void Rest::messages(const Call& call) {
    history(call, Json::object());
}

void Rest::lastMessages(const Call& call) {
    history(call, Json{{"limit", numberOrText(call.path[5])}});
}

// `request` holds what the path says; the query adds what it does not.
void Rest::history(const Call& call, Json request) {
    request["conversationId"] = call.path[2];
    for (const auto& [name, value] : call.query) {
        if (request.contains(name)) continue;  // the path has said it
        if (name == "limit" || name == "offset" || name == "before" || name == "after") {
            request[name] = numberOrText(value);
        }
    }
    auto parsed = parseGetMessages(request);
    if (!parsed) return refuse(call, parsed.error());
    auto named = readViewer(call.query);
    if (!named) return refuse(call, named.error());
    read(
        call,
        [request = *parsed, named = *named, asked = RestTarget(call)](ReadContext& context) {
            return messagesPage(context, request, named, asked);
        },
        sizeOf(parsed->page));
}

void Rest::stats(const Call& call) {
    read(call, [](ReadContext& context) -> Result<net::HttpResponse> {
        auto stats = context.views.stats();
        if (!stats) return stats.error();
        return jsonResponse(statsJson(*stats));
    });
}

void Rest::health(const Call& call) {
    respond(call, 200, "{\"status\":\"ok\"}");
}

void Rest::ready(const Call& call) {
    if (shared_.draining.load(std::memory_order_relaxed)) {
        return respond(call, 503, "{\"status\":\"draining\"}");
    }
    const auto warnings = shared_.engine->warnings().lines();
    if (shared_.engine->counters().storageFull) {
        return respond(call, 503,
                       readinessJson("storage_full",
                                     "the disk of the data folder is full, or one of its files "
                                     "has reached a size limit (ulimit -f): nothing can be stored, "
                                     "reading goes on; the server goes on by itself once there is "
                                     "room",
                                     warnings));
    }
    respond(call, 200, readinessJson("ready", "", warnings));
}

void Rest::metrics(const Call& call) {
    respond(call, 200, metricsText(shared_), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace parley
