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

Result<NewDatabase::Report> importInto(const FolderOptions& options) {
    PARLEY_TRY_ASSIGN(const auto folder, DataFolder::own(options.data));
    const SystemClock clock;
    SystemRandom random;
    PARLEY_TRY_ASSIGN(const auto database, NewDatabase::make(*folder, clock, random));
    PARLEY_TRY(exports::readWholeExport(options.file, [&](StoredEvent& stored) {
        const auto position = stored.event.position.value;
        if (position % kToldEvery == 0) {
            std::cerr << "parley: imported " << position << " events" << std::endl;
        }
        return database->restore(stored);
    }));
    return database->finish();
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
