#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace parley {

/// A user's role in a conversation. The numbers are stored in the log; domain/roles.def has one row
/// a role.
enum class UserRole : std::uint8_t {
#define ROLE(number, constant, ...) constant = number,
#include <parley/domain/roles.def>
};

/// The kinds of messages. The numbers are stored in the log; domain/roles.def has one row a kind.
enum class MessageType : std::uint8_t {
#define MESSAGE_TYPE(number, constant, ...) constant = number,
#include <parley/domain/roles.def>
};

/// A row of domain/roles.def. The views point to static storage.
struct UserRoleRow {
    UserRole role;
    std::string_view name;  ///< on the wire
    bool isStaff;           ///< sees hidden messages, writes notes, shares
};
/// Likewise.
struct MessageTypeRow {
    MessageType type;
    std::string_view name;
};

/// All roles; the role with number n is at n - 1.
inline constexpr std::array kUserRoles{
#define ROLE(number, constant, name, staff) UserRoleRow{UserRole::constant, name, staff},
#include <parley/domain/roles.def>
};
/// All kinds of messages; the kind with number n is at n - 1.
inline constexpr std::array kMessageTypes{
#define MESSAGE_TYPE(number, constant, name) MessageTypeRow{MessageType::constant, name},
#include <parley/domain/roles.def>
};

/// The wire's names: "cx-customer", "cx-agent", "cx-supervisor", "robot"; "unknown" for a number
/// that this program does not know.
std::string_view roleName(UserRole role);
/// The role of that name, exactly as written; nothing where there is none.
std::optional<UserRole> parseRole(std::string_view name);

/// The wire's names: "text", "system", "robot"; "unknown" as above.
std::string_view messageTypeName(MessageType type);
/// Likewise.
std::optional<MessageType> parseMessageType(std::string_view name);

/// Agents and supervisors. False for a number that this program does not know.
constexpr bool isStaff(UserRole role) {
    const auto index = static_cast<std::size_t>(role) - 1;
    return index < kUserRoles.size() && kUserRoles[index].isStaff;
}

}  // namespace parley
