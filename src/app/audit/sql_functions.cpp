#include "app/audit/sql_functions.h"

#include <parley/core/clock.h>
#include <parley/core/time_text.h>
#include <parley/domain/roles.h>
#include <parley/domain/visibility.h>
#include <parley/log/read/log_times.h>
#include <parley/log/statement_reset.h>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parley::app::audit {

/// What the functions need.
struct SqlFunctions::State {
    State(Database& database, TimeZone timeZone)
        : db(database),
          zone(std::move(timeZone)),
          times(database),
          event(database.sqlite(),
                "SELECT coalesce(is_visible, 1), actor FROM v1_event WHERE position = ?") {}

    Database& db;
    TimeZone zone;
    LogTimes times;
    SQLite::Statement event;
};

namespace {

SqlFunctions::State& of(sqlite3_context* context) {
    return *static_cast<SqlFunctions::State*>(sqlite3_user_data(context));
}

std::string_view textOf(sqlite3_value* value) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)))
                : std::string_view();
}

void fail(sqlite3_context* context, const std::string& why) {
    sqlite3_result_error(context, why.c_str(), static_cast<int>(why.size()));
}

void positionAt(sqlite3_context* context, int, sqlite3_value** values) {
    auto& state = of(context);
    const auto time = parseTime(textOf(values[0]), state.zone, SystemClock().now());
    if (!time) return fail(context, "position_at: " + time.error().message);
    const auto moment = state.times.at(*time);
    if (!moment) return fail(context, "position_at: " + moment.error().message);
    sqlite3_result_int64(context, moment->position.value);
}

void visibleTo(sqlite3_context* context, int, sqlite3_value** values) {
    const auto role = parseRole(textOf(values[0]));
    if (!role)
        return fail(context,
                    "visible_to: there is no role \"" + std::string(textOf(values[0])) + "\"");
    auto& event = of(context).event;
    try {
        const StatementReset guard(event);
        event.bind(1, static_cast<std::int64_t>(sqlite3_value_int64(values[2])));
        if (!event.executeStep()) return sqlite3_result_null(context);
        // The rule of domain/visibility.h, with users by their names: 1 is this user, 2 another.
        const bool own = event.getColumn(1).getString() == textOf(values[1]);
        const auto viewer = Viewer::of(UserKey{1}, *role);
        sqlite3_result_int(context,
                           visible(event.getColumn(0).getInt() != 0, UserKey{own ? 1 : 2}, viewer));
    } catch (const SQLite::Exception& error) {
        fail(context, std::string("visible_to: ") + error.what());
    }
}

/// The values of one group.
struct Values {
    std::vector<double> numbers;
    double percent = 0;
    bool areWhole = true;
    bool wrong = false;  ///< something was no number, or the percentage changed
};

bool isNumber(sqlite3_value* value) {
    return sqlite3_value_type(value) == SQLITE_INTEGER || sqlite3_value_type(value) == SQLITE_FLOAT;
}

void addToPercentile(sqlite3_context* context, int, sqlite3_value** given) {
    auto** const values =
        static_cast<Values**>(sqlite3_aggregate_context(context, sizeof(Values*)));
    if (!values) return sqlite3_result_error_nomem(context);
    if (!*values) *values = new Values;
    auto& group = **values;
    if (sqlite3_value_type(given[0]) == SQLITE_NULL) return;
    const double percent = sqlite3_value_double(given[1]);
    const bool changed = !group.numbers.empty() && percent != group.percent;
    group.wrong = group.wrong || changed || !isNumber(given[0]) || !isNumber(given[1]);
    if (sqlite3_value_type(given[0]) != SQLITE_INTEGER) group.areWhole = false;
    group.numbers.push_back(sqlite3_value_double(given[0]));
    group.percent = percent;
}

void endPercentile(sqlite3_context* context) {
    auto** const held = static_cast<Values**>(sqlite3_aggregate_context(context, 0));
    const std::unique_ptr<Values> values(held ? *held : nullptr);
    if (!values || values->numbers.empty()) return sqlite3_result_null(context);
    if (values->wrong || !(values->percent >= 0 && values->percent <= 100)) {
        return fail(context,
                    "percentile: it takes numbers, and one percentage from 0 to 100 for all");
    }
    auto& numbers = values->numbers;
    const auto count = static_cast<double>(numbers.size());
    const auto rank = std::max(1.0, std::ceil(values->percent * count / 100));
    const auto nth = numbers.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
    std::nth_element(numbers.begin(), nth, numbers.end());
    if (values->areWhole) {
        sqlite3_result_int64(context, static_cast<sqlite3_int64>(*nth));
    } else {
        sqlite3_result_double(context, *nth);
    }
}

// Of Debian's build and of the shell: nothing that reads or writes files, or loads code.
bool isHarmless(std::string_view function) {
    constexpr std::array kHarmful{"load_extension", "readfile", "writefile", "edit",
                                  "fts3_tokenizer"};
    return std::find(kHarmful.begin(), kHarmful.end(), function) == kHarmful.end();
}

int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
    switch (action) {
        case SQLITE_SELECT:
        case SQLITE_READ:
        case SQLITE_RECURSIVE: return SQLITE_OK;
        case SQLITE_FUNCTION: return isHarmless(second ? second : "") ? SQLITE_OK : SQLITE_DENY;
        // The full-text index asks for it while it is read.
        case SQLITE_PRAGMA:
            return std::string_view(first ? first : "") == "data_version" && !second ? SQLITE_OK
                                                                                     : SQLITE_DENY;
        default: return SQLITE_DENY;
    }
}

}  // namespace

SqlFunctions::SqlFunctions(Database& db, const TimeZone& zone)
    : state_(std::make_unique<State>(db, zone)) {
    sqlite3* const handle = db.sqlite().getHandle();
    using One = void (*)(sqlite3_context*, int, sqlite3_value**);
    using End = void (*)(sqlite3_context*);
    const auto add = [&](const char* name, int arguments, int flags, One one, One step, End end) {
        sqlite3_create_function_v2(handle, name, arguments, SQLITE_UTF8 | flags, state_.get(), one,
                                   step, end, nullptr);
    };
    add("position_at", 1, 0, positionAt, nullptr, nullptr);
    add("visible_to", 3, 0, visibleTo, nullptr, nullptr);
    add("percentile", 2, SQLITE_DETERMINISTIC, nullptr, addToPercentile, endPercentile);
}

SqlFunctions::~SqlFunctions() {
    sqlite3* const handle = state_->db.sqlite().getHandle();
    for (const auto& [name, arguments] :
         {std::pair("position_at", 1), std::pair("visible_to", 3), std::pair("percentile", 2)}) {
        sqlite3_create_function_v2(handle, name, arguments, SQLITE_UTF8, nullptr, nullptr, nullptr,
                                   nullptr, nullptr);
    }
}

void allowOnlySelect(Database& db) {
    // Their tables are made at their first use, which the authorizer would take for CREATE TABLE.
    db.sqlite().exec("SELECT 1 FROM json_each('[]'), json_tree('[]')");
    sqlite3_limit(db.sqlite().getHandle(), SQLITE_LIMIT_LENGTH, kLengthMax);
    sqlite3_set_authorizer(db.sqlite().getHandle(), authorize, nullptr);
}

}  // namespace parley::app::audit
