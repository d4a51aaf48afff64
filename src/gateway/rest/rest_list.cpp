#include "gateway/calls/answer.h"
#include "gateway/history/history.h"
#include "gateway/history/json_page.h"
#include "gateway/rest/conversation_json.h"
#include "gateway/rest/past_question.h"
#include "gateway/rest/rest_page.h"
#include "gateway/rest/rest_viewer.h"
#include "gateway/rest/routes.h"

#include <parley/core/json_writer.h>
#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/core/utf8.h>
#include <parley/gateway/calls/request_parser.h>
#include <parley/projection/conversation_list.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace parley {
namespace {

constexpr std::size_t kPreviewCharacters = 140;

/// What the query of the list asks for.
struct ListQuery {
    MessagePage page;  ///< of which `limit` and `offset` count
    std::optional<ConversationId> before;
    ListSort sort = ListSort::created;
    ListShow show = ListShow::all;
    std::string prefix;
    std::optional<ListPlace> after;
    bool preview = false;
};

template <typename Value>
struct Named {
    std::string_view name;
    Value value;
};

Error invalid(std::string message) {
    return {ErrorCode::invalid_value, std::move(message)};
}

// The value that the query's parameter names; `value` as it is where there is no such parameter.
template <typename Value>
Result<void> readNamed(const RestTarget& target, const std::string& parameter, Value& value,
                       std::initializer_list<Named<Value>> names) {
    const auto* text = valueOf(target, parameter);
    if (!text) return {};
    std::string all;
    for (const auto& one : names) {
        if (*text == one.name) {
            value = one.value;
            return {};
        }
        all += all.empty() ? "" : ", ";
        all += one.name;
    }
    return invalid(parameter + " must be one of: " + all);
}

Result<std::string> readPrefix(const RestTarget& target) {
    const auto* text = valueOf(target, "q");
    if (!text) return std::string();
    if (text->empty() || text->size() > limits::kIdBytesMax || !isUtf8(*text)) {
        return invalid("q must be 1 to " + std::to_string(limits::kIdBytesMax) + " bytes of UTF-8");
    }
    return *text;
}

Result<ListQuery> readQuery(const RestTarget& target) {
    PARLEY_TRY(checkOnce(target, {"sort", "show", "q", "after", "before", "preview", "limit",
                                  "offset", "conversationId"}));
    Json fields = Json::object();
    for (const auto& [name, value] : target.query) {
        if (name == "limit" || name == "offset") fields[name] = numberOrText(value);
    }
    ListQuery query;
    PARLEY_TRY_ASSIGN(query.page, parsePage(fields));
    PARLEY_TRY(readNamed<ListSort>(target, "sort", query.sort,
                                   {{"created", ListSort::created},
                                    {"waiting", ListSort::waiting},
                                    {"activity", ListSort::activity}}));
    PARLEY_TRY(readNamed<ListShow>(target, "show", query.show,
                                   {{"all", ListShow::all},
                                    {"waiting", ListShow::waiting},
                                    {"without-agent", ListShow::withoutAgent}}));
    PARLEY_TRY(readNamed<bool>(target, "preview", query.preview, {{"0", false}, {"1", true}}));
    PARLEY_TRY_ASSIGN(query.prefix, readPrefix(target));
    // A client that asks for one conversation and lacks its id does not mean all of them.
    if (const auto* id = valueOf(target, "conversationId"); id && id->empty()) {
        return Error{ErrorCode::invalid_id, "conversationId is empty"};
    }
    if (const auto* before = valueOf(target, "before")) {
        PARLEY_TRY_ASSIGN(query.before, ConversationId::parse(*before, "before"));
    }
    if (const auto* after = valueOf(target, "after")) {
        PARLEY_TRY_ASSIGN(query.after, parseListPlace(*after, query.sort));
    }
    if (query.before && (query.after || query.sort != ListSort::created)) {
        return invalid("before goes with sort=created alone, and not with after");
    }
    return query;
}

bool isForStaff(const ListQuery& query) {
    return query.preview || query.show != ListShow::all || query.sort == ListSort::waiting;
}

// At most kPreviewCharacters characters of `text`, which is UTF-8.
std::string_view beginningOf(std::string_view text) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
        if (begins && ++characters > kPreviewCharacters) return text.substr(0, i);
    }
    return text;
}

void appendPreview(JsonWriter& json, const Event& message) {
    json.beginObject().field("fromUserId", message.actor);
    json.field("fromRole", roleName(message.role.value_or(UserRole::customer)));
    json.field("content", beginningOf(message.content ? std::string_view(*message.content) : ""));
    json.field("type", messageTypeName(message.messageType.value_or(MessageType::text)));
    json.field("isVisible", visibleToEveryCustomer(message));
    if (message.toRole) json.field("toRole", roleName(*message.toRole));
    json.endObject();
}

