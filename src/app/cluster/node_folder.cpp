#include "app/cluster/node_folder.h"

#include "log/safe_file.h"

#include <parley/cluster/run_id.h>
#include <parley/core/text_file.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>
#include <parley/log/log_head.h>
#include <parley/log/migrations.h>
#include <parley/log/replication_mark.h>

#include <charconv>
#include <fstream>
#include <string>

namespace parley::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kRunMs = 8000;  // 65,536 of them are six days
constexpr std::size_t kFileBytesMax = 64;

fs::path runFileIn(const fs::path& folder) {
    return folder / "cluster.run";
}

// Nothing where there is none, or none that can be read: the clock alone counts then.
std::optional<std::uint16_t> lastRun(const fs::path& file) {
    const auto text = readTextFile(file.string(), kFileBytesMax);
    if (!text) return std::nullopt;
    std::uint16_t run = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), run);
    if (error != std::errc()) return std::nullopt;
    return run;
}

Result<void> writeRun(const fs::path& folder, std::uint16_t run) {
    const auto part = partFileIn(folder);
    makeFileForSqlite(part);  // with its mode
    std::ofstream out(part, std::ios::trunc);
    out << run << '\n';
    out.close();
    if (out.fail()) {
        std::error_code ignored;
        fs::remove(part, ignored);
        return Error{ErrorCode::storage_failed, "\"" + part.string() + "\" cannot be written"};
    }
    return moveIntoPlace(part, runFileIn(folder), true);
}

}  // namespace

Result<std::optional<Replica::Place>> readPlace(const fs::path& folder) {
    std::error_code failed;
    const auto file = DataFolder::databaseIn(folder);
    if (!fs::exists(file, failed)) return std::optional<Replica::Place>();
    PARLEY_TRY_ASSIGN(const auto db, Database::openReader(file));
    PARLEY_TRY_ASSIGN(const bool has,
                      db->query([&] { return db->sqlite().tableExists("cluster_state"); }));
    if (!has) return std::optional<Replica::Place>();
    PARLEY_TRY_ASSIGN(const auto mark, readReplicationMark(*db));
    if (!mark) return std::optional<Replica::Place>();
    PARLEY_TRY_ASSIGN(const auto head, readHead(*db));
    return std::optional(Replica::Place{*mark, head});
}

Result<std::optional<Replica::Place>> readPlaceFor(const fs::path& folder, bool isNode) {
    PARLEY_TRY_ASSIGN(const auto place, readPlace(folder));
    if (place.has_value() == isNode) return place;
    const std::string name = "the data folder \"" + folder.string() + "\" ";
    if (isNode) {
        return Error{ErrorCode::invalid_setting,
                     name +
                         "is not a node's: `parley cluster init` makes it the first one, "
                         "`parley cluster join` another one"};
    }
    return Error{ErrorCode::invalid_setting,
                 name +
                     "is a cluster's node's: say cluster.name, or make it a single server's "
                     "again with `parley cluster leave`"};
}

Result<std::uint16_t> countRun(const fs::path& folder, const Clock& clock) {
    const auto byClock = static_cast<std::uint16_t>(clock.now().value / kRunMs);
    const auto last = lastRun(runFileIn(folder));
    auto run = byClock;
    if (last) {
        const auto next = static_cast<std::uint16_t>(*last + 1);
        if (isLateRun(byClock, next)) run = next;
    }
    PARLEY_TRY(writeRun(folder, run));
    return run;
}

}  // namespace parley::app
