#include <parley/log/execute.h>
#include <parley/log/replication_mark.h>

namespace parley {
namespace {

std::uint64_t unsignedColumn(SQLite::Statement& row, int index) {
    return static_cast<std::uint64_t>(row.getColumn(index).getInt64());
}

}  // namespace

Result<std::optional<ReplicationMark>> readReplicationMark(Database& db) {
    return db.query([&]() -> std::optional<ReplicationMark> {
        SQLite::Statement row(db.sqlite(),
                              "SELECT incarnation, epoch, sequence FROM cluster_state");
        if (!row.executeStep()) return std::nullopt;
        return ReplicationMark{unsignedColumn(row, 0), unsignedColumn(row, 1),
                               unsignedColumn(row, 2)};
    });
}

Result<void> writeReplicationMark(Database& db, const ReplicationMark& mark) {
    return db.run([&] {
        SQLite::Statement row(db.sqlite(),
                              "INSERT INTO cluster_state (id, incarnation, epoch, sequence)"
                              " VALUES (1, ?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET"
                              " incarnation = ?1, epoch = ?2, sequence = ?3");
        execute(row, mark.incarnation, mark.epoch, mark.sequence);
    });
}

}  // namespace parley
