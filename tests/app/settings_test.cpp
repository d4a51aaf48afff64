#include <parley/app/settings.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace parley;

TEST_CASE("a flag beats a variable, a variable the file") {
    const auto file = std::filesystem::temp_directory_path() / "parley-settings-test.conf";
    std::ofstream(file) << "# comment\nport = 1\nio.threads = 3\nping.interval = 700\n";
    const auto settings = readSettings({"--port", "5", "--config=" + file.string()},
                                       {"PARLEY_PORT=4", "PARLEY_IO_THREADS=2", "HOME=/nowhere"});
    std::filesystem::remove(file);
    REQUIRE(settings.ok());
    CHECK(settings->net.port == 5);
    CHECK(settings->net.threads == 2);
    CHECK(settings->net.engineio.pingInterval == std::chrono::milliseconds(700));
    CHECK(settings->ignoredVariables.empty());
}

TEST_CASE("a flag says its value behind a space or an equals sign, and the last one wins") {
    const auto settings =
        readSettings({"--port", "5", "--io.threads=2", "--port=6", "--insecure-open"}, {});
    REQUIRE(settings.ok());
    CHECK(settings->net.port == 6);
    CHECK(settings->net.threads == 2);
    CHECK(settings->insecureOpen);
}

TEST_CASE("a flag can say an empty value, and the word behind it is another flag") {
    const auto settings = readSettings({"--cors.origins=", "--port", "5"}, {});
    REQUIRE(settings.ok());
    CHECK(settings->net.corsOrigins.empty());
    CHECK(settings->net.port == 5);
    CHECK_FALSE(readSettings({"--port=", "5"}, {}).ok());
}

TEST_CASE("an empty variable is a value too") {
    const auto settings = readSettings({}, {"PARLEY_CORS_ORIGINS="});
    REQUIRE(settings.ok());
    CHECK(settings->net.corsOrigins.empty());
}

TEST_CASE("a flag without its value, a stray word and a wrong switch are refused") {
    const auto messageOf = [](const std::vector<std::string>& arguments) {
        const auto settings = readSettings(arguments, {});
        return settings ? std::string("accepted") : settings.error().message;
    };
    CHECK(messageOf({"--io.threads", "2", "--port"}) == "--port needs a value");
    CHECK(messageOf({"4000"}) == "unexpected argument \"4000\"");
    CHECK(messageOf({"--insecure-open", "yes"}) == "unexpected argument \"yes\"");
    CHECK(messageOf({"--insecure-open=yes"}) == "--insecure-open must be true or false");
    CHECK(messageOf({"--port", "-1"}) ==
          "--port: port must be a number from 0 to 65535, not \"-1\"");
    CHECK(messageOf({"-p", "4000"}).starts_with("there is no setting \"p\""));
}

TEST_CASE("a line of the file keeps everything behind its equals sign") {
    const auto file = std::filesystem::temp_directory_path() / "parley-settings-text.conf";
    std::ofstream(file) << "  data = /srv/a b#c, \"d\"  \r\n#port = 1\n\n";
    const auto settings = readSettings({"--config", file.string()}, {});
    std::filesystem::remove(file);
    REQUIRE(settings.ok());
    CHECK(settings->engine.dataFolder == "/srv/a b#c, \"d\"");
    CHECK(settings->net.port == 3500);
}

