#include "projection/list_filters.h"

#include <parley/core/json_writer.h>

#include <SQLiteCpp/Column.h>

#include <string_view>

namespace parley {
namespace {

template <typename Value>
std::string jsonOf(const std::vector<Value>& values) {
    std::string out;
    JsonWriter json(out);
    json.beginArray();
    for (const auto& one : values) json.value(one);
    json.endArray();
    return out;
}

// The least text after all that begin with `prefix`, byte by byte: no byte of UTF-8 is 0xFF.
std::string endOf(std::string prefix) {
    prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

// Customers are not told of hidden participants.
std::string_view shownTo(const Viewer& viewer) {
    return viewer.role() == UserRole::customer ? " AND p.hidden = 0" : "";
}

// The conversations with the prefix, some more than once; more than kMatchesMax: there may be more.
std::vector<std::int64_t> matches(SQLite::Database& db, const ListRequest& request) {
    SQLite::Statement row(
        db,
        "SELECT key FROM conversation_key WHERE id >= ?1 AND id < ?2"
        " UNION ALL SELECT p.conversation FROM user_key AS u JOIN participant AS p"
        " ON p.user = u.key WHERE u.id >= ?1 AND u.id < ?2 AND p.left_at IS NULL" +
            std::string(shownTo(request.viewer)) + " LIMIT ?3");
    row.bind(1, request.prefix);
    row.bind(2, endOf(request.prefix));
    row.bind(3, static_cast<std::int64_t>(ListFilters::kMatchesMax + 1));
    std::vector<std::int64_t> found;
    while (row.executeStep()) found.push_back(row.getColumn(0).getInt64());
    return found;
}

}  // namespace

ListFilters::ListFilters(SQLite::Database& db, const ListRequest& request) {
    if (request.show == ListShow::waiting) sql_ += " AND c.waiting_position IS NOT NULL";
    if (request.show == ListShow::withoutAgent) sql_ += " AND c.staff_count = 0";
    if (request.listed.of) {
        sql_ +=
            " AND c.conversation IN (SELECT conversation FROM participant"
            " WHERE user = :participant AND left_at IS NULL)";
        add(":participant", request.listed.of->value);
        narrow_ = true;
    }
    if (request.listed.only) {
        sql_ += " AND k.id IN (SELECT value FROM json_each(:only))";
        add(":only", jsonOf(*request.listed.only));
        narrow_ = true;
    }
    if (!request.prefix.empty()) addPrefix(db, request);
}

void ListFilters::addPrefix(SQLite::Database& db, const ListRequest& request) {
    const auto found = matches(db, request);
    if (found.size() <= kMatchesMax) {
        sql_ += " AND c.conversation IN (SELECT value FROM json_each(:matches))";
        add(":matches", jsonOf(found));
        narrow_ = true;
        return;
    }
    sql_ +=
        " AND (k.id >= :prefix AND k.id < :prefixEnd OR EXISTS (SELECT 1 FROM participant AS p"
        " JOIN user_key AS u ON u.key = p.user WHERE p.conversation = c.conversation"
        " AND p.left_at IS NULL AND u.id >= :prefix AND u.id < :prefixEnd";
    sql_ += shownTo(request.viewer);
    sql_ += "))";
    add(":prefix", request.prefix);
    add(":prefixEnd", endOf(request.prefix));
}

void ListFilters::bindTo(SQLite::Statement& statement) const {
    for (const auto& [name, value] : numbers_) statement.bind(name, value);
    for (const auto& [name, value] : texts_) statement.bind(name, value);
}

}  // namespace parley
