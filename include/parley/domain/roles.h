#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace parley {

/// Who a user is in a conversation. The numbers are stored in the log: never reuse one.
enum class UserRole : std::uint8_t { customer = 1, agent = 2, supervisor = 3, robot = 4 };

/// What kind of message. The numbers are stored in the log: never reuse one.
enum class MessageType : std::uint8_t { text = 1, system = 2, robot = 3 };

/// The wire's names: "cx-customer", "cx-agent", "cx-supervisor", "robot".
std::string_view roleName(UserRole role);
std::optional<UserRole> parseRole(std::string_view name);

/// The wire's names: "text", "system", "robot".
std::string_view messageTypeName(MessageType type);
std::optional<MessageType> parseMessageType(std::string_view name);

/// Agents and supervisors.
constexpr bool isStaff(UserRole role) {
    return role == UserRole::agent || role == UserRole::supervisor;
}

}  // namespace parley
