#pragma once

#include "app/commands.h"

#include <parley/app/settings.h>
#include <parley/gateway/gateway.h>

#include <string>
#include <vector>

namespace parley::app {

/// Reads the settings again for a running server, and puts those into force that can be without a
/// restart. One thread.
class SettingsReload {
public:
    /// `given`: the command's options, as at the start. `running`: what the server was started
    /// with. Both outlive this; `running` is changed where a setting is.
    SettingsReload(const Given& given, Settings& running, Gateway& gateway)
        : given_(given), running_(running), gateway_(gateway) {}

    /// Carries out a SIGHUP: all or nothing. Logs what was read again, what changed and what needs
    /// a restart, or why nothing changed; false: that.
    bool carryOut(int signal, const std::vector<std::string>& variables);

private:
    const Given& given_;
    Settings& running_;
    Gateway& gateway_;
};

/// How the settings differ, by their names.
struct SettingChanges {
    std::vector<std::string> atOnce;     ///< "log.level=debug"
    std::vector<std::string> atRestart;  ///< those that count after a restart
};
SettingChanges changesBetween(const Settings& running, const Settings& read);

}  // namespace parley::app
