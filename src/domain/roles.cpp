#include <parley/domain/roles.h>

namespace parley {
namespace {

template <typename Table, typename Key>
std::string_view nameIn(const Table& table, Key key) {
    const auto index = static_cast<std::size_t>(key) - 1;
    return index < table.size() ? table[index].name : "unknown";
}

}  // namespace

std::string_view roleName(UserRole role) {
    return nameIn(kUserRoles, role);
}
std::optional<UserRole> parseRole(std::string_view name) {
    for (const auto& row : kUserRoles) {
        if (row.name == name) return row.role;
    }
    return std::nullopt;
}

std::string_view messageTypeName(MessageType type) {
    return nameIn(kMessageTypes, type);
}
std::optional<MessageType> parseMessageType(std::string_view name) {
    for (const auto& row : kMessageTypes) {
        if (row.name == name) return row.type;
    }
    return std::nullopt;
}

}  // namespace parley
