#include "gateway/rest/past_question.h"

#include "gateway/history/history.h"

#include <parley/core/try.h>
#include <parley/domain/refusals.h>
#include <parley/projection/past_sight.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace parley {
namespace {

constexpr std::array<std::string_view, 3> kParameters{"asOf", "viewer", "viewerRole"};

// The words of parseAsOf and momentOf do not name the parameter.
Error ofAsOf(Error error) {
    if (error.code == ErrorCode::invalid_value) error.message = "asOf: " + error.message;
    return error;
}

Result<void> readViewerIn(const RestCall& call, PastQuestion& question) {
    if (const auto* viewer = valueOf(call.target, "viewer")) {
        PARLEY_TRY_ASSIGN(question.viewer, UserId::parse(*viewer, "viewer"));
    }
    const auto* role = valueOf(call.target, "viewerRole");
    if (!role) return {};
    if (!question.viewer) return Error{ErrorCode::invalid_value, "viewerRole needs a viewer"};
    question.viewerRole = parseRole(*role);
    if (question.viewerRole) return {};
    return Error{ErrorCode::unknown_role,
                 "viewerRole must be cx-customer, cx-agent, cx-supervisor or robot"};
}

bool namesItself(const PastQuestion& question, const Principal& asker) {
    return !question.viewer || (asker.role && *question.viewer == asker.user &&
                                question.viewerRole.value_or(*asker.role) == *asker.role);
}

Result<void> mayAsk(const RestCall& call, const PastQuestion& question) {
    if (!call.principal) {
        if (net::isThisMachine(call.http.credentials)) return {};
        return Error{ErrorCode::forbidden,
                     "with auth.mode=none only clients on the server's machine may ask for the "
                     "past or through another's eyes"};
    }
    if (namesItself(question, *call.principal)) return {};
    const auto permission = authorize(*call.principal, ServerAction::nameViewer);
    return permission == Permission::allowed ? Result<void>() : forbidden();
}

Result<LogMoment> momentIn(ReadContext& context, const PastQuestion& question) {
    if (!question.asOf) return context.times.head();
    auto moment = momentOf(context.times, *question.asOf, question.now);
    return moment ? moment : ofAsOf(moment.error());
}

// Those that the table keeps to what they took part in, which are looked at as of then, too.
std::optional<UserId> eyesOf(const PastQuestion& question) {
    if (question.viewer) return question.viewer;
    const auto* principal = question.asker.principal.get();
    return principal && principal->role ? std::optional(principal->user) : std::nullopt;
}

std::optional<UserRole> roleOf(const PastQuestion& question) {
    return question.viewer ? question.viewerRole : question.asker.principal->role;
}

}  // namespace

bool asksPast(const RestCall& call) {
    return std::ranges::any_of(kParameters,
                               [&](auto name) { return valueOf(call.target, name) != nullptr; });
}

Error knowsNoPast() {
    return {ErrorCode::invalid_value,
            "asOf, viewer and viewerRole: this route tells only what is now, to the asker"};
}

Result<PastQuestion> readPast(const RestCall& call, RestServices& services) {
    PARLEY_TRY(checkOnce(call.target, kParameters));
    PastQuestion question;
    question.now = services.shared.clock.now();
    PARLEY_TRY_ASSIGN(question.asker, readViewer(call, services));
    PARLEY_TRY(readViewerIn(call, question));
    PARLEY_TRY(mayAsk(call, question));
    if (const auto* text = valueOf(call.target, "asOf")) {
        auto asOf = parseAsOf(timeIn(*text), question.now);
        if (!asOf) return ofAsOf(asOf.error());
        question.asOf = *asOf;
    }
    return question;
}

Result<PastView> pastView(ReadContext& context, const PastQuestion& question, Action action,
                          const ConversationId& conversation) {
    // First, as whether it is refused must not depend on a conversation that the viewer cannot see.
    PARLEY_TRY_ASSIGN(const auto moment, momentIn(context, question));
    PARLEY_TRY_ASSIGN(auto access, readAccess(context, question.asker, action, conversation));
    PARLEY_TRY(readAccess(context, question.asker, Action::readPast, conversation));
    const auto key = access.conversation;
    PARLEY_TRY_ASSIGN(const Seq last, context.seqs.lastBefore(key, {moment.position.value + 1}));
    if (last.value == 0) return conversationNotFound(conversation);
    PastView view{key, moment, access.viewer, moment.position};
    if (access.upTo) view.messages = std::min(view.messages, *access.upTo);
    const auto eyes = eyesOf(question);
    if (!eyes) return view;
    PARLEY_TRY_ASSIGN(const auto user, context.keys.find(*eyes));
    PARLEY_TRY_ASSIGN(const auto sight, sightOf(context.pastStates, key, user.value_or(UserKey{0}),
                                                roleOf(question), moment.position));
    const bool sees = action == Action::see ? sight.conversation : sight.messages.has_value();
    if (!sees) return conversationNotFound(conversation);
    view.viewer = bothOf(access.viewer, sight.viewer);
    if (sight.messages) view.messages = std::min(view.messages, *sight.messages);
    return view;
}

Result<bool> isOwnHistory(ReadContext& context, const PastQuestion& question, Action action,
                          const ConversationId& conversation) {
    PARLEY_TRY_ASSIGN(const auto moment, momentIn(context, question));
    PARLEY_TRY_ASSIGN(const auto key, conversationKey(context, conversation));
    PARLEY_TRY_ASSIGN(const auto user, context.keys.find(*question.asker.user));
    if (!user) return false;
    PARLEY_TRY_ASSIGN(const auto sight,
                      sightOf(context.pastStates, key, *user, {}, moment.position));
    if (sight.viewer.role() != UserRole::customer) return false;
    if (action == Action::see) return sight.conversation;
    // Without a viewer nothing is left out that was said after the customer had left.
    return sight.messages && (question.viewer || *sight.messages == moment.position);
}

}  // namespace parley
