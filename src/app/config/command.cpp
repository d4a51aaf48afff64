#include "app/commands.h"
#include "app/config/reference.h"
#include "app/folder_options.h"
#include "app/nearest.h"
#include "app/setting_sources.h"

#include <parley/auth/authenticator.h>
#include <parley/core/json_writer.h>
#include <parley/core/text_file.h>
#include <parley/net/tls.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

/// `parley config`: the settings of a server that is not started.
namespace parley::app {
namespace {

constexpr std::string_view kWhat = "WHAT";
constexpr std::string_view kFormat = "format";
constexpr std::string_view kWrongFormat = "--format must be text or json";
constexpr std::string_view kTry = "Try: parley help config\n";
constexpr std::size_t kFileBytesMax = 1 << 20;

template <typename T>
void note(MergedSettings& merged, const std::string& setting, const Result<T>& read) {
    if (read) return;
    const std::string place = placeOf(merged, setting);
    const std::string said = (place.empty() ? "" : place + ": ") + read.error().message;
    const auto isSame = [&](const Error& one) { return one.message == said; };
    if (std::any_of(merged.wrong.begin(), merged.wrong.end(), isSame)) return;
    merged.wrong.push_back({read.error().code, said});
}

// What is wrong with a file that was not come to, as far as it can be told without another one.
void noteUnreadable(MergedSettings& merged, const std::string& setting, const std::string& file) {
    const auto text = readTextFile(file, kFileBytesMax);
    if (text) return;
    note(merged, setting,
         Result<void>(
             Error{text.error().code, setting + ": " + file + ": " + text.error().message}));
}

// The files of keys one by one, then the revocations: a start ends with the first that is wrong.
void checkTokenFiles(MergedSettings& merged, const SystemClock& clock) {
    const auto& said = merged.settings.auth;
    auth::Options options = said;
    options.revokedFile.clear();
    std::string good;
    for (const auto& file : said.keyFiles) {
        options.keyFiles = {file};
        const auto opened = auth::Authenticator::open(options, clock);
        if (opened) good = file;
        note(merged, "auth.keys", opened);
    }
    if (said.revokedFile.empty()) return;
    if (good.empty()) return noteUnreadable(merged, "auth.revoked", said.revokedFile);
    options.keyFiles = {good};
    options.revokedFile = said.revokedFile;
    note(merged, "auth.revoked", auth::Authenticator::open(options, clock));
}

void checkCertificateFiles(MergedSettings& merged) {
    const auto& tls = merged.settings.net.tls;
    const auto both = net::readCertificate(tls);
    const bool isOfKey = !both && both.error().message.starts_with("tls.key");
    note(merged, isOfKey ? "tls.key" : "tls.certificate", both);
    if (!both && !isOfKey && !tls.keyFile.empty()) noteUnreadable(merged, "tls.key", tls.keyFile);
}

// The files that a start reads beside the data folder.
void checkFiles(MergedSettings& merged) {
    const SystemClock clock;
    if (merged.settings.auth.mode == auth::Mode::jwt) checkTokenFiles(merged, clock);
    if (merged.settings.net.tls.isOn()) checkCertificateFiles(merged);
}

std::vector<std::string> warningsOf(const Settings& settings) {
    std::vector<std::string> warnings = settings.warnings;
    for (const auto& [name, why] : settings.ignoredVariables) {
        warnings.push_back("the variable " + name + " is ignored" +
                           (why == "no_setting" ? ": there is no such setting"
                                                : ": Kubernetes sets it for a service"));
    }
    return warnings;
}

void beginJson(JsonWriter& json, const MergedSettings& merged) {
    json.beginObject().key("file");
    if (merged.file.empty()) {
        json.null();
    } else {
        json.value(merged.file);
    }
}

void addTexts(JsonWriter& json, const std::vector<std::string>& texts) {
    json.beginArray();
    for (const auto& one : texts) json.value(one);
    json.endArray();
}

int checkAsJson(const MergedSettings& merged) {
    std::vector<std::string> wrong;
    for (const auto& one : merged.wrong) wrong.push_back(one.message);
    std::string out;
    JsonWriter json(out);
    beginJson(json, merged);
    json.field("good", wrong.empty()).key("wrong");
    addTexts(json, wrong);
    json.key("warnings");
    addTexts(json, warningsOf(merged.settings));
    json.endObject();
    std::cout << out << '\n';
    return wrong.empty() ? 0 : kExitConfig;
}

int refuse(const MergedSettings& merged) {
    for (const auto& one : merged.wrong) std::cerr << "parley: " << one.message << '\n';
    return kExitConfig;
}

bool isFormat(const std::string& format) {
    return format == "text" || format == "json";
}

SettingTexts flagsIn(const Given& given) {
    SettingTexts flags = given;
    flags.erase(std::string(kWhat));
    flags.erase(std::string(kFormat));
    return flags;
}

// A switch that is set to something else is among the wrong words.
bool isWrongSwitch(const SettingTexts::value_type& flag) {
    const SettingInfo* info = findSetting(flag.first);
    return info && info->unit == "switch" && flag.second != "true" && flag.second != "false";
}

int checkAsText(const MergedSettings& merged, bool isUsageWrong) {
    for (const auto& one : warningsOf(merged.settings)) {
        std::cerr << "parley: warning: " << one << '\n';
    }
    if (!merged.wrong.empty()) {
        const int status = refuse(merged);
        if (isUsageWrong) std::cerr << kTry;
        return status;
    }
    std::cout << "The configuration is good; settings that are not as by default: "
              << merged.settings.gateway.settings.size() << ".\n";
    return 0;
}

// Where somebody would go to change it.
std::string sourceOf(const MergedSettings& merged, const SettingInfo& info) {
    const auto from = originOf(merged, info);
    if (from == "file") return merged.file;
    if (from == "mode") return "auth.mode";
    return from == "default" ? "default" : placeOf(merged, std::string(info.name));
}

// Lines of a configuration file: what is pasted into one means the same there. So the place is a
// comment of its own, above the settings that come from it.
int showAsText(const MergedSettings& merged) {
    std::string before;
    for (const auto& info : settingTable()) {
        std::string place = sourceOf(merged, info);
        if (place != before) std::cout << "# " << place << '\n';
        before = std::move(place);
        std::cout << info.name << " = " << info.get(merged.settings) << '\n';
    }
    return 0;
}

int showAsJson(const MergedSettings& merged) {
    const Settings defaults = defaultSettings();
    std::string out;
    JsonWriter json(out);
    beginJson(json, merged);
    json.key("settings").beginArray();
    for (const auto& info : settingTable()) {
        json.beginObject()
            .field("name", info.name)
            .field("value", info.get(merged.settings))
            .field("default", info.get(defaults))
            .field("from", originOf(merged, info))
            .endObject();
    }
    json.endArray().endObject();
    std::cout << out << '\n';
    return 0;
}

int unknown(const std::string& what) {
    const std::vector<std::string> known{"show", "check", "reference"};
    const auto& meant = *nearest(what, known, [](const auto& one) { return one; });
    std::cerr << "parley: parley config has no \"" << what << '"';
    if (isPlausible(what, meant)) std::cerr << "; did you mean \"" << meant << "\"?";
    std::cerr << '\n' << kTry;
    return kExitConfig;
}

}  // namespace

int checkConfig(const Given& given, const std::vector<WrongWord>& words) {
    std::vector<Error> wrong;
    for (const auto& [option, error] : words) {
        wrong.push_back({error.code, (option.empty() ? "" : option + ": ") + error.message});
    }
    const std::string format = textOf(given, std::string(kFormat), "text");
    if (!isFormat(format)) {
        wrong.push_back({ErrorCode::invalid_setting, std::string(kWrongFormat)});
    }
    const bool isUsageWrong = !wrong.empty();
    SettingTexts flags = flagsIn(given);
    if (isUsageWrong) std::erase_if(flags, isWrongSwitch);
    auto merged = mergeAll(flags, environmentVariables(), std::move(wrong));
    checkFiles(merged);
    return format == "json" ? checkAsJson(merged) : checkAsText(merged, isUsageWrong);
}

int config(const Given& given) {
    const std::string what = textOf(given, std::string(kWhat));
    if (what == "check") return checkConfig(given, {});
    const std::string format = textOf(given, std::string(kFormat), "text");
    if (!isFormat(format)) {
        std::cerr << "parley: " << kWrongFormat << '\n' << kTry;
        return kExitConfig;
    }
    const bool asJson = format == "json";
    // The reference is of a file, not of the shell in which it is printed.
    const bool printed = what == "reference";
    if (what != "show" && !printed) return unknown(what);
    const auto merged =
        mergeAll(flagsIn(given), printed ? std::vector<std::string>() : environmentVariables());
    if (!merged.wrong.empty()) return refuse(merged);
    if (printed) {
        std::cout << referenceFile(merged);
        return 0;
    }
    return asJson ? showAsJson(merged) : showAsText(merged);
}

}  // namespace parley::app
