#pragma once

#include <parley/broadcast/delivery.h>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What an update is told as, and the small values that tests build updates from.
namespace parley::test {

inline constexpr ConnectionId kSender{7};
/// 2026-01-31T08:15:30.042Z
inline constexpr UnixMillis kAt{1'769'847'330'042};

inline ConversationId conversation(std::string_view id = "c1") {
    return *ConversationId::parse(id, "conversationId");
}
inline UserId user(std::string_view id) {
    return *UserId::parse(id, "userId");
}
inline Participant participant(std::string_view id, UserRole role) {
    return {.user = user(id), .userKey = {5}, .role = role, .joinedAt = kAt};
}

/// What the log knows of an event in c1.
inline EventPtr event(Position position, std::string_view actor) {
    Event it;
    it.position = position;
    it.at = kAt;
    it.conversation = conversation();
    it.conversationKey = {11};
    it.actor = user(actor);
    it.actorKey = {5};
    return std::make_shared<const Event>(std::move(it));
}

inline std::vector<Delivery> told(const ProjectionUpdate& update, ConnectionId sender = kSender) {
    std::vector<Delivery> out;
    broadcastUpdate(update, sender, out);
    return out;
}
inline std::string textOf(const Delivery& delivery) {
    return std::string(delivery.frame->payload());
}
/// What a client that asked for cursors gets as the last argument; empty where there is none.
inline std::string cursorOf(const Delivery& delivery) {
    const auto with = std::string(withCursor(delivery)->payload());
    const auto without = textOf(delivery);
    REQUIRE(with.starts_with(without.substr(0, without.size() - 1)));
    return with.size() == without.size() ? "" : with.substr(without.size() - 1);
}
inline bool isForDashboards(const Delivery& delivery) {
    return delivery.room.value == 0;
}

}  // namespace parley::test
