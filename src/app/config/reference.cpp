#include "app/config/reference.h"

#include "app/wrapped.h"

namespace parley::app {
namespace {

constexpr std::size_t kColumns = 80;

std::string comment(const std::string& text) {
    std::string out = "# ";
    for (const char c : wrapped(text, kColumns - 2)) {
        out += c;
        if (c == '\n') out += "# ";
    }
    return out + '\n';
}

std::string head() {
    return comment(
               "Settings of Parley, a line each: name = value. Those that are commented out show "
               "what counts without them. Flags of parley serve and variables "
               "(PARLEY_TYPING_TIMEOUT) "
               "override this file.") +
           "#\n" + comment("parley config check --config FILE says what is wrong with a file.") +
           comment("parley config show --config FILE shows all settings as they count.") + "#\n" +
           comment(
               "Times are in milliseconds (ms), sizes in bytes. A rate is PER_SECOND/BURST: 20/100 "
               "allows 20 a second for as long as one likes, and 100 at once after a pause; 0 is "
               "no limit. Rates and io.connections-per-user need auth.mode = jwt.");
}

// "100 to 3600000 ms"
std::string kindOf(const SettingInfo& info) {
    const std::string range = rangeOf(info);
    if (info.unit == "rate" || range.empty()) return "";  // the head says what a rate is
    return info.unit == "number" ? range : range + ' ' + std::string(info.unit);
}

std::string entry(const SettingInfo& info, const MergedSettings& merged) {
    const bool said = merged.from.contains(std::string(info.name));
    const std::string value = info.get(merged.settings);
    std::string text(info.doc);
    if (const auto kind = kindOf(info); !kind.empty()) text += " (" + kind + ")";
    return '\n' + comment(text) + (said ? "" : "#") + std::string(info.name) + " =" +
           (value.empty() ? "" : " " + value) + '\n';
}

}  // namespace

std::string referenceFile(const MergedSettings& merged) {
    std::string out = head();
    for (const auto& [name, settings] : settingsByGroup()) {
        out += "\n\n## " + name + '\n';
        for (const SettingInfo* info : settings) out += entry(*info, merged);
    }
    return out;
}

}  // namespace parley::app
