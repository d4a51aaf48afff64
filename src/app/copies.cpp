#include "app/commands.h"
#include "app/folder_options.h"
#include "app/progress.h"

#include <parley/core/hex.h>
#include <parley/core/logging.h>
#include <parley/log/backup.h>

#include <iostream>
#include <sys/resource.h>

/// The subcommands that make verified copies of the database: backup, restore, vacuum.
namespace parley::app {
namespace {

constexpr int kBackupPriority = 10;  // the server's clients come first

/// One line for each step and each further tenth of it.
class StepLines {
public:
    void operator()(const CopyProgress& progress) {
        if (progress.step != step_) tenths_.beginAnew();
        step_ = progress.step;
        tenths_.tell(progress.done, progress.total, [&](std::int64_t percent) {
            std::string words(progress.step);
            if (progress.total == 0) return words;
            return words + ' ' + std::to_string(percent) + " % of " +
                   std::to_string(progress.total) + " pages";
        });
    }

private:
    std::string_view step_;
    Tenths tenths_{0};
};

std::string figures(const CopyReport& report) {
    return "position " + std::to_string(report.position.value) + ", " +
           std::to_string(report.events) + " events, " + std::to_string(report.bytes) +
           " bytes, hash " + toHex(report.hash);
}

CopyOptions withProgress(bool replace) {
    CopyOptions options;
    options.replace = replace;
    options.progress = StepLines();
    return options;
}

}  // namespace

int backup(const Given& given) {
    setUpLogging("warn");
    const FolderOptions options = folderOptions(given);
    if (auto there = requireDatabase(options.data); !there) return fail(there.error());
    ::setpriority(PRIO_PROCESS, 0, kBackupPriority);
    auto report =
        backUp(DataFolder::databaseIn(options.data), options.file, withProgress(options.force));
    if (!report) return fail(report.error());
    std::cout << "backup " << options.file.string() << ": " << figures(*report) << '\n';
    return 0;
}

int restore(const Given& given) {
    setUpLogging("warn");
    const FolderOptions options = folderOptions(given);
    if (auto there = requireFile(options.file); !there) return fail(there.error());
    auto folder = DataFolder::own(options.data);
    if (!folder) return fail(folder.error());
    auto report = parley::restore(options.file, **folder, withProgress(false));
    if (!report) {
        (*folder)->takeBack();
        return fail(report.error());
    }
    std::cout << "restored into " << options.data.string() << ": " << figures(*report) << '\n';
    return 0;
}

int vacuum(const Given& given) {
    setUpLogging("warn");
    const FolderOptions options = folderOptions(given);
    if (auto there = requireDatabase(options.data); !there) return fail(there.error());
    auto folder = DataFolder::own(options.data);
    if (!folder) return fail(folder.error());
    auto report = parley::vacuum(**folder, withProgress(false));
    if (!report) return fail(report.error());
    std::cout << "vacuumed " << options.data.string() << ": " << report->bytesBefore << " -> "
              << report->after.bytes << " bytes, " << figures(report->after) << '\n';
    return 0;
}

}  // namespace parley::app
