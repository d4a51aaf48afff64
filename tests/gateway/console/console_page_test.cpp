#include "gateway/console/console_page.h"

#include <Poco/InflatingStream.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>

using namespace parley;

namespace {

constexpr std::array kFiles{
    ConsoleFile{"app-1A2B.js", "console.log('hello, hello, hello, hello, hello')"},
    ConsoleFile{"favicon.svg", "<svg/>"},
    ConsoleFile{"index.html", "<meta name=\"parley\" content=\"@FACTS@\">"},
};

ConsolePage page(const ConsoleOptions& options = {}) {
    return ConsolePage(options, {.version = "1.2.3", .auth = auth::Mode::jwt, .claims = {}},
                       kFiles);
}

net::HttpRequest get(std::string_view path) {
    net::HttpRequest request;
    request.method = "GET";
    request.path = path;
    return request;
}

std::string header(const net::HttpResponse& response, std::string_view name) {
    const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                    [&](const auto& header) { return header.first == name; });
    return found == response.headers.end() ? std::string() : found->second;
}

std::string inflated(const std::string& bytes) {
    std::istringstream in(bytes);
    Poco::InflatingInputStream inflate(in, Poco::InflatingStreamBuf::STREAM_GZIP);
    std::ostringstream out;
    out << inflate.rdbuf();
    return out.str();
}

}  // namespace

TEST_CASE("the page tells its script the server's facts, and is asked for anew each time") {
    ConsoleOptions options;
    options.name = "Desk \"1\" <&>";
    const auto response = page(options).answer(get("/"));
    REQUIRE(response);
    CHECK(response->status == 200);
    CHECK(response->contentType == "text/html; charset=utf-8");
    CHECK(header(*response, "Cache-Control") == "no-cache");
    CHECK(response->body.find(
              "&quot;version&quot;:&quot;1.2.3&quot;,&quot;auth&quot;:&quot;jwt&quot;") !=
          std::string::npos);
    // JSON escapes the quotes of the name, the attribute then escapes all of it.
    CHECK(response->body.find("Desk \\&quot;1\\&quot; &lt;&amp;>") != std::string::npos);
    CHECK(header(*response, "Content-Security-Policy").find("script-src 'self'") !=
          std::string::npos);
    CHECK(header(*response, "Cross-Origin-Opener-Policy") == "same-origin");
}

TEST_CASE("a file whose name has its hash is kept for a year") {
    const auto response = page().answer(get("/console/app-1A2B.js"));
    REQUIRE(response);
    CHECK(response->body == kFiles[0].bytes);
    CHECK(response->contentType == "text/javascript; charset=utf-8");
    CHECK(header(*response, "Cache-Control") == "public, max-age=31536000, immutable");
    CHECK(header(*response, "Content-Encoding").empty());
    CHECK(header(*response, "Vary") == "Accept-Encoding");
}

TEST_CASE("a client that takes gzip gets the file compressed") {
    auto request = get("/console/app-1A2B.js");
    request.acceptsGzip = true;
    const auto response = page().answer(request);
    REQUIRE(response);
    CHECK(header(*response, "Content-Encoding") == "gzip");
    CHECK(inflated(response->body) == kFiles[0].bytes);
}

TEST_CASE("a form that was compressed before is sent as it is") {
    const std::array packed{ConsoleFile{"app-1A2B.js", "plain", "packed"}};
    auto request = get("/console/app-1A2B.js");
    const ConsolePage console({}, {}, packed);
    CHECK(console.answer(request)->body == "plain");
    request.acceptsGzip = true;
    CHECK(console.answer(request)->body == "packed");
}

TEST_CASE("the compressed form has a tag of its own") {
    const auto console = page();
    auto request = get("/");
    const std::string plain = header(*console.answer(request), "ETag");
    request.acceptsGzip = true;
    const std::string gzip = header(*console.answer(request), "ETag");
    CHECK(plain != gzip);
    request.ifNoneMatch = plain;
    CHECK(console.answer(request)->status == 200);
    request.ifNoneMatch = gzip;
    const auto again = console.answer(request);
    CHECK(again->status == 304);
    CHECK(header(*again, "ETag") == gzip);
}

TEST_CASE("a file that the client has is not sent again") {
    const auto console = page();
    const auto first = console.answer(get("/"));
    auto request = get("/");
    const std::string tag = "\"other\", W/" + header(*first, "ETag");
    request.ifNoneMatch = tag;
    const auto again = console.answer(request);
    REQUIRE(again);
    CHECK(again->status == 304);
    CHECK(again->body.empty());
    CHECK(header(*again, "ETag") == header(*first, "ETag"));
    request.ifNoneMatch = "\"other\"";
    CHECK(console.answer(request)->status == 200);
}

TEST_CASE("other paths are not the console's, and nothing is where it is off") {
    CHECK_FALSE(page().answer(get("/console/")));
    CHECK_FALSE(page().answer(get("/console/index.html")));
    CHECK_FALSE(page().answer(get("/console/../index.html")));
    CHECK_FALSE(page().answer(get("/chat/conversations")));
    ConsoleOptions off;
    off.enabled = false;
    CHECK_FALSE(page(off).answer(get("/")));
}

TEST_CASE("the console can only be read") {
    auto request = get("/");
    request.method = "POST";
    const auto response = page().answer(request);
    REQUIRE(response);
    CHECK(response->status == 405);
    CHECK(header(*response, "Allow") == "GET, HEAD");
    CHECK(response->contentType == "application/json");
    CHECK(response->body.find("method_not_allowed") != std::string::npos);
}
