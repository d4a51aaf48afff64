#pragma once

#include <functional>

struct sqlite3;

namespace parley {

/// The layer between SQLite and the system. It does three things:
///
/// A commit's WAL frames are written in as few calls as they fit in: SQLite hands each frame over
/// in two writes (24 bytes, a page), and each write costs a system call.
/// Writes to a WAL that follow one another are gathered and leave before the sync that makes them
/// durable, before anything of the file is read, and before it is closed; so nothing is ever
/// synced, or published in the WAL's index, that was not written first. For connections with
/// synchronous=FULL only: without the sync at the end of a commit, other connections would look
/// for frames that are not in the file yet. A write that fails is reported by the call that made
/// it leave. docs/decisions/027-gathered-wal-writes.md.
///
/// A write that a file-size limit cuts off (EFBIG: `ulimit -f`) has failed for want of room, as
/// on a full disk: SQLITE_FULL, where SQLite itself says SQLITE_IOERR_WRITE. Writes come before
/// the sync of their commit, so what fails so has not been committed. The process must ignore
/// SIGXFSZ. docs/decisions/046-file-size-limit.md.
///
/// A read can be interrupted between two pages (interruptReadsWhen).
///
/// Returns the name of an SQLite VFS over the current default. Null where there is none to be had:
/// the default does the same work in more calls. Any thread.
const char* storageVfs();

/// From now on each read of a page from the database file asks `interrupted` first, and fails with
/// SQLITE_INTERRUPT once it says true: SQLite's own progress handler is not asked while one of its
/// steps walks a whole table, as an integrity check and a count do. `interrupted` must be cheap,
/// and outlives the connection. Nothing happens where the connection was opened without this layer.
/// REQUIRES: `db` only reads. The connection's thread.
void interruptReadsWhen(sqlite3* db, const std::function<bool()>& interrupted);

}  // namespace parley
