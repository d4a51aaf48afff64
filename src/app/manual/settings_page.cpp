#include "app/manual/mdoc.h"
#include "app/manual/pages.h"
#include "app/setting_sources.h"

namespace parley::app::manual {
namespace {

void addSetting(MdocPage& page, const SettingInfo& info, const Settings& defaults) {
    page.macro(".It Ic " + std::string(info.name)).text(info.doc);
    std::string facts;
    if (const auto range = rangeOf(info); isNumber(info)) {
        facts =
            "From " + range + (info.unit == "number" ? "" : ' ' + std::string(info.unit)) + ". ";
    }
    const std::string value = info.get(defaults);
    page.text(facts + (value.empty() ? "Empty by default." : "Default: `" + value + "`"));
}

}  // namespace

std::string settingsPage() {
    MdocPage page("parley.conf", "5", "settings of the chat server parley");
    page.macro(".Sh DESCRIPTION")
        .text(
            "The file is the one that `parley serve --config FILE` or the variable "
            "`PARLEY_CONFIG` names. A setting is a line:")
        .macro(".Dl typing.timeout = 6000")
        .text(
            "Empty lines count for nothing, nor do those that begin with `#`. All behind the "
            "equals "
            "sign is the value; what stands around it is left out if it is blank. A flag, as in "
            "`parley serve --typing.timeout 6000`, overrides a variable, as in "
            "`PARLEY_TYPING_TIMEOUT=6000`; a variable overrides the file. Names that are unknown "
            "and values that are out of range are refused.")
        .macro(".Pp")
        .text(
            "`parley config check --config FILE` says what is wrong with a file. `parley config "
            "show --config FILE` shows all settings as they count. `parley config reference` "
            "prints a file with all of them as comments.")
        .macro(".Pp")
        .text(
            "Some settings are read again when the server gets SIGHUP (`systemctl reload parley`); "
            "the log says which of those that were changed need a restart.")
        .macro(".Pp")
        .text(
            "A switch is true or false. A rate is PER_SECOND/BURST: `20/100` allows 20 a second "
            "for "
            "as long as one likes, and 100 at once after a pause; 0 is no limit. Rates and "
            "`io.connections-per-user` need `auth.mode = jwt`.");
    page.macro(".Sh SETTINGS");
    const Settings defaults = defaultSettings();
    for (const auto& [name, settings] : settingsByGroup()) {
        page.macro("Ss", name).macro(".Bl -tag -width Ds");
        for (const SettingInfo* info : settings) addSetting(page, *info, defaults);
        page.macro(".El");
    }
    page.macro(".Sh FILES")
        .macro(".Bl -tag -width Ds")
        .macro(".It Pa /etc/parley/parley.conf")
        .text("The settings of the service parley.")
        .macro(".El")
        .macro(".Sh SEE ALSO")
        .macro(".Xr parley 1");
    return page.source();
}

}  // namespace parley::app::manual