TEST_CASE("control characters and what is not UTF-8 are refused from every source") {
    const auto messageOf = [](const Result<Settings>& settings) {
        return settings ? std::string("accepted") : settings.error().message;
    };
    const std::string control = "console.name has a control character, ";
    CHECK(messageOf(readSettings({"--console.name=a\nport = 1"}, {})) ==
          "--console.name: " + control + "U+000A");
    CHECK(messageOf(readSettings({}, {"PARLEY_CONSOLE_NAME=\x1b[2J"})) ==
          "PARLEY_CONSOLE_NAME: " + control + "U+001B");
    CHECK(messageOf(readSettings({"--data=/srv/\xff"}, {})) == "--data: data is not UTF-8");
    CHECK(messageOf(readSettings({"--port=1\x7f"}, {})) ==
          "--port: port has a control character, U+007F");
    CHECK(messageOf(readSettings({"--console.name=a\u202eb"}, {})) ==
          "--console.name: console.name has a character that makes people read something else than "
          "is there");
    CHECK(messageOf(readSettings({"--config=/etc/\nx"}, {})) ==
          "--config: the file's name has a control character, U+000A");
    CHECK(messageOf(readSettings({"--console.name=Grüße, שלום"}, {})) == "accepted");

    const auto file = std::filesystem::temp_directory_path() / "parley-settings-control.conf";
    const auto lineRefused = [&](const std::string& line) {
        std::ofstream(file) << "# any \xff in a comment\n" << line << '\n';
        auto message = messageOf(readSettings({"--config", file.string()}, {}));
        std::filesystem::remove(file);
        return message;
    };
    const std::string where = file.string() + ":2: this line ";
    CHECK(lineRefused(std::string("console.name = a\0b", 18)) ==
          where + "has a control character, U+0000");
    CHECK(lineRefused("con\x1bsole.name = a") == where + "has a control character, U+001B");
    CHECK(lineRefused("console.name = \xc3") == where + "is not UTF-8");
    CHECK(lineRefused("\tcors.origins =\thttp://a.example,\thttp://b.example\r") == "accepted");
}

TEST_CASE("a line that is no setting is refused with its place, a file that cannot be read too") {
    const auto file = std::filesystem::temp_directory_path() / "parley-settings-line.conf";
    std::ofstream(file) << "port = 1\nprot = 2\n";
    const auto settings = readSettings({}, {"PARLEY_CONFIG=" + file.string()});
    std::filesystem::remove(file);
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.error().message ==
          file.string() + ":2: there is no setting \"prot\"; did you mean \"port\"?");
    CHECK_FALSE(readSettings({"--config", file.string()}, {}).ok());
    CHECK_FALSE(readSettings({"--config", "/tmp"}, {}).ok());
}

TEST_CASE("an unknown flag is refused and the nearest setting named") {
    const auto settings = readSettings({"--prot", "5"}, {});
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.error().message == "there is no setting \"prot\"; did you mean \"port\"?");
}

TEST_CASE("a variable that is a setting mistyped is refused and the right one named") {
    const auto settings = readSettings({}, {"PARLEY_TYPNIG_TIMEOUT=5000"});
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.error().message ==
          "there is no setting for the variable PARLEY_TYPNIG_TIMEOUT; did you mean "
          "PARLEY_TYPING_TIMEOUT?");
}

TEST_CASE("a variable that resembles no setting is noted and ignored") {
    const auto settings = readSettings({}, {"PARLEY_BIN=/usr/bin/parley", "PARLEY_HOME=/srv",
                                            "PARLEY_TEST_PATIENCE=4", "PARLEY_URL=http://x"});
    REQUIRE(settings.ok());
    CHECK(settings->ignoredVariables.size() == 4);
}

namespace {

// What Kubernetes sets in each container of the namespace for a service "parley" with the ports
// 3500 (named "ws-main") and 9 (UDP).
const std::vector<std::string> kServiceVariables{
    "PARLEY_SERVICE_HOST=10.0.0.7",
    "PARLEY_SERVICE_PORT=3500",
    "PARLEY_SERVICE_PORT_WS_MAIN=3500",
    "PARLEY_PORT=tcp://10.0.0.7:3500",
    "PARLEY_PORT_3500_TCP=tcp://10.0.0.7:3500",
    "PARLEY_PORT_3500_TCP_PROTO=tcp",
    "PARLEY_PORT_3500_TCP_PORT=3500",
    "PARLEY_PORT_3500_TCP_ADDR=10.0.0.7",
    "PARLEY_PORT_9_UDP=udp://10.0.0.7:9",
    "PARLEY_PORT_9_SCTP_ADDR=10.0.0.7",
};

}  // namespace

