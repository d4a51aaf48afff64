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

SettingTexts readSettingFile(const std::string& path, std::vector<Error>& wrong) {
    const auto refuse = [&](const std::string& why) {
        wrong.push_back({ErrorCode::invalid_setting, why});
    };
    const std::string unreadable = "cannot read the configuration file \"" + path + "\"";
    SettingTexts texts;
    std::ifstream file(path);
    if (!file) {
        refuse(unreadable);
        return texts;
    }
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        line = trimmed(line);
        if (line.empty() || line.starts_with('#')) continue;
        const auto equals = line.find('=');
        const auto where = path + ":" + std::to_string(number) + ": ";
        const auto name = trimmed(line.substr(0, equals));
        if (equals == std::string::npos) {
            refuse(where + "expected name = value");
        } else if (!findSetting(name)) {
            refuse(where + unknownSetting(name).message);
        } else {
            texts[name] = trimmed(line.substr(equals + 1));
        }
    }
    if (file.bad()) refuse(unreadable);  // a folder opens, too
    return texts;
}

}  // namespace parley::app
