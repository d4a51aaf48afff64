#include "gateway/rest/rest_page.h"

#include <Poco/URI.h>

#include <utility>

namespace parley {
namespace {

// All that has a meaning in a URL or ends the target of a Link.
constexpr const char* kReserved = ":/?#[]@!$&'()*+,;=\"<>\\^`{|}%";

void appendEncoded(std::string& out, const std::string& text) {
    std::string encoded;
    Poco::URI::encode(text, kReserved, encoded);
    out += encoded;
}

std::string targetOf(const RestTarget& asked, const NextPage& next) {
    std::string out;
    for (const auto& segment : asked.path) {
        out += '/';
        appendEncoded(out, segment);
    }
    out += '?';
    for (const auto& [name, value] : asked.query) {
        if (name == next.parameter || name == "offset") continue;
        appendEncoded(out, name);
        out += '=';
        appendEncoded(out, value);
        out += '&';
    }
    out += next.parameter;
    out += '=';
    appendEncoded(out, next.value);
    return out;
}

}  // namespace

net::HttpResponse pageResponse(std::string body, PageEnd end, const RestTarget& asked,
                               const NextPage& next) {
    net::HttpResponse response;
    response.body = std::move(body);
    auto& headers = response.headers;
    headers.emplace_back("Access-Control-Expose-Headers", "Link, Parley-Truncated");
    if (end == PageEnd::refused) headers.emplace_back("Parley-Truncated", "true");
    if (end != PageEnd::reached) {
        headers.emplace_back("Link", '<' + targetOf(asked, next) + ">; rel=\"next\"");
    }
    return response;
}

}  // namespace parley
