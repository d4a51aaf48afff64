#include "fuzz/fuzz.h"
#include "gateway/rest/rest_target.h"

#include <algorithm>
#include <string>

using namespace parley;

// The target of a REST request as the HTTP parser passes it on: a path and a query.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string_view path = bytes.substr(0, bytes.find('?'));
    const std::string_view query = bytes.substr(std::min(bytes.size(), path.size() + 1));
    if (!path.starts_with('/')) return 0;
    const auto target = parseRestTarget(path, query);
    if (!target) {
        fuzz::require(target.error().code == ErrorCode::invalid_request, "refused by its form");
        return 0;
    }
    std::size_t bytesOut = 0;
    for (const auto& segment : target->path) bytesOut += segment.size();
    for (const auto& [name, value] : target->query) {
        bytesOut += name.size() + value.size();
        const Json read = numberOrText(value);
        fuzz::require(read.is_number_integer() || read == value, "a value is a number or a text");
    }
    fuzz::require(bytesOut <= size, "decoding never makes a target longer");
    fuzz::require(target->path.size() <= size && target->query.size() <= size, "nor more of it");
    const auto slashes = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
    fuzz::require(target->path.size() <= slashes, "an escaped slash does not divide");
    matchesRoute("/chat/conversations/:id/messages/last/:n", target->path);
    std::string same;
    for (std::size_t i = 0; i < target->path.size(); ++i) same += "/:x";
    fuzz::require(matchesRoute(same.empty() ? "/" : same, target->path) || same.empty(),
                  "a pattern of as many segments matches");
    return 0;
}
