#include "engine/weight.h"

#include <optional>
#include <string>

namespace parley {
namespace {

std::size_t bytes(const std::string& text) {
    return text.size();
}

template <typename Tag>
std::size_t bytes(const TextId<Tag>& id) {
    return id.str().size();
}

std::size_t bytes(const NamedParticipant& named) {
    return bytes(named.user);
}

template <typename Text>
std::size_t bytes(const std::optional<Text>& text) {
    return text ? bytes(*text) : 0;
}

template <typename Text>
std::size_t bytes(const std::vector<Text>& texts) {
    std::size_t sum = 0;
    for (const auto& text : texts) sum += bytes(text);
    return sum;
}

template <typename... Texts>
std::size_t sum(const Texts&... texts) {
    return (bytes(texts) + ... + 0);
}

/// One overload a command and none for the rest: a new command without one does not compile.
struct Weight {
    std::size_t operator()(const JoinRoom& join) const { return sum(join.conversation, join.user); }
    std::size_t operator()(const LeaveRoom& leave) const {
        return sum(leave.conversation, leave.user);
    }
    std::size_t operator()(const RemoveParticipant& removal) const {
        return sum(removal.conversation, removal.user, removal.by);
    }
    std::size_t operator()(const SendMessage& send) const {
        return sum(send.conversation, send.from, send.content, send.clientMessageId);
    }
    std::size_t operator()(const StartTyping& typing) const {
        return sum(typing.conversation, typing.user, typing.userName);
    }
    std::size_t operator()(const StopTyping& typing) const {
        return sum(typing.conversation, typing.user);
    }
    std::size_t operator()(const EndTyping& end) const { return sum(end.conversation, end.user); }
    std::size_t operator()(const ShareRobotMessage& share) const {
        return sum(share.conversation, share.from, share.clientMessageId);
    }
    std::size_t operator()(const StartConversation& start) const {
        return sum(start.conversation, start.createdBy, start.title, start.description,
                   start.initialParticipants);
    }

    std::size_t operator()(const Command& command) const { return std::visit(*this, command); }
    std::size_t operator()(const ConnectionClosed&) const { return 0; }
    std::size_t operator()(const Barrier&) const { return 0; }
    std::size_t operator()(const OpenSession&) const { return 0; }
    std::size_t operator()(const ResumeSession&) const { return 0; }
    std::size_t operator()(const WatchDashboard&) const { return 0; }
};

}  // namespace

std::size_t weightOf(const Request& request) {
    return std::visit(Weight{}, request.work);
}

}  // namespace parley
