// A crash at every single step of a migration leaves the old schema or the new one.
#include "faults/fault_disk.h"
#include "support/temp_folder.h"

#include <parley/core/clock.h>
#include <parley/core/logging.h>
#include <parley/log/migrations.h>
#include <parley/log/verify.h>

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace parley;
using namespace parley::faults;

namespace {

constexpr int kFinished = 0;
constexpr int kCutOff = 10;

const std::filesystem::path kGolden = PARLEY_SOURCE_DIR "/tests/golden";

// From an empty folder, and from each released program's database.
std::vector<std::filesystem::path> starts() {
    std::vector<std::filesystem::path> found{{}};
    for (const auto& entry : std::filesystem::directory_iterator(kGolden)) {
        if (entry.path().extension() == ".db") found.push_back(entry.path());
    }
    return found;
}

Result<void> openAndMigrate(const std::filesystem::path& file) {
    auto db = Database::openWriter(file);
    if (!db) return db.error();
    auto migrated = migrate(**db, ManualClock());
    if (migrated) (*db)->allowCheckpointAtClose();
    return migrated;
}

// Migrates in its own process on a disk with this plan; the surviving files are in `after`.
int migrateOn(const FaultPlan& plan, const std::filesystem::path& live,
              const std::filesystem::path& after) {
    logger().set_level(spdlog::level::off);  // errors are expected
    const pid_t pid = ::fork();
    if (pid == 0) {
        FaultDisk* disk = nullptr;
        disk = &FaultDisk::install(plan, [&] {
            disk->save(Survivors::powerLoss, live, after);
            std::_Exit(kCutOff);
        });
        const bool migrated = openAndMigrate(live / "parley.db").ok();
        disk->save(Survivors::everything, live, after);
        std::_Exit(migrated && disk->injected() == 0 ? kFinished : kCutOff);
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string schemaOf(Database& db) {
    std::string out;
    SQLite::Statement rows(
        db.sqlite(), "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name");
    while (rows.executeStep()) out += rows.getColumn(0).getString() + ";\n";
    return out + "user_version " + db.sqlite().execAndGet("PRAGMA user_version").getString();
}

std::string schemaIn(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return "user_version 0";
    auto db = Database::openWriter(file);
    REQUIRE(db.ok());
    const auto structure = verifyStructure(**db, true);
    REQUIRE(structure.ok());
    REQUIRE_FALSE(*structure);
    return schemaOf(**db);
}

std::string migratedSchema() {
    auto db = Database::openInMemory();
    REQUIRE(migrate(**db, ManualClock()).ok());
    return schemaOf(**db);
}

// Breaks the n-th step, for every n until the migration succeeds; returns the number of steps.
int breakEveryStep(const std::filesystem::path& start,
                   const std::function<FaultPlan(int)>& planOf) {
    const auto now = migratedSchema();
    for (int step = 1;; ++step) {
        CAPTURE(step);
        TempFolder folder;
        const auto live = folder.path() / "live";
        const auto after = folder.path() / "after";
        std::filesystem::create_directory(live);
        std::filesystem::create_directory(after);
        if (!start.empty()) std::filesystem::copy_file(start, live / "parley.db");
        const auto before = start.empty() ? "user_version 0" : schemaIn(live / "parley.db");
        const int ended = migrateOn(planOf(step), live, after);
        if (ended == kFinished) return step - 1;
        REQUIRE(ended == kCutOff);
        const auto found = schemaIn(after / "parley.db");
        REQUIRE((found == before || found == now));
        REQUIRE(openAndMigrate(after / "parley.db").ok());
        REQUIRE(schemaIn(after / "parley.db") == now);
    }
}

}  // namespace

TEST_CASE("a power loss at any step of a migration leaves the old schema or the new one") {
    for (const auto& start : starts()) {
        CAPTURE(start.string());
        const int steps = breakEveryStep(start, [](int step) {
            FaultPlan plan;
            plan.seed = static_cast<std::uint64_t>(step);
            plan.powerOffAt = static_cast<std::uint64_t>(step);
            return plan;
        });
        WARN((start.empty() ? "from nothing" : start.filename().string())
             << ": " << steps << " power losses");
        if (start.empty()) REQUIRE(steps > 20);
    }
}

TEST_CASE("a disk that fails at any step of a migration leaves the old schema or the new one") {
    for (const auto& start : starts()) {
        CAPTURE(start.string());
        for (const int code : {SQLITE_IOERR_WRITE, SQLITE_FULL}) {
            const int steps = breakEveryStep(start, [code](int step) {
                FaultPlan plan;
                plan.failures.push_back(
                    {Op::change, static_cast<std::uint64_t>(step), 1'000'000, code, step % 2 == 0});
                return plan;
            });
            if (start.empty()) REQUIRE(steps > 20);
        }
    }
}