TEST_CASE("the variables of a Kubernetes service named parley are noted and ignored") {
    const auto settings = readSettings({}, kServiceVariables);
    REQUIRE(settings.ok());
    CHECK(settings->net.port == 3500);
    CHECK(settings->ignoredVariables.size() == kServiceVariables.size());
    for (const auto& one : settings->ignoredVariables) CHECK(one.why == "kubernetes_service");
}

TEST_CASE("an address of a service is no number of any setting, and a flag still beats it") {
    const auto settings = readSettings(
        {"--port", "7"}, {"PARLEY_PORT=udp://[fd00::7]:9", "PARLEY_IO_THREADS=sctp://10.0.0.7:1"});
    REQUIRE(settings.ok());
    CHECK(settings->net.port == 7);
    CHECK(settings->net.threads == 1);
    CHECK(settings->ignoredVariables.size() == 2);
}

TEST_CASE("a wrong number in a variable is refused unless it is a service's address") {
    CHECK_FALSE(readSettings({}, {"PARLEY_PORT=http://10.0.0.7:3500"}).ok());
    CHECK_FALSE(readSettings({}, {"PARLEY_PORT="}).ok());
    CHECK_FALSE(readSettings({"--port", "tcp://10.0.0.7:3500"}, {}).ok());
}

TEST_CASE("a mistyped setting is refused despite a service's variables") {
    CHECK_FALSE(readSettings({}, {"PARLEY_SERVICE_PORT=1", "PARLEY_TYPNIG_TIMEOUT=1"}).ok());
}

TEST_CASE("recovery is for clients that ask, for all or for none; the old switch warns") {
    const auto whom = [](std::vector<std::string> flags) {
        const auto settings = readSettings(flags, {});
        REQUIRE(settings.ok());
        return std::pair(settings->gateway.recoveryFor, settings->warnings.size());
    };
    CHECK(whom({}) == std::pair(RecoveryFor::asked, std::size_t{0}));
    CHECK(whom({"--recovery.for", "all"}) == std::pair(RecoveryFor::all, std::size_t{0}));
    CHECK(whom({"--recovery.for=none"}) == std::pair(RecoveryFor::none, std::size_t{0}));
    CHECK(whom({"--recovery.enabled=true"}) == std::pair(RecoveryFor::asked, std::size_t{0}));
    CHECK(whom({"--recovery.enabled=true", "--recovery.for=none"}) ==
          std::pair(RecoveryFor::none, std::size_t{0}));
    CHECK(whom({"--recovery.enabled=false"}) == std::pair(RecoveryFor::none, std::size_t{1}));
    CHECK(whom({"--recovery.enabled=false", "--recovery.for=none"}) ==
          std::pair(RecoveryFor::none, std::size_t{1}));
    CHECK_FALSE(readSettings({"--recovery.enabled=false", "--recovery.for=all"}, {}).ok());
    CHECK_FALSE(readSettings({"--recovery.for", "some"}, {}).ok());
    CHECK_FALSE(readSettings({"--recovery.enabled=no"}, {}).ok());
}

TEST_CASE("a value out of range is refused and the range named") {
    const auto settings = readSettings({"--port", "70000"}, {});
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.error().message ==
          "--port: port must be a number from 0 to 65535, not \"70000\"");
}

TEST_CASE("an address that others can reach needs the word that it is meant") {
    CHECK_FALSE(readSettings({"--host", "0.0.0.0"}, {}).ok());
    CHECK(readSettings({"--host", "0.0.0.0", "--insecure-open"}, {}).ok());
    for (const auto* local : {"localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"}) {
        CHECK(readSettings({"--host", local}, {}).ok());
    }
    // A name may resolve to anything, tomorrow if not today.
    for (const auto* open : {"127.example.com", "127.", "::", "[::]", "10.0.0.1", "[127.0.0.1"}) {
        CHECK_FALSE(readSettings({"--host", open}, {}).ok());
    }
    CHECK(readSettings({"--host", "127.0.0.5"}, {}).ok());
}

