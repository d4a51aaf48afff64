#pragma once

#include <SQLiteCpp/Statement.h>

namespace parley {

/// Resets a statement now and at the end of the scope, also by an exception: a statement left
/// un-reset keeps its read transaction open and the WAL growing. REQUIRES: the statement outlives
/// it.
class StatementReset {
public:
    explicit StatementReset(SQLite::Statement& statement) : statement_(statement) {
        statement_.tryReset();
    }
    ~StatementReset() { statement_.tryReset(); }
    StatementReset(const StatementReset&) = delete;
    StatementReset& operator=(const StatementReset&) = delete;

private:
    SQLite::Statement& statement_;
};

}  // namespace parley
