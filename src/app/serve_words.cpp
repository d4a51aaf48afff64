#include "app/serve_words.h"

#include "app/joined.h"

#include <parley/auth/token_signer.h>
#include <parley/log/data_folder.h>

#include <Poco/URI.h>

#include <algorithm>
#include <errno.h>
#include <vector>

namespace parley::app {
namespace {

std::string line(const std::string& name, const std::string& text) {
    std::string padded = "  " + name;
    padded.resize(13, ' ');
    return padded + text + '\n';
}

// As one word of a shell.
std::string quoted(const std::string& word) {
    const bool plain = word.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789_./:@%+=,-[]") == std::string::npos;
    if (plain) return word;
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string sqliteUrl(const std::filesystem::path& file) {
    std::string path;
    Poco::URI::encode(file.string(), "?#", path);
    return "file:" + path + "?mode=ro";
}

// A key that signs what the server accepts, for commands to try: its own, if it has a private one.
std::string signingKey(const auth::Options& options) {
    const auto signs = [](const std::string& file) {
        return auth::signToken(file, Principal{.user = UserId::fromStored("anybody")}, {}).ok();
    };
    const auto own = std::find_if(options.keyFiles.begin(), options.keyFiles.end(), signs);
    return own == options.keyFiles.end() ? "PRIVATE_KEY.pem" : quoted(*own);
}

std::string keyOptions(const auth::Options& options) {
    std::string text = " --keys " + signingKey(options);
    if (!options.issuer.empty()) text += " --issuer " + quoted(options.issuer);
    if (!options.audience.empty()) text += " --audience " + quoted(options.audience);
    return text;
}

// Commands that work as they are printed.
std::string tries(const Serving& serving) {
    const auto& options = serving.auth;
    // `parley token` gives the claims their usual names.
    if (options.claims != auth::ClaimNames{}) return line("try", "docs/tokens.md, for a token");
    const std::string program = quoted(program_invocation_name);
    const bool tokens = options.mode == auth::Mode::jwt;
    const std::string keys = tokens ? keyOptions(options) : "";
    const std::string bearer = tokens ? "-H \"Authorization: Bearer $(" + program + " token" +
                                            keys + " --user anna --role cx-supervisor)\" "
                                      : "";
    const std::string figures = quoted(serving.url + "/chat/dashboard/stats");
    // A first certificate is often signed by itself.
    const std::string file = quoted(serving.certificate);
    const std::string ca = serving.certificate.empty() ? "" : " --ca " + file;
    const std::string cacert = serving.certificate.empty() ? "" : "--cacert " + file + ' ';
    const std::string demo = serving.checks.head.value == 0 ? " demo" : " demo --live";
    return line("try", program + demo + keys + ca + " --url " + serving.url) +
           line("", "curl " + cacert + bearer + figures);
}

std::string checked(const StartChecks& checks) {
    if (checks.head.value == 0) return "nothing, the log is new";
    std::vector<std::string> good;
    if (checks.structure) good.emplace_back("the file's structure");
    const bool all = checks.events == checks.head.value;
    good.push_back((all ? "all " : "the newest ") + std::to_string(checks.events) + " events");
    if (checks.end) good.emplace_back("that none is missing at the end");
    return joined(good) + (checks.structure && all ? "" : "; parley verify checks the rest");
}

}  // namespace

std::string urlOf(const net::Options& options, std::uint16_t port) {
    const std::string scheme = options.tls.isOn() ? "https://" : "http://";
    const std::string& host = options.host;
    const bool bare = host.find(':') != std::string::npos && !host.starts_with('[');
    return scheme + (bare ? "[" + host + "]" : host) + ':' + std::to_string(port);
}

std::string greeting(const Serving& serving) {
    std::error_code failed;
    auto folder = std::filesystem::absolute(serving.dataFolder, failed).lexically_normal();
    if (failed) folder = serving.dataFolder;
    const auto& head = serving.checks.head;
    const bool tokens = serving.auth.mode == auth::Mode::jwt;
    return "parley is listening on " + serving.url + '\n' +  //
           line("version", serving.version) +                //
           line("data", folder.string()) +                   //
           line("position", std::to_string(head.value)) +    //
           line("checked", checked(serving.checks)) +        //
           line("auth", tokens ? "jwt: every request needs a token"
                               : "none: each request says who sends it, unchecked") +
           tries(serving) +  //
           line("", "sqlite3 " + quoted(sqliteUrl(DataFolder::databaseIn(folder))) +
                        " 'SELECT * FROM v1_message LIMIT 10'") +
           line("stop", "Ctrl-C; what was acknowledged is kept");
}

std::string farewell(Position head, Position before) {
    return "parley has stopped at position " + std::to_string(head.value) + ", after " +
           std::to_string(head.value - before.value) + " events in this run\n";
}

}  // namespace parley::app
