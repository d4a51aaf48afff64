#include "app/setting_sources.h"

#include <fstream>

/// Settings from the file that --config names.
namespace parley::app {
namespace {

std::string trimmed(const std::string& text) {
    const auto from = text.find_first_not_of(" \t\r");
    if (from == std::string::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

}  // namespace

Result<SettingTexts> readSettingFile(const std::string& path) {
    const auto refused = [](const std::string& why) {
        return Error{ErrorCode::invalid_setting, why};
    };
    const auto unreadable = refused("cannot read the configuration file \"" + path + "\"");
    std::ifstream file(path);
    if (!file) return unreadable;
    SettingTexts texts;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        line = trimmed(line);
        if (line.empty() || line.starts_with('#')) continue;
        const auto equals = line.find('=');
        const auto where = path + ":" + std::to_string(number) + ": ";
        if (equals == std::string::npos) return refused(where + "expected name = value");
        const auto name = trimmed(line.substr(0, equals));
        if (!findSetting(name)) return refused(where + unknownSetting(name).message);
        texts[name] = trimmed(line.substr(equals + 1));
    }
    if (file.bad()) return unreadable;  // a folder opens, too
    return texts;
}

}  // namespace parley::app
