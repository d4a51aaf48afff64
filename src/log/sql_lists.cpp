#include <parley/domain/roles.h>
#include <parley/log/sql_lists.h>

namespace parley {
namespace {

template <typename Enum>
std::string number(Enum value) {
    return std::to_string(static_cast<int>(value));
}

}  // namespace

std::string sqlTypes(EventKind kind) {
    std::string list;
    for (const auto& row : kEventTypes) {
        if (row.kind != kind) continue;
        list += list.empty() ? "(" : ", ";
        list += std::to_string(static_cast<int>(row.type));
    }
    return list + ")";
}

std::string sqlAsks(const std::string& alias) {
    return "(" + alias + ".type = " + number(EventType::messageSent) + " AND " + alias +
           ".role IS " + number(UserRole::customer) + ")";
}

std::string sqlAnswers(const std::string& alias) {
    return "(" + alias + ".type = " + number(EventType::messageShared) + " OR (" + alias +
           ".type = " + number(EventType::messageSent) + " AND " + alias + ".message_type IS " +
           number(MessageType::text) + " AND coalesce(" + alias + ".role IN (" +
           number(UserRole::agent) + ", " + number(UserRole::supervisor) + "), 0) AND " + alias +
           ".visible IS NOT 0))";
}

}  // namespace parley
