#include "gateway/history/history.h"
#include "gateway/history/json_page.h"
#include "gateway/rest/conversation_json.h"
#include "gateway/rest/past_question.h"
#include "gateway/rest/rest_page.h"
#include "gateway/rest/rest_past.h"
#include "gateway/rest/rest_viewer.h"
#include "gateway/rest/routes.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/json_writer.h>
#include <parley/core/try.h>
#include <parley/domain/refusals.h>
#include <parley/gateway/calls/request_parser.h>

#include <optional>
#include <string>
#include <utility>

namespace parley {
namespace {

std::string statsJson(const DashboardStats& stats) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().field("activeConversations", stats.activeConversations);
    json.field("totalMessages", stats.totalMessages).field("activeUsers", stats.activeUsers);
    json.field("queuedConversations", stats.queuedConversations).endObject();
    return out;
}

Result<net::HttpResponse> messagesPage(ReadContext& context, const HistoryRequest& request,
                                       const NamedViewer& named, const RestTarget& asked) {
    PARLEY_TRY_ASSIGN(const auto access,
                      readAccess(context, named, Action::readMessages, request.conversation));
    PARLEY_TRY_ASSIGN(const auto page, readHistory(context, request.page, access));
    const bool forward = request.page.forward();
    const auto edge = forward ? page.newest : page.oldest;
    return pageResponse(jsonOf(page, request.page), page.end, asked,
                        {forward ? "after" : "before", std::to_string(edge.value)});
}

Result<net::HttpResponse> participantsPage(ReadContext& context, const ConversationId& id,
                                           Position after, const NamedViewer& named,
                                           const RestTarget& asked) {
    PARLEY_TRY_ASSIGN(const auto access, readAccess(context, named, Action::see, id));
    JsonPage values;
    Position last;
    const auto take = [&](const Participant& participant, Position joined) {
        std::string json;
        wire::appendParticipant(json, participant);
        if (!values.add(json)) return false;
        last = joined;
        return true;
    };
    PARLEY_TRY_ASSIGN(const auto end,
                      context.views.participants(access.conversation, access.viewer, after, take));
    return pageResponse(values.array(), end, asked, {"after", std::to_string(last.value)});
}

// `request` holds what the path says; the query adds what it does not.
void history(const RestCall& call, RestServices& services, Json request) {
    const auto once =
        checkOnce(call.target, {"conversationId", "limit", "offset", "before", "after"});
    if (!once) return refuse(call, services, once.error());
    request["conversationId"] = call.parameter(":id");
    for (const auto& [name, value] : call.target.query) {
        if (request.contains(name)) continue;
        if (name == "limit" || name == "offset" || name == "before" || name == "after") {
            request[name] = numberOrText(value);
        }
    }
    const auto parsed = parseGetMessages(request);
    if (!parsed) return refuse(call, services, parsed.error());
    if (asksPast(call)) return listPastMessages(call, services, *parsed);
    const auto named = readViewer(call, services);
    if (!named) return refuse(call, services, named.error());
    answerByRead(
        call, services,
        [request = *parsed, named = *named, asked = call.target](ReadContext& context) {
            return messagesPage(context, request, named, asked);
        },
        sizeOf(parsed->page));
}

}  // namespace

void showConversation(const RestCall& call, RestServices& services) {
    const auto once = checkOnce(call.target, {"conversationId"});
    if (!once) return refuse(call, services, once.error());
    const auto id = ConversationId::parse(call.parameter(":id"), "conversationId");
    if (!id) return refuse(call, services, id.error());
    if (asksPast(call)) return showPast(call, services, *id);
    const auto named = readViewer(call, services);
    if (!named) return refuse(call, services, named.error());
    answerByRead(call, services,
                 [id = *id, named = *named](ReadContext& context) -> Result<net::HttpResponse> {
                     PARLEY_TRY_ASSIGN(const auto access,
                                       readAccess(context, named, Action::see, id));
                     PARLEY_TRY_ASSIGN(const auto row, context.views.row(id, access.viewer));
                     if (!row) return conversationNotFound(id);
                     return jsonResponse(conversationJson(*row, access.viewer));
                 });
}

void listMessages(const RestCall& call, RestServices& services) {
    history(call, services, Json::object());
}

void lastMessages(const RestCall& call, RestServices& services) {
    history(call, services, Json{{"limit", numberOrText(call.parameter(":n"))}});
}

void listParticipants(const RestCall& call, RestServices& services) {
    const auto once = checkOnce(call.target, {"conversationId", "after"});
    if (!once) return refuse(call, services, once.error());
    const auto id = ConversationId::parse(call.parameter(":id"), "conversationId");
    if (!id) return refuse(call, services, id.error());
    Json fields = Json::object();
    for (const auto& [name, value] : call.target.query) {
        if (name == "after") fields[name] = numberOrText(value);
    }
    const auto page = parsePage(fields);
    if (!page) return refuse(call, services, page.error());
    const auto after = page->after.value_or(Position{});
    if (asksPast(call)) return listPastParticipants(call, services, *id, after);
    // In the open mode the query's user and role make no difference, and are not read.
    auto named = call.principal ? readViewer(call, services) : Result<NamedViewer>(NamedViewer{});
    if (!named) return refuse(call, services, named.error());
    answerByRead(call, services,
                 [id = *id, after, named = *named, asked = call.target](ReadContext& context) {
                     return participantsPage(context, id, after, named, asked);
                 });
}

void dashboardStats(const RestCall& call, RestServices& services) {
    if (asksPast(call)) return refuse(call, services, knowsNoPast());
    answerByRead(call, services, [](ReadContext& context) -> Result<net::HttpResponse> {
        PARLEY_TRY_ASSIGN(const auto stats,
                          context.views.stats(Viewer::unnamed(Viewer::Via::rest)));
        return jsonResponse(statsJson(stats));
    });
}

}  // namespace parley
