#include <parley/log/sql_lists.h>

namespace parley {

std::string sqlTypes(EventKind kind) {
    std::string list;
    for (const auto& row : kEventTypes) {
        if (row.kind != kind) continue;
        list += list.empty() ? "(" : ", ";
        list += std::to_string(static_cast<int>(row.type));
    }
    return list + ")";
}

}  // namespace parley