// The newest message that the viewer may see; nothing: there is none.
Result<std::optional<Event>> lastMessage(ReadContext& context, const ConversationRow& row,
                                         const Viewer& viewer) {
    std::optional<Event> last;
    MessagePage page{.limit = 1, .before = {}, .after = {}};
    PARLEY_TRY(context.messages.read(row.state.key, page, viewer, [&](const Event& message) {
        last = message;
        return true;
    }));
    return last;
}

// A row: the Conversation and what only the list tells of it.
Result<std::string> rowJson(ReadContext& context, const ConversationRow& row, const Viewer& viewer,
                            bool preview) {
    std::string more;
    JsonWriter json(more);
    json.beginObject().fieldOrNull("waitingSince", row.waitingSince).key("agentIds").beginArray();
    for (const auto& one : row.state.participants) {
        if (isStaff(one.role) && sees(viewer, one)) json.value(one.user);
    }
    json.endArray();
    if (preview) {
        PARLEY_TRY_ASSIGN(const auto last, lastMessage(context, row, viewer));
        json.key("lastMessage");
        last ? appendPreview(json, *last) : static_cast<void>(json.null());
    }
    json.endObject();
    auto text = conversationJson(row, viewer);
    text.back() = ',';  // in place of the closing brace
    return text + more.substr(1);
}

Result<ListRequest> requestOf(ReadContext& context, const ListQuery& query,
                              const NamedViewer& named) {
    ListRequest request{.sort = query.sort,
                        .show = query.show,
                        .prefix = query.prefix,
                        .limit = query.page.limit,
                        .offset = query.page.offset,
                        .after = query.after};
    PARLEY_TRY_ASSIGN(request.viewer, viewerOf(context, named));
    PARLEY_TRY_ASSIGN(request.head, context.messages.head());
    const bool customer = request.viewer.role() == UserRole::customer;
    if (customer && isForStaff(query)) {
        return Error{ErrorCode::forbidden, "preview, show and sort=waiting are for staff"};
    }
    if (query.before) {
        // One that may not be seen is as unknown as one that does not exist.
        PARLEY_TRY_ASSIGN(const auto access,
                          readAccess(context, named, Action::see, *query.before));
        request.before = access.conversation;
    }
    // The order of all conversations by activity would tell of hidden messages.
    if (customer && query.sort == ListSort::activity) request.listed.of = request.viewer.user();
    if (named.principal) {
        const auto permission = authorize(*named.principal, ServerAction::listConversations);
        if (permission == Permission::own) request.listed.of = request.viewer.user();
        if (isBound(*named.principal)) request.listed.only = &*named.principal->conversations;
    }
    return request;
}

// Which parameter asks for the next page, and its value.
NextPage nextPage(const ListQuery& query, const ListEnd& end, const std::string& lastId) {
    if (query.sort == ListSort::created && !query.after) return {"before", lastId};
    const auto place = end.last ? end.last : query.after;
    return {"after", place ? textOf(*place) : ""};
}

Result<net::HttpResponse> conversationPage(ReadContext& context, ActiveConversations& active,
                                           const ListQuery& query, const NamedViewer& named,
                                           const RestTarget& asked) {
    PARLEY_TRY_ASSIGN(const auto request, requestOf(context, query, named));
    if (query.sort != ListSort::created) PARLEY_TRY(active.catchUp(*context.db, request.head));
    JsonPage values;
    std::string lastId;
    std::optional<Error> failure;
    PARLEY_TRY_ASSIGN(const auto end,
                      context.lists.read(request, active, [&](const ConversationRow& row) {
                          const auto json = rowJson(context, row, request.viewer, query.preview);
                          if (!json) failure = json.error();
                          if (failure || !values.add(*json)) return false;
                          lastId = row.state.id.str();
                          return true;
                      }));
    if (failure) return *failure;
    auto response = pageResponse(values.array(), end.end, asked, nextPage(query, end, lastId));
    tellPosition(response, request.head);
    return response;
}

}  // namespace

void listConversations(const RestCall& call, RestServices& services) {
    if (asksPast(call)) return refuse(call, services, knowsNoPast());
    const auto query = readQuery(call.target);
    if (!query) return refuse(call, services, query.error());
    const auto named = readViewer(call, services);
    if (!named) return refuse(call, services, named.error());
    answerByRead(
        call, services,
        [query = *query, named = *named, asked = call.target,
         &active = services.shared.active](ReadContext& context) {
            return conversationPage(context, active, query, named, asked);
        },
        sizeOf(query->page));
}

}  // namespace parley
