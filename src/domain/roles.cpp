#include <parley/domain/roles.h>

#include <array>
#include <utility>

namespace parley {
namespace {

constexpr std::array kRoles{
    std::pair{UserRole::customer, std::string_view("cx-customer")},
    std::pair{UserRole::agent, std::string_view("cx-agent")},
    std::pair{UserRole::supervisor, std::string_view("cx-supervisor")},
    std::pair{UserRole::robot, std::string_view("robot")},
};
constexpr std::array kMessageTypes{
    std::pair{MessageType::text, std::string_view("text")},
    std::pair{MessageType::system, std::string_view("system")},
    std::pair{MessageType::robot, std::string_view("robot")},
};

template <typename Table, typename Key>
std::string_view nameIn(const Table& table, Key key) {
    for (const auto& [value, name] : table) {
        if (value == key) return name;
    }
    return "unknown";
}

template <typename Key, typename Table>
std::optional<Key> keyIn(const Table& table, std::string_view wanted) {
    for (const auto& [value, name] : table) {
        if (name == wanted) return value;
    }
    return std::nullopt;
}

}  // namespace

std::string_view roleName(UserRole role) {
    return nameIn(kRoles, role);
}
std::optional<UserRole> parseRole(std::string_view name) {
    return keyIn<UserRole>(kRoles, name);
}

std::string_view messageTypeName(MessageType type) {
    return nameIn(kMessageTypes, type);
}
std::optional<MessageType> parseMessageType(std::string_view name) {
    return keyIn<MessageType>(kMessageTypes, name);
}

}  // namespace parley
