#pragma once

#include "app/audit/row_writer.h"

#include <parley/core/result.h>
#include <parley/log/database.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace parley::app::audit {

/// What a named parameter is bound to.
using Parameter = std::variant<std::int64_t, std::string>;
using Parameters = std::map<std::string, Parameter>;  ///< by their names, without the colon

/// One statement of a person, or of a question. It is run once. One thread, its connection's.
class Statement {
public:
    /// Compiles the one statement in `sql`, and binds the parameters that it names. Refuses with
    /// `invalid_value`, in SQLite's words and with the place where it stopped, what is no SQL, what
    /// the connection may not do, more than one statement, and a parameter without a value.
    static Result<Statement> prepare(Database& db, std::string_view sql,
                                     const Parameters& parameters);
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;

    /// How it would be run: SQLite's plan, one step a line, indented.
    Result<std::string> plan();
    /// The text with its parameters' values in it.
    std::string expanded() const;

    /// What was read.
    struct Ran {
        std::int64_t rows = 0;
        std::optional<std::int64_t> lastPosition;  ///< of the last row, where it has one
        bool hasMore = false;  ///< of a search, which reads no row more than it is asked for
    };
    /// Runs it, and gives each row to `writer`, from `begin` to `end`. `convert` may put another
    /// text in place of a cell's. `ran` is true of what was read also after an error: the time
    /// limit (`read_timeout`), or those of Database::run.
    using Convert = std::function<std::string(std::size_t column, std::string_view text)>;
    Result<void> run(RowWriter& writer, Ran& ran, const Convert& convert = {});

    const std::vector<std::string>& columns() const { return columns_; }

private:
    Statement(Database& db, sqlite3_stmt* statement);
    Result<void> bind(const Parameters& parameters);
    Cell cellOf(int column) const;

    Database& db_;
    sqlite3_stmt* statement_;
    std::vector<std::string> columns_;
};

}  // namespace parley::app::audit
