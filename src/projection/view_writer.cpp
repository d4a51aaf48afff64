#include "projection/tables/conversation_table.h"
#include "projection/tables/dashboard_table.h"
#include "projection/tables/hidden_table.h"
#include "projection/tables/hour_table.h"
#include "projection/tables/overlay_table.h"
#include "projection/tables/participant_table.h"

#include <parley/projection/view_writer.h>

#include <tuple>
#include <type_traits>

namespace parley {

namespace {

// The version when all tables still had one in common.
constexpr int kCommonVersion = 4;

// A new view is a class like these and one name here. Each event reaches them in this order.
using AllTables = std::tuple<ConversationTable, ParticipantTable, HiddenTable, OverlayTable,
                             DashboardTable, HourTable>;

template <typename... Table>
std::vector<ViewTable> tablesOf(std::type_identity<std::tuple<Table...>>) {
    std::vector<ViewTable> tables;
    tables.reserve((Table::kTables.size() + ...));
    const auto add = [&](const auto& more) {
        for (const auto& table : more) tables.push_back(table);
    };
    (add(Table::kTables), ...);
    return tables;
}

template <typename... Table>
constexpr int versionOf(std::type_identity<std::tuple<Table...>>) {
    return kCommonVersion + (Table::kVersion + ...);
}

template <typename... Table>
std::tuple<Table...> open(SQLite::Database& db, std::type_identity<std::tuple<Table...>>) {
    return {Table(db)...};
}

// Whether a join or a leave makes its actor, a customer until now, no customer any more.
bool customerWent(const std::optional<Stay>& before, const FoldableEvent& event) {
    if (!before || before->role != UserRole::customer) return false;
    return event.type == EventType::participantLeft ||
           afterJoin(before, event).role != UserRole::customer;
}

}  // namespace

struct ViewWriter::Tables {
    explicit Tables(SQLite::Database& db) : all(open(db, std::type_identity<AllTables>{})) {}

    template <typename Action>
    void each(const Action& action) {
        std::apply([&](auto&... table) { (action(table), ...); }, all);
    }

    AllTables all;
};

std::vector<ViewTable> viewTables() {
    return tablesOf(std::type_identity<AllTables>{});
}

int projectionVersion() {
    return versionOf(std::type_identity<AllTables>{});
}

ViewWriter::ViewWriter(SQLite::Database& db) : tables_(std::make_unique<Tables>(db)) {}
ViewWriter::~ViewWriter() = default;

void ViewWriter::apply(const FoldableEvent& event) {
    ViewChange change{event, {}};
    if (isMembership(event.type)) {
        auto& participants = std::get<ParticipantTable>(tables_->all);
        change.before = participants.stayOf(event);
        change.lastCustomerWent =
            customerWent(change.before, event) && !participants.hasOtherCustomer(event);
    }
    tables_->each([&](auto& table) { table.apply(change); });
}

void ViewWriter::flush() {
    tables_->each([](auto& table) { table.flush(); });
}

void ViewWriter::forget() {
    tables_->each([](auto& table) { table.forget(); });
}

std::size_t ViewWriter::gathered() const {
    std::size_t rows = 0;
    tables_->each([&](const auto& table) {
        if constexpr (requires { table.gathered(); }) rows += table.gathered();
    });
    return rows;
}

}  // namespace parley
