#include "app/nearest_id.h"

#include "app/nearest.h"

#include <array>
#include <cstddef>
#include <sstream>
#include <utility>

namespace parley::app {
namespace {

constexpr std::size_t kIdsMax = 1'000'000;

constexpr std::array<std::pair<const char*, IdOf>, 3> kIdOptions{
    {{"conversation", IdOf::conversation}, {"user", IdOf::user}, {"viewer", IdOf::user}}};

}  // namespace

Result<std::optional<std::string>> nearestIfUnknown(Database& log, IdOf of, const std::string& id) {
    const bool isUser = of == IdOf::user;
    return log.query([&]() -> std::optional<std::string> {
        SQLite::Statement known(log.sqlite(),
                                isUser ? "SELECT 1 FROM v1_participant WHERE user_id = ? LIMIT 1"
                                       : "SELECT 1 FROM v1_conversation WHERE id = ? LIMIT 1");
        known.bind(1, id);
        if (known.executeStep()) return std::nullopt;
        SQLite::Statement others(log.sqlite(), isUser
                                                   ? "SELECT DISTINCT user_id FROM v1_participant"
                                                   : "SELECT id FROM v1_conversation");
        std::string nearest;
        for (std::size_t i = 0; i < kIdsMax && others.executeStep(); ++i) {
            std::string other = others.getColumn(0).getString();
            if (nearest.empty() || editDistance(id, other) < editDistance(id, nearest)) {
                nearest = std::move(other);
            }
        }
        return nearest;
    });
}

std::string nearestWords(const std::string& id) {
    return id.empty() ? id : "; the nearest is \"" + id + '"';
}

Error withNearest(Database& log, Error error, const Given& given) {
    for (const auto& [option, of] : kIdOptions) {
        std::istringstream ids(textOf(given, option));
        for (std::string id; std::getline(ids, id);) {  // --conversation may come several times
            const auto nearest = nearestIfUnknown(log, of, id);
            if (!nearest || !*nearest) continue;
            error.message += nearestWords(**nearest);
            return error;
        }
    }
    return error;
}

}  // namespace parley::app
