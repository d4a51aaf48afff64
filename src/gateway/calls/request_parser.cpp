#include "gateway/calls/fields.h"
#include "gateway/calls/request_fields.h"

#include <parley/core/limits.h>
#include <parley/gateway/calls/request_parser.h>

#include <algorithm>
#include <set>

namespace parley {
namespace {

Error notAnObject() {
    return {ErrorCode::invalid_request, "the request must carry one JSON object"};
}

// Lets `read` take the fields of `body`. Returns its command, or the first thing that is wrong.
template <typename Command, typename Read>
Result<Command> parse(const Json& body, const Principal* sender, Read&& read) {
    if (!body.is_object()) return notAnObject();
    Fields fields(body, sender);
    Command command = read(fields);
    if (fields.error()) return *fields.error();
    return command;
}

// Another user than the sender needs a role.
JoinRoom readJoin(Fields& f) {
    JoinRoom join;
    join.idIsNew = f.hasSender() && !f.find("conversationId");
    if (!join.idIsNew) join.conversation = f.id<ConversationId>("conversationId");
    join.user = f.sender("userId");
    if (f.hasSender()) join.hidden = f.optionalBool("hidden").value_or(false);
    join.role = f.isSender(join.user) ? f.senderRole("userRole") : f.role("userRole");
    return join;
}

// One of initialParticipants: a user id, or {userId, userRole}.
std::optional<NamedParticipant> readParticipant(Fields& f, const Json& one, const UserId& creator,
                                                UserRole creatorRole) {
    if (one.is_string()) {
        auto user = UserId::parse(one.get_ref<const std::string&>(), "initialParticipants");
        if (!user) {
            f.fail(user.error().code, user.error().message);
            return std::nullopt;
        }
        const auto role = *user == creator ? creatorRole : UserRole::customer;
        return NamedParticipant{*user, role};
    }
    if (!one.is_object()) {
        f.fail(ErrorCode::wrong_type,
               "initialParticipants must hold user ids or {userId, userRole} objects");
        return std::nullopt;
    }
    Fields inner(one);
    NamedParticipant named{inner.id<UserId>("userId"), inner.role("userRole")};
    if (inner.error()) {
        f.fail(inner.error()->code, "initialParticipants: " + inner.error()->message);
        return std::nullopt;
    }
    return named;
}

std::vector<NamedParticipant> readParticipants(Fields& f, const UserId& creator, UserRole role) {
    std::vector<NamedParticipant> participants;
    const Json* list = f.find("initialParticipants");
    if (!list) return participants;
    if (!list->is_array()) {
        f.fail(ErrorCode::wrong_type, "initialParticipants must be an array");
        return participants;
    }
    if (list->size() > limits::kInitialParticipantsMax) {
        f.fail(ErrorCode::invalid_value, "initialParticipants may name at most " +
                                             std::to_string(limits::kInitialParticipantsMax) +
                                             " users");
        return participants;
    }
    std::set<UserId> seen;
    for (const auto& one : *list) {
        auto named = readParticipant(f, one, creator, role);
        if (!named) return participants;
        if (seen.insert(named->user).second) participants.push_back(std::move(*named));
    }
    return participants;
}

// One name, or several with commas between them, or a list of names.
std::string eventTypeNames(const Json& type) {
    if (type.is_string()) return type.get<std::string>();
    std::string names;
    if (!type.is_array()) return names;
    for (const Json& one : type) {
        if (!names.empty()) names += ',';
        names += one.is_string() ? one.get<std::string>() : std::string();
    }
    return names;
}

// What is wrong in `filter` is wrong in `f`.
LogQuery readLogQuery(Fields& f, const Json& filter) {
    LogQuery query;
    if (!filter.is_object()) {
        f.fail(ErrorCode::invalid_request, "filter must be an object");
        return query;
    }
    Fields fields(filter);
    query.conversation = fields.optionalId<ConversationId>("conversationId");
    query.user = fields.optionalId<UserId>("userId");
    if (const Json* type = fields.find("type")) {
        auto types = parseEventTypes(eventTypeNames(*type));
        if (types) {
            query.types = std::move(*types);
        } else {
            fields.fail(types.error().code, types.error().message);
        }
    }
    if (const auto& error = fields.error()) f.fail(error->code, error->message);
    return query;
}

}  // namespace

Result<JoinRoom> parseJoinRoom(const Json& body, const Principal* sender) {
    if (!body.is_object()) return notAnObject();
    const auto nested = body.find("joinData");
    if (nested == body.end() || nested->is_null()) return parse<JoinRoom>(body, sender, readJoin);
    if (!nested->is_object()) return Error{ErrorCode::wrong_type, "joinData must be an object"};
    return parse<JoinRoom>(*nested, sender, readJoin);
}

Result<LeaveRoom> parseLeaveRoom(const Json& body, const Principal* sender) {
    return parse<LeaveRoom>(body, sender, [](Fields& f) {
        return LeaveRoom{.conversation = f.id<ConversationId>("conversationId"),
                         .user = f.optionalId<UserId>("userId")};
    });
}

Result<WatchRoom> parseWatchRoom(const Json& body, const Principal* sender) {
    return parse<WatchRoom>(body, sender, [](Fields& f) {
        return WatchRoom{.conversation = f.id<ConversationId>("conversationId"),
                         .user = f.optionalId<UserId>("userId"),
                         .role = f.optionalRole("userRole")};
    });
}

Result<UnwatchRoom> parseUnwatchRoom(const Json& body, const Principal* sender) {
    return parse<UnwatchRoom>(body, sender, [](Fields& f) {
        return UnwatchRoom{.conversation = f.id<ConversationId>("conversationId")};
    });
}

Result<SendMessage> parseSendMessage(const Json& body, const Principal* sender) {
    return parse<SendMessage>(body, sender,
                              [](Fields& f) { return request_fields::readSendMessage(f); });
}

Result<StartTyping> parseStartTyping(const Json& body, const Principal* sender) {
    return parse<StartTyping>(body, sender,
                              [](Fields& f) { return request_fields::readStartTyping(f); });
}

Result<StopTyping> parseStopTyping(const Json& body, const Principal* sender) {
    return parse<StopTyping>(body, sender,
                             [](Fields& f) { return request_fields::readStopTyping(f); });
}

Result<ShareRobotMessage> parseShareRobotMessage(const Json& body, const Principal* sender) {
    return parse<ShareRobotMessage>(body, sender, [](Fields& f) {
        const auto text = f.text("originalMessageId", 0, limits::kIdBytesMax);
        const auto original = Uuid::parse(text);
        ShareRobotMessage share{
            .conversation = f.id<ConversationId>("conversationId"),
            .original = original.value_or(Uuid{}),
            .from = f.sender("fromUserId"),
            .clientMessageId = f.optionalId<ClientMessageId>("clientMessageId")};
        // A text that is no UUID is an id that no message has.
        if (!original) {
            f.fail(ErrorCode::message_not_found, "conversation \"" + share.conversation.str() +
                                                     "\" has no message \"" + text + "\"");
        }
        return share;
    });
}

Result<StartConversation> parseStartConversation(const Json& body, const Principal* sender) {
    return parse<StartConversation>(body, sender, [&](Fields& f) {
        const auto named = f.optionalId<ConversationId>("conversationId");
        StartConversation start{
            .conversation = named.value_or(ConversationId()),
            .createdBy = f.sender("createdBy"),
            .createdByRole = f.senderRole("createdByRole"),
            .title = f.optionalText("title", 0, limits::kTitleBytesMax),
            .description = f.optionalText("description", 0, limits::kDescriptionBytesMax),
            .initialParticipants = {},
            .idIsNew = !named};
        start.initialParticipants = readParticipants(f, start.createdBy, start.createdByRole);
        return start;
    });
}

Result<HistoryRequest> parseGetMessages(const Json& body) {
    return parse<HistoryRequest>(body, nullptr,
                                 [](Fields& f) { return request_fields::readHistory(f); });
}

Result<MessagePage> parsePage(const Json& body) {
    return parse<MessagePage>(body, nullptr, [](Fields& f) { return request_fields::readPage(f); });
}

Result<std::vector<EventType>> parseEventTypes(std::string_view names) {
    std::vector<EventType> types;
    for (std::size_t from = 0; from <= names.size();) {
        const auto end = std::min(names.find(',', from), names.size());
        const auto name = names.substr(from, end - from);
        const auto row = std::ranges::find(kEventTypes, name, &EventTypeRow::name);
        if (row == kEventTypes.end()) {
            return Error{ErrorCode::invalid_value,
                         "type must be names of event types, with commas between them"};
        }
        types.push_back(row->type);
        from = end + 1;
    }
    return types;
}

Result<FollowLog> parseJoinLog(const Json& body) {
    static const Json nothing = Json::object();
    return parse<FollowLog>(body.is_null() ? nothing : body, nullptr, [](Fields& f) {
        FollowLog follow;
        if (const Json* filter = f.find("filter")) follow.query = readLogQuery(f, *filter);
        const auto after = f.optionalInt("after", 0, INT64_MAX - 1);
        if (after) follow.after = Position{*after};
        return follow;
    });
}

UnfollowLog parseLeaveLog(const Json&) {
    return {};
}

Result<Authenticate> parseAuthenticate(const Json& body) {
    return parse<Authenticate>(body, nullptr, [](Fields& f) {
        return Authenticate{.token = f.text("token", 0, kRequestBytesMax)};
    });
}

Result<WatchDashboard> parseJoinDashboard(const Json& body) {
    if (!body.is_object()) return WatchDashboard{.watch = true};
    return parse<WatchDashboard>(body, nullptr, [](Fields& f) {
        WatchDashboard watch{.watch = true,
                             .user = f.optionalId<UserId>("userId"),
                             .role = f.optionalRole("userRole")};
        watch.presence = f.optionalBool("presence").value_or(watch.user.has_value());
        return watch;
    });
}

Result<WatchDashboard> parseLeaveDashboard(const Json&) {
    return WatchDashboard{.watch = false};
}

}  // namespace parley
