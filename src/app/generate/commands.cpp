#include "app/generate/commands.h"

#include "app/generate/words.h"

#include <parley/core/check.h>

#include <array>
#include <cstdio>

namespace parley::app::generate {
namespace {

// Some clients name their messages, so that they can send one again.
std::optional<ClientMessageId> clientMessageIdOf(std::uint64_t seed) {
    if (seed % 2 == 0) return std::nullopt;
    std::array<char, 24> id{};
    std::snprintf(id.data(), id.size(), "m-%014llx", static_cast<unsigned long long>(seed >> 8));
    return ClientMessageId::fromStored(id.data());
}

SendMessage messageOf(const Story& story, const StoryStep& step,
                      const ConversationId& conversation) {
    const Character& author = story.people[step.who];
    SendMessage send;
    send.conversation = conversation;
    send.from = author.user;
    send.fromRole = author.role;
    send.content = message(story.language, step.text);
    send.clientMessageId = clientMessageIdOf(step.text);
    return send;
}

SendMessage noteOf(const Story& story, const StoryStep& step, const ConversationId& conversation) {
    SendMessage note = messageOf(story, step, conversation);
    note.isVisible = false;
    return note;
}

SendMessage robotMessageOf(const Story& story, const StoryStep& step,
                           const ConversationId& conversation) {
    SendMessage answer = messageOf(story, step, conversation);
    answer.type = MessageType::robot;
    answer.clientMessageId.reset();
    return answer;
}

StartConversation startOf(const Story& story, const StoryStep& step,
                          const ConversationId& conversation) {
    const Character& creator = story.people[step.who];
    return {.conversation = conversation,
            .createdBy = creator.user,
            .createdByRole = creator.role,
            .title = title(story.language, step.text),
            .description = std::nullopt,
            .initialParticipants = {{creator.user, creator.role}}};
}

}  // namespace

Command commandOf(const Story& story, const StoryStep& step, const ConversationId& conversation,
                  const std::optional<Event>& robots) {
    const Character& who = story.people[step.who];
    const auto typing = [&](std::optional<bool> isVisible) {
        return StartTyping{conversation, who.user, who.name, std::nullopt, isVisible};
    };
    switch (step.act) {
        case Act::start: return startOf(story, step, conversation);
        case Act::join: return JoinRoom{conversation, who.user, who.role};
        case Act::joinHidden: return JoinRoom{conversation, who.user, who.role, false, true};
        case Act::leave: return LeaveRoom{conversation, who.user};
        case Act::remove:
            return RemoveParticipant{conversation, story.people[step.other].user, who.user};
        case Act::type: return typing(std::nullopt);
        case Act::typeHidden: return typing(false);
        case Act::stopTyping: return StopTyping{conversation, who.user};
        case Act::typingTimeout: return EndTyping{conversation, who.user, cause::kTimeout};
        case Act::disconnect: return EndTyping{conversation, who.user, cause::kDisconnect};
        case Act::say: return messageOf(story, step, conversation);
        case Act::note: return noteOf(story, step, conversation);
        case Act::answerByRobot: return robotMessageOf(story, step, conversation);
        case Act::share: break;
    }
    PARLEY_CHECK(robots.has_value());
    return ShareRobotMessage{conversation, robots->id, who.user};
}

}  // namespace parley::app::generate
