#include "audit/fold.h"

#include "audit/open_stay_counts.h"
#include "audit/open_stays_cache.h"
#include "audit/tables/activity_table.h"
#include "audit/tables/quarter_hour_table.h"
#include "audit/tables/reply_table.h"
#include "audit/tables/search_table.h"
#include "audit/tables/stay_table.h"
#include "audit/tables/user_event_table.h"

#include <tuple>
#include <type_traits>

namespace parley::audit {
namespace {

// A new table is a class like these and one name here. Each event reaches them in this order.
using AllTables =
    std::tuple<StayTable, UserEventTable, ActivityTable, QuarterHourTable, ReplyTable, SearchTable>;

template <typename... Table>
std::vector<const char*> tablesOf(std::type_identity<std::tuple<Table...>>) {
    std::vector<const char*> tables;
    const auto add = [&](const auto& more) {
        for (const char* table : more) tables.push_back(table);
    };
    (add(Table::kTables), ...);
    return tables;
}

template <typename... Table>
constexpr int versionOf(std::type_identity<std::tuple<Table...>>) {
    return (Table::kVersion + ...);
}

template <typename... Table>
std::tuple<Table...> open(SQLite::Database& db, std::type_identity<std::tuple<Table...>>) {
    return {Table(db)...};
}

// Typing events, for example, do not say the role.
std::optional<UserRole> roleIn(const FoldableEvent& event, const OpenStays& before) {
    if (event.role) return event.role;
    const auto stay = before.stayOf(event.actorKey);
    return stay ? std::optional(stay->role) : std::nullopt;
}

}  // namespace

struct Fold::Tables {
    explicit Tables(SQLite::Database& db)
        : stays(db), counts(db), all(open(db, std::type_identity<AllTables>{})) {}

    template <typename Action>
    void each(const Action& action) {
        std::apply([&](auto&... table) { (action(table), ...); }, all);
    }

    OpenStaysCache stays;
    OpenStayCounts counts;
    AllTables all;
};

std::vector<const char*> foldedTables() {
    return tablesOf(std::type_identity<AllTables>{});
}

int foldVersion() {
    return versionOf(std::type_identity<AllTables>{});
}

Fold::Fold(SQLite::Database& db) : tables_(std::make_unique<Tables>(db)) {}
Fold::~Fold() = default;

void Fold::begin(ConversationKey known) {
    tables_->stays.beginChunk(known);
}

void Fold::apply(const FoldableEvent& event, std::optional<std::string_view> content) {
    OpenStays& stays = tables_->stays.of(event.conversationKey);
    const auto role = roleIn(event, stays);
    const StayChange changed = stays.apply(event);
    const AuditChange change{event, role, changed, tables_->counts.after(event, changed), content};
    tables_->each([&](auto& table) { table.apply(change); });
}

void Fold::flush() {
    tables_->each([](auto& table) { table.flush(); });
    tables_->counts.endChunk();
}

void Fold::forget() {
    tables_->stays.forget();
    tables_->counts.forget();
    tables_->each([](auto& table) { table.forget(); });
}

}  // namespace parley::audit
