#include "app/commands.h"
#include "app/folder_options.h"
#include "app/rebuild_audit.h"
#include "app/transcript/safe_text.h"

#include <parley/core/hex.h>
#include <parley/core/json.h>
#include <parley/core/logging.h>
#include <parley/log/data_folder.h>
#include <parley/log/event_index_check.h>
#include <parley/log/head_witness.h>
#include <parley/log/migrations.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/verify.h>
#include <parley/projection/rebuild.h>

#include <algorithm>
#include <iostream>
#include <span>

/// The subcommands that work on a data folder: rebuild and verify.
#include <parley/core/try.h>

namespace parley::app {
namespace {

using transcripts::plain;  // a damaged file can make SQLite quote anything

int checkRebuild(const FolderOptions& options) {
    auto db = openToRead(options.data);
    if (!db) return fail(db.error());
    auto check = checkViews(**db);
    if (!check) return fail(check.error());
    if (auto undisturbed = (*db)->wasUndisturbed(); !undisturbed) return fail(undisturbed.error());
    for (const auto& difference : check->differences) std::cout << difference << '\n';
    std::cout << "views " << (check->differences.empty() ? "equal" : "DIFFER FROM")
              << " a rebuild up to position " << check->position.value << '\n';
    return check->differences.empty() ? 0 : kExitFound;
}

// A check of a big log says on standard error how far it has come.
class Progress {
public:
    void operator()(Position checked, Position head) {
        if (checked.value / kEveryEvents == told_) return;
        told_ = checked.value / kEveryEvents;
        std::cerr << "verified " << checked.value << " of " << head.value << " events ("
                  << checked.value * 100 / head.value << " %)\n";
    }

private:
    static constexpr std::int64_t kEveryEvents = 100'000;
    std::int64_t told_ = 0;
};

// The parts of `verify`; each says on standard output what it found.

enum class Found { good, unknown, bad };

constexpr const char* kHowToCheckStructure =
    "its WAL would grow during this check of a large file. Stop the server and verify again, or "
    "take a `parley backup`, which checks the structure of its copy\n";

Found structureOf(Database& db, const std::filesystem::path& folder) {
    const auto owned = DataFolder::isOwned(folder);
    if (!owned) {
        std::cout << "owner NOT known: " << owned.error().message
                  << ": nobody can tell whether a server is running\n";
    }
    const auto isShort = structureCheckIsShort(db);
    if (isShort && !*isShort && (!owned || *owned)) {
        std::cout << "structure NOT checked: a server "
                  << (owned ? "owns the folder, and " : "may own the folder, and ")
                  << kHowToCheckStructure;
    } else if (auto finding = verifyStructure(db, true); !finding || *finding) {
        std::cout << "BAD structure: " << plain(finding ? **finding : finding.error().message)
                  << '\n';
        return Found::bad;
    }
    return owned ? Found::good : Found::unknown;
}

Found indexesOf(Database& db, const EventIndexCheck& indexes) {
    const auto wrong = indexes.finish(db);
    if (wrong && !*wrong) return Found::good;
    std::cout << "BAD structure: " << plain(wrong ? **wrong : wrong.error().message) << '\n';
    return Found::bad;
}

Found endOf(Database& db, const std::filesystem::path& folder) {
    const auto reached = checkWitness(db, folder);
    const auto head = LogWalk(db).head();
    if (reached && head && head->value > 0 && isNoteDamaged(folder)) {
        std::cout << "end NOT checked: \"" << DataFolder::headNoteIn(folder).string()
                  << "\" is damaged: nobody can tell whether the last events are there\n";
        return Found::unknown;
    }
    if (reached) return Found::good;
    if (reached.error().code == ErrorCode::storage_damaged) {
        std::cout << "BAD end: " << plain(reached.error().message) << '\n';
        return Found::bad;
    }
    std::cout << "end NOT checked: " << plain(reached.error().message)
              << ": nobody can tell whether the last events are there\n";
    return Found::unknown;
}

Found viewsOf(Result<ViewCheck>& views) {
    auto check = views ? views->finish() : Result<RebuildCheck>(views.error());
    if (!check) {
        std::cout << "BAD views: " << plain(check.error().message) << '\n';
        return Found::bad;
    }
    for (const auto& difference : check->differences)
        std::cout << "BAD view " << difference << '\n';
    return check->differences.empty() ? Found::good : Found::bad;
}

}  // namespace

int rebuild(const Given& given) {
    setUpLogging("warn");
    const FolderOptions options = folderOptions(given);
    if (options.audit) return options.check ? checkAudit(options) : rebuildAudit(options);
    if (options.check) return checkRebuild(options);

    if (auto there = checkDatabaseIsThere(options.data); !there) return fail(there.error());
    if (auto there = requireDatabase(options.data); !there) return fail(there.error());
    auto folder = DataFolder::own(options.data);
    if (!folder) return fail(folder.error());
    auto db = Database::openWriter((*folder)->database());
    if (!db) return fail(db.error());
    if (auto good = verifyAtStart(**db, options.data); !good) return fail(good.error());
    const SystemClock clock;
    if (auto migrated = migrate(**db, clock); !migrated) return fail(migrated.error());
    (*db)->allowCheckpointAtClose();
    auto position = rebuildViews(**db);
    if (!position) return fail(position.error());
    std::cout << "views rebuilt up to position " << position->value << '\n';
    return 0;
}

int verify(const Given& given) {
    setUpLogging("off");
    const FolderOptions options = folderOptions(given);
    auto db = openToRead(options.data);
    if (!db) return fail(db.error());
    const Found structure = structureOf(**db, options.data);
    auto views = ViewCheck::begin(**db);
    EventIndexCheck indexes;
    const auto take = [&](std::span<const StoredEvent> good) {
        indexes.take(good);
        if (views) views->take(good);
    };
    auto report = verifyLog(**db, Progress(), {}, take);
    if (!report) return fail(report.error(), kExitStorage);
    if (!report->good) {
        std::cout << "BAD at position " << report->badPosition.value << ": "
                  << plain(report->problem) << "\ngood up to position " << report->last.value
                  << ", hash " << toHex(report->hash) << '\n';
        return kExitFound;
    }
    const Found worst =
        std::max({structure, indexesOf(**db, indexes), endOf(**db, options.data), viewsOf(views)});
    if (auto undisturbed = (*db)->wasUndisturbed(); !undisturbed) return fail(undisturbed.error());
    if (worst == Found::bad) return kExitFound;
    const std::string upTo = " up to position " + std::to_string(report->last.value) + ", hash " +
                             toHex(report->hash) + '\n';
    if (worst == Found::good) {
        std::cout << "good" << upTo;
        return 0;
    }
    std::cout
        << "nothing wrong found" << upTo
        << "NOT everything was checked: run it with the right to read the files named above\n";
    return kExitConfig;
}

}  // namespace parley::app
