#include "app/cluster/cluster_status.h"
#include "app/cluster/founding.h"
#include "app/cluster/node_folder.h"
#include "app/cluster/reseed.h"
#include "app/commands.h"
#include "app/folder_options.h"
#include "app/nearest.h"
#include "app/setting_kinds.h"
#include "app/setting_sources.h"

#include <parley/core/hex.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/log/backup.h>
#include <parley/log/data_folder.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <set>
#include <string>
#include <string_view>

/// `parley cluster`: what makes a server a node, and what makes it a single one again.
namespace parley::app {
namespace {

using Step = Result<void> (*)(const Settings&, const Given&);

Result<void> init(const Settings& settings, const Given&) {
    PARLEY_TRY_ASSIGN(const auto founded, foundCluster(settings, SystemClock()));
    const auto& place = founded.place;
    std::cout << "cluster " << settings.cluster.node.cluster
              << (founded.hasBegun ? " begins with "
                                   : " was begun by another node, and from there continues in ")
              << settings.engine.dataFolder.string() << ": position " << place.head.position.value
              << ", hash " << toHex(place.head.hash) << '\n'
              << "Copies of its backups become other nodes with `parley cluster join`.\n";
    return {};
}

Result<void> join(const Settings& settings, const Given& given) {
    const std::filesystem::path file = textOf(given, "from");
    if (file.empty()) {
        return Error{ErrorCode::invalid_setting,
                     "--from is missing: name a backup of another node (parley backup FILE)"};
    }
    PARLEY_TRY(requireFile(file));
    const auto& data = settings.engine.dataFolder;
    PARLEY_TRY_ASSIGN(const auto folder, DataFolder::own(data));
    auto report = restoreNode(file, *folder, {});
    if (!report) {
        folder->takeBack();
        return report.error();
    }
    std::cout << "joined from " << file.string() << " into " << data.string() << ": position "
              << report->position.value << ", " << report->events << " events, hash "
              << toHex(report->hash) << '\n';
    return {};
}

Result<void> leave(const Settings& settings, const Given&) {
    const auto& data = settings.engine.dataFolder;
    PARLEY_TRY(requireDatabase(data));
    PARLEY_TRY_ASSIGN(const auto folder, DataFolder::own(data));
    PARLEY_TRY(readPlaceFor(data, true));
    PARLEY_TRY(leaveCluster(*folder));
    std::cout << data.string() << " is a single server's again. Its clients start over.\n";
    return {};
}

Result<void> replaceStream(const Settings& settings, const Given& given) {
    const auto names = setting_kinds::splitList(textOf(given, "without"));
    const std::set<std::string> without(names.begin(), names.end());
    for (const auto& name : without) {
        const auto& voters = settings.cluster.node.voters;
        if (std::ranges::find(voters, name) != voters.end()) continue;
        return Error{ErrorCode::invalid_setting,
                     "--without: \"" + name + "\" is not among cluster.voters"};
    }
    PARLEY_TRY_ASSIGN(const auto done, reseed(settings, without, SystemClock()));
    std::cout << "stream " << done.incarnation << " of the cluster "
              << (done.hasBegun ? "begins" : "was begun by another node, and continues")
              << " behind position " << done.head.position.value << ", hash "
              << toHex(done.head.hash) << '\n';
    if (done.hasBegun) {
        std::cout << "Start this node, and run this command on each of the others.\n";
    }
    return {};
}

Result<void> status(const Settings& settings, const Given&) {
    return printClusterStatus(settings.cluster, SystemClock());
}

struct Known {
    std::string_view name;
    Step step;
    bool needsCluster;  // the settings of one
};
constexpr std::array kSteps{Known{"init", init, true}, Known{"join", join, false},
                            Known{"status", status, true}, Known{"leave", leave, false},
                            Known{"reseed", replaceStream, true}};

int unknown(const std::string& what) {
    const auto& meant =
        *nearest(what, kSteps, [](const auto& one) { return std::string(one.name); });
    std::cerr << "parley: parley cluster has no \"" << what << '"';
    if (isPlausible(what, meant.name)) std::cerr << "; did you mean \"" << meant.name << "\"?";
    std::cerr << "\nTry: parley help cluster\n";
    return kExitConfig;
}

}  // namespace

int cluster(const Given& given) {
    setUpLogging("warn");
    const std::string what = textOf(given, "WHAT");
    const auto known = std::ranges::find(kSteps, what, &Known::name);
    if (known == kSteps.end()) return unknown(what);
    Given said = given;
    for (const char* own : {"WHAT", "from", "without"}) said.erase(own);
    auto settings = mergeSettings(said, environmentVariables());
    if (!settings) return fail(settings.error(), kExitConfig);
    if (known->needsCluster && !settings->cluster.isOn()) {
        return fail({ErrorCode::invalid_setting,
                     "cluster.name is not said: say cluster.* as for "
                     "`parley serve`"},
                    kExitConfig);
    }
    const auto done = known->step(*settings, given);
    return done ? 0 : fail(done.error());
}

}  // namespace parley::app
