#include "app/setting_sources.h"

#include <parley/core/text_file.h>

#include <map>
#include <sstream>
#include <string_view>

/// Settings from the file that --config names.
namespace parley::app {
namespace {

constexpr std::size_t kBytesMax = 1 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // some editors begin UTF-8 with it

std::string trimmed(const std::string& text) {
    const auto from = text.find_first_not_of(" \t\r");
    if (from == std::string::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

}  // namespace

SettingLines readSettingFile(const std::string& path, std::vector<Error>& wrong) {
    const auto refuse = [&](const std::string& why) {
        wrong.push_back({ErrorCode::invalid_setting, why});
    };
    SettingLines said;
    auto text = readTextFile(path, kBytesMax);
    if (!text) {
        refuse("cannot read the configuration file \"" + path + "\": " + text.error().message);
        return said;
    }
    std::istringstream file(std::move(*text));
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        if (number == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
        line = trimmed(line);
        if (line.empty() || line.starts_with('#')) continue;
        const auto equals = line.find('=');
        const auto where = path + ":" + std::to_string(number) + ": ";
        const auto name = trimmed(line.substr(0, equals));
        if (auto good = checkSettingText(line); !good) {
            refuse(where + "this line " + good.error().message);
        } else if (equals == std::string::npos) {
            refuse(where + "expected name = value");
        } else if (!findSetting(name)) {
            refuse(where + unknownSetting(name).message);
        } else if (const auto [first, isNew] = said.numbers.try_emplace(name, number); !isNew) {
            refuse(where + name + " is set twice, first on line " + std::to_string(first->second));
        } else {
            said.texts[name] = trimmed(line.substr(equals + 1));
        }
    }
    return said;
}

}  // namespace parley::app