TEST_CASE("a limit that a message within its own limits would not fit in is refused") {
    for (const std::string name : {"payload.max", "http.body"}) {
        const auto least = std::to_string(kRequestBytesMax);
        CHECK(readSettings({"--" + name + "=" + least}, {}).ok());
        const auto less = readSettings({"--" + name + "=1000000"}, {});
        REQUIRE_FALSE(less.ok());
        CHECK(less.error().message.find(name) != std::string::npos);
        CHECK(less.error().message.find(least) != std::string::npos);
    }
    const auto settings = readSettings({}, {});
    REQUIRE(settings.ok());
    CHECK(settings->net.engineio.maxPayloadBytes >= kRequestBytesMax);
    CHECK(settings->net.httpBodyBytesMax >= kRequestBytesMax);
}

TEST_CASE("the names of claims and of the cookie are checked, the words of choices listed") {
    const auto messageOf = [](const std::string& argument) {
        const auto settings = readSettings({"--auth.mode=jwt", "--auth.keys=a.pem", argument}, {});
        return settings ? std::string("accepted") : settings.error().message;
    };
    CHECK(messageOf("--auth.claim.role=https://x.example/role") == "accepted");
    CHECK(messageOf("--auth.claim.role=") ==
          "--auth.claim.role: auth.claim.role must not be empty");
    CHECK(messageOf("--auth.cookie=__Host-token") == "accepted");
    CHECK(messageOf("--auth.cookie=") == "accepted");
    CHECK(messageOf("--auth.cookie=a;b") == "--auth.cookie: auth.cookie is no name of a cookie");
    CHECK(messageOf("--auth.mode=basic") == "--auth.mode: auth.mode must be none or jwt");
    CHECK(messageOf("--auth.customer-ids=own") == "accepted");
    CHECK(messageOf("--recovery.for=some") ==
          "--recovery.for: recovery.for must be asked, all or none");
}

TEST_CASE(
    "settings of tokens without auth.mode=jwt are refused: they would look as if they acted") {
    for (const std::string one :
         {"auth.keys=a.pem, b.pem", "auth.issuer=https://id.example", "auth.audience=chat",
          "auth.cookie=__Host-token", "auth.revoked=revoked.jsonl", "auth.skew=0",
          "auth.token-bytes=4000", "auth.cache=0", "auth.expiry-warning=0",
          "auth.claim.kind=https://x.example/kind", "auth.customer-ids=own"}) {
        const auto name = one.substr(0, one.find('='));
        const auto settings = readSettings({"--" + one}, {});
        REQUIRE_FALSE(settings.ok());
        CHECK(settings.error().message ==
              "--" + name + ": " + name +
                  " has no effect, because auth.mode is none: say auth.mode=jwt too");
    }
    CHECK(readSettings({"--auth.mode=none", "--auth.keys=", "--auth.cookie="}, {}).ok());
}

TEST_CASE("auth.mode=jwt without keys is refused, and the message says how to make one") {
    const auto settings = readSettings({"--auth.mode=jwt"}, {});
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.error().message.starts_with(
        "--auth.mode: auth.keys is empty, but auth.mode is jwt"));
    CHECK(settings.error().message.find("parley token --keys key.pem") != std::string::npos);
}

TEST_CASE("with tokens no other page is allowed and any host is, unless the settings say it") {
    const auto webOf = [](std::vector<std::string> more) {
        more.emplace_back("--auth.keys=a.pem");
        const auto settings = readSettings(more, {});
        REQUIRE(settings.ok());
        return std::pair(settings->net.corsOrigins, settings->net.anyHost);
    };
    using Origins = std::vector<std::string>;
    const std::string jwt = "--auth.mode=jwt";
    CHECK(webOf({jwt}) == std::pair(Origins{}, true));
    CHECK(webOf({jwt, "--cors.origins=local"}) == std::pair(Origins{"local"}, true));
    CHECK(webOf({jwt, "--cors.origins="}) == std::pair(Origins{}, true));
    CHECK(webOf({jwt, "--http.hosts=chat.example"}) == std::pair(Origins{}, false));
    const auto open = readSettings({}, {});
    REQUIRE(open.ok());
    CHECK(open->net.corsOrigins == Origins{"local"});
    CHECK_FALSE(open->net.anyHost);
}

