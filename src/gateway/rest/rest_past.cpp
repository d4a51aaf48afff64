#include "gateway/rest/rest_past.h"

#include "gateway/calls/answer.h"
#include "gateway/history/history.h"
#include "gateway/history/json_page.h"
#include "gateway/rest/audit_record.h"
#include "gateway/rest/past_question.h"
#include "gateway/rest/rest_page.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/try.h>
#include <parley/domain/refusals.h>

#include <functional>
#include <string>
#include <utility>

namespace parley {
namespace {

using PastRead = std::function<Result<net::HttpResponse>(ReadContext&, const PastView&)>;

net::HttpResponse withMoment(net::HttpResponse response, const LogMoment& moment, bool emptied) {
    std::string text;
    wire::appendAsOf(text, moment, emptied);
    response.headers.emplace_back("Access-Control-Expose-Headers", "Parley-As-Of");
    response.headers.emplace_back("Parley-As-Of", std::move(text));
    tellPosition(response, moment.position);
    return response;
}

// The next page is of the same moment, whatever is written meanwhile.
RestTarget asOf(RestTarget target, const LogMoment& moment) {
    std::erase_if(target.query, [](const auto& one) { return one.first == "asOf"; });
    target.query.emplace_back("asOf", std::to_string(moment.position.value));
    return target;
}

AuditedRead auditedRead(const PastQuestion& question, const ConversationId& conversation) {
    AuditedRead read{.what = "as_of",
                     .asker = question.asker,
                     .viewer = question.viewer,
                     .viewerRole = question.viewerRole,
                     .filters = {{"conversationId", conversation.str()}},
                     .words = {}};
    if (question.asOf) read.filters.emplace_back("asOf", textOf(*question.asOf));
    return read;
}

// Records the question, then answers with what `read` makes of the view, in the lane of large
// reads: audits wait for each other, and nobody for them.
void answerPast(const RestCall& call, RestServices& services, Action action,
                const ConversationId& conversation, PastRead read) {
    auto question = readPast(call, services);
    if (!question) return refuse(call, services, question.error());
    auto audited = auditedRead(*question, conversation);
    OwnHistory isOwn = [question = *question, action, conversation](ReadContext& context) {
        return isOwnHistory(context, question, action, conversation);
    };
    auto answer = [&shared = services.shared, &loop = services.loop, request = call.http.number,
                   question = std::move(*question), action, conversation,
                   read = std::move(read)](const RecordedRead& recorded) {
        answerByRead(
            shared, loop, request,
            [&shared, question, action, conversation, read,
             recorded](ReadContext& context) -> Result<net::HttpResponse> {
                PARLEY_TRY_ASSIGN(const auto view,
                                  pastView(context, question, action, conversation));
                recorded.alsoAs(shared, "asOf", std::to_string(view.moment.position.value));
                return read(context, view);
            },
            ReadSize::large);
    };
    recordAuditRead(call, services, std::move(audited), std::move(isOwn), std::move(answer));
}

Result<net::HttpResponse> conversationAsOf(ReadContext& context, const ConversationId& id,
                                           const PastView& view) {
    PARLEY_TRY_ASSIGN(
        const auto past,
        context.pastStates.conversation(view.conversation, id, view.moment.position, view.viewer));
    if (!past) return conversationNotFound(id);
    const auto& row = past->row;
    std::string json;
    wire::appendConversation(json, row.state, row.figures, view.viewer,
                             {.title = row.title, .description = row.description});
    json.back() = ',';  // in place of the closing brace
    json += "\"typing\":";
    wire::appendTyping(json, typingFor(row.state, view.viewer));
    json += ",\"asOf\":";
    wire::appendAsOf(json, view.moment, past->emptied);
    json += '}';
    return withMoment(jsonResponse(std::move(json)), view.moment, past->emptied);
}

// Messages of a page as they are read.
class PastMessages {
public:
    PastMessages(PastStateReader& states, Position moment) : states_(states), moment_(moment) {}

    bool add(const Event& message) {
        json_.clear();
        const bool robots =
            message.role == UserRole::robot || message.messageType == MessageType::robot;
        auto shared =
            robots ? states_.sharedBy(message.position, moment_) : std::optional<Position>();
        if (!shared) {
            failure_ = shared.error();
            return false;
        }
        wire::appendMessage(json_, message, *shared);
        if (!page_.add(json_)) return false;
        last_ = message.position;
        return true;
    }
    Result<void> done() const { return failure_ ? Result<void>(*failure_) : Result<void>(); }
    const JsonPage& page() const { return page_; }
    Position last() const { return last_; }

private:
    PastStateReader& states_;
    const Position moment_;
    JsonPage page_;
    Position last_;
    std::optional<Error> failure_;
    std::string json_;
};

Result<net::HttpResponse> messagesAsOf(ReadContext& context, const MessagePage& asked,
                                       const PastView& view, const RestTarget& target) {
    PastMessages messages(context.pastStates, view.moment.position);
    // Pages forward end at the moment, too.
    MessagePage page = bounded(asked, view.messages);
    PARLEY_TRY_ASSIGN(const auto read,
                      context.messages.read(view.conversation, page, view.viewer,
                                            [&](const Event& one) { return messages.add(one); }));
    PARLEY_TRY(messages.done());
    const bool forward = asked.forward();
    const auto& values = messages.page();
    auto response = pageResponse(
        forward ? values.array() : values.reversedArray(), read.end, asOf(target, view.moment),
        {forward ? "after" : "before", std::to_string(messages.last().value)});
    return withMoment(std::move(response), view.moment, false);
}

Result<net::HttpResponse> participantsAsOf(ReadContext& context, Position after,
                                           const PastView& view, const RestTarget& target) {
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
                      context.pastStates.participants(view.conversation, view.moment.position,
                                                      view.viewer, after, take));
    auto response = pageResponse(values.array(), end, asOf(target, view.moment),
                                 {"after", std::to_string(last.value)});
    return withMoment(std::move(response), view.moment, false);
}

}  // namespace

void showPast(const RestCall& call, RestServices& services, const ConversationId& conversation) {
    answerPast(call, services, Action::see, conversation,
               [conversation](ReadContext& context, const PastView& view) {
                   return conversationAsOf(context, conversation, view);
               });
}

void listPastMessages(const RestCall& call, RestServices& services, const HistoryRequest& request) {
    answerPast(
        call, services, Action::readMessages, request.conversation,
        [page = request.page, target = call.target](ReadContext& context, const PastView& view) {
            return messagesAsOf(context, page, view, target);
        });
}

void listPastParticipants(const RestCall& call, RestServices& services,
                          const ConversationId& conversation, Position after) {
    answerPast(call, services, Action::see, conversation,
               [after, target = call.target](ReadContext& context, const PastView& view) {
                   return participantsAsOf(context, after, view, target);
               });
}

}  // namespace parley
