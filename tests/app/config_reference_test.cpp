#include "app/config/reference.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

using namespace parley;
using namespace parley::app;

namespace {

std::string reference(const SettingTexts& flags) {
    const auto merged = mergeAll(flags, {});
    REQUIRE(merged.wrong.empty());
    return referenceFile(merged);
}

// Every setting of the text as it would be without its #.
SettingTexts uncommented(const std::string& text) {
    SettingTexts all;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# ") || line.starts_with("##") || line == "#") continue;
        if (line.starts_with('#')) line.erase(0, 1);
        const auto equals = line.find(" =");
        if (equals == std::string::npos) continue;
        all[line.substr(0, equals)] = line.size() > equals + 3 ? line.substr(equals + 3) : "";
    }
    return all;
}

}  // namespace

TEST_CASE("the reference has every setting once, with its default") {
    const auto all = uncommented(reference({}));
    const Settings defaults = defaultSettings();
    CHECK(all.size() == settingTable().size());
    for (const auto& info : settingTable()) {
        const auto found = all.find(std::string(info.name));
        INFO(info.name);
        REQUIRE(found != all.end());
        CHECK(found->second == info.get(defaults));
    }
}

TEST_CASE("the reference of a server with tokens shows what tokens make of what was not said") {
    const auto all =
        uncommented(reference({{"auth.mode", "jwt"}, {"auth.keys", "/etc/parley/keys.pem"}}));
    CHECK(all.at("cors.origins").empty());  // no other page, where the default is local
    CHECK(uncommented(reference({})).at("cors.origins") == "local");
}

TEST_CASE("a reference that is read again sets what was said, and nothing else") {
    const TempFolder folder;
    const auto file = folder.path() / "parley.conf";
    std::ofstream(file) << reference({{"data", "/srv/chat"}, {"typing.timeout", "700"}});
    const auto read = mergeAll({{"config", file.string()}}, {});
    CHECK(read.wrong.empty());
    CHECK(read.file == file.string());
    CHECK(read.from.size() == 2);
    CHECK(read.settings.engine.dataFolder == "/srv/chat");
    CHECK(read.settings.engine.typingTimeout == std::chrono::milliseconds(700));
    CHECK(reference({{"config", file.string()}}) ==
          reference({{"data", "/srv/chat"}, {"typing.timeout", "700"}}));
}

TEST_CASE("no line of the reference's comments is wider than 80 columns") {
    std::istringstream lines(reference({}));
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("all that is wrong is found at once, in the file, in variables and in flags") {
    const TempFolder folder;
    const auto file = folder.path() / "parley.conf";
    std::ofstream(file) << "prot = 1\nio.threads = 0\nnothing\n";
    const auto merged = mergeAll({{"config", file.string()}, {"port", "70000"}},
                                 {"PARLEY_TYPING_TIMEUOT=1", "PARLEY_PING_TIMEOUT=x"});
    std::vector<std::string> found;
    for (const auto& one : merged.wrong) found.push_back(one.message);
    CHECK(found ==
          std::vector<std::string>{
              "there is no setting for the variable PARLEY_TYPING_TIMEUOT; did you mean "
              "PARLEY_TYPING_TIMEOUT?",
              file.string() + ":1: there is no setting \"prot\"; did you mean \"port\"?",
              file.string() + ":3: expected name = value",
              file.string() + ":2: io.threads must be a number from 1 to 64, not \"0\"",
              "PARLEY_PING_TIMEOUT: ping.timeout must be a number from 100 to 3600000, not \"x\"",
              "--port: port must be a number from 0 to 65535, not \"70000\""});
    const auto first = mergeSettings({{"port", "70000"}, {"io.threads", "0"}}, {});
    REQUIRE_FALSE(first.ok());
    CHECK(first.error().message ==
          "--io.threads: io.threads must be a number from 1 to 64, not \"0\"");
}

TEST_CASE("settings that contradict each other are all named, with the place of each") {
    const TempFolder folder;
    const auto file = folder.path() / "parley.conf";
    std::ofstream(file) << "# who\nauth.issuer = me\n\nrate.user-rest = 1/1\ntls.key = k.pem\n";
    const auto merged = mergeAll(
        {{"config", file.string()}, {"host", "::"}},
        {"PARLEY_AUTH_AUDIENCE=you", "PARLEY_RECOVERY_FOR=all", "PARLEY_RECOVERY_ENABLED=false"});
    std::vector<std::string> places;
    for (const auto& one : merged.wrong) {
        places.push_back(one.message.substr(0, one.message.find(": ")));
    }
    CHECK(places == std::vector<std::string>{"PARLEY_RECOVERY_ENABLED", file.string() + ":2",
                                             "PARLEY_AUTH_AUDIENCE", file.string() + ":4",
                                             file.string() + ":5", "--host"});
}

TEST_CASE("each value knows where it is from") {
    const TempFolder folder;
    const auto file = folder.path() / "parley.conf";
    std::ofstream(file) << "ping.interval = 700\nport = 1\n";
    const auto merged = mergeAll(
        {{"config", file.string()}, {"port", "2"}, {"auth.mode", "jwt"}, {"auth.keys", "/keys"}},
        {"PARLEY_IO_THREADS=2"});
    REQUIRE(merged.wrong.empty());
    const auto from = [&](std::string_view name) { return originOf(merged, *findSetting(name)); };
    CHECK(from("ping.interval") == "file");
    CHECK(from("port") == "flag");
    CHECK(from("io.threads") == "variable");
    CHECK(from("cors.origins") == "mode");
    CHECK(from("host") == "default");
}