TEST_CASE("a certificate goes with its key") {
    CHECK(readSettings({"--tls.certificate=c.pem"}, {}).error().message ==
          "--tls.certificate: tls.certificate is given without tls.key: say both");
    CHECK(readSettings({"--tls.key=k.pem"}, {}).error().message ==
          "--tls.key: tls.key is given without tls.certificate: say both");
    CHECK(readSettings({"--tls.certificate=c.pem", "--tls.key=k.pem"}, {}).ok());
}

TEST_CASE("tokens alone do not open the server to a network without TLS") {
    const std::vector<std::string> jwt{"--auth.mode=jwt", "--auth.keys=a.pem", "--host=10.0.0.1"};
    const auto settings = readSettings(jwt, {});
    REQUIRE_FALSE(settings.ok());
    CHECK(
        settings.error().message ==
        "--host: host 10.0.0.1 is not loopback, and there is no TLS: anybody on the way could read "
        "tokens and messages. Name a certificate in tls.certificate and tls.key, or let a proxy "
        "end TLS "
        "and name it in proxy.trusted, or pass --insecure-open to allow this");
    auto open = jwt;
    open.emplace_back("--insecure-open");
    CHECK(readSettings(open, {}).ok());
    auto proxied = jwt;
    proxied.emplace_back("--proxy.trusted=10.0.0.2");
    CHECK(readSettings(proxied, {}).ok());
    auto secured = jwt;
    secured.insert(secured.end(), {"--tls.certificate=c.pem", "--tls.key=k.pem"});
    CHECK(readSettings(secured, {}).ok());
    CHECK(readSettings({"--auth.mode=jwt", "--auth.keys=a.pem"}, {}).ok());
}

TEST_CASE("a rate is two numbers or off, and only tokens can be counted by") {
    const std::vector<std::string> jwt{"--auth.mode=jwt", "--auth.keys=public.pem"};
    const auto with = [&](std::vector<std::string> more, bool tokens = true) {
        if (tokens) more.insert(more.end(), jwt.begin(), jwt.end());
        return readSettings(more, {});
    };
    const auto settings = with({"--rate.messages=7/9", "--rate.joins=0"});
    REQUIRE(settings.ok());
    CHECK(settings->gateway.rates.messages == Rate{7, 9});
    CHECK(settings->gateway.rates.joins.off());
    CHECK(settings->gateway.rates.userMessages == Rate{60, 300});
    CHECK(with({"--rate.typing=5"}).error().message ==
          "--rate.typing: rate.typing must be PER_SECOND/BURST like 20/100, both numbers from 1 to "
          "1000000, or 0 "
          "for no limit, not \"5\"");
    CHECK(readSettings({}, {"PARLEY_RATE_USER_REST=1/x"})
              .error()
              .message.starts_with("PARLEY_RATE_USER_REST: rate.user-rest must be "));
    for (const char* flag : {"rate.messages=20/100", "rate.connects=1/1", "rate.auth-failures=1/10",
                             "io.connections-per-user=50"}) {
        const auto refused = with({"--" + std::string(flag)}, /*tokens=*/false);
        REQUIRE_FALSE(refused.ok());
        const std::string name(flag, std::string(flag).find('='));
        CHECK(refused.error().message ==
              "--" + name + ": " + name +
                  " has no effect, because auth.mode is none: say auth.mode=jwt too");
    }
    CHECK(with({"--rate.messages=0", "--io.connections-per-user=0"}, /*tokens=*/false).ok());
}
