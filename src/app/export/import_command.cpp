#include "app/commands.h"
#include "app/export/import.h"
#include "app/folder_options.h"

#include <parley/core/hex.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/projection/new_database.h>

#include <iostream>

/// The subcommand `import`.
namespace parley::app {
namespace {

constexpr std::int64_t kToldEvery = 100'000;

Result<NewDatabase::Report> fill(const DataFolder& folder, const std::filesystem::path& file) {
    const SystemClock clock;
    SystemRandom random;
    PARLEY_TRY_ASSIGN(const auto database, NewDatabase::make(folder, clock, random));
    PARLEY_TRY(exports::readWholeExport(file, [&](StoredEvent& stored) {
        const auto position = stored.event.position.value;
        if (position % kToldEvery == 0) {
            std::cerr << "parley: imported " << position << " events" << std::endl;
        }
        return database->restore(stored);
    }));
    return database->finish();
}

Result<NewDatabase::Report> importInto(const FolderOptions& options) {
    PARLEY_TRY(requireFile(options.file));
    PARLEY_TRY_ASSIGN(const auto folder, DataFolder::own(options.data));
    auto report = fill(*folder, options.file);
    if (!report) folder->takeBack();
    return report;
}

}  // namespace

int importLog(const Given& given) {
    setUpLogging("warn");
    const FolderOptions options = folderOptions(given);
    auto report = importInto(options);
    if (!report) {
        std::cerr << "parley: nothing was imported\n";
        return fail(report.error());
    }
    std::cout << "imported into " << options.data.string() << ": " << report->head.position.value
              << " events, " << report->conversations << " conversations, " << report->users
              << " users, hash " << toHex(report->head.hash) << '\n';
    return 0;
}

}  // namespace parley::app
