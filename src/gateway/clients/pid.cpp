#include "gateway/clients/pid.h"

#include <parley/core/base64url.h>

#include <algorithm>
#include <vector>

namespace parley {
namespace {

constexpr std::size_t kSecretCharacters = 32;
// Pids from before cursors had fingerprints cannot begin like this: '.' is not in their alphabet.
constexpr std::string_view kForm = "2.";

}  // namespace

std::string randomText(Random& random, std::size_t characters) {
    std::vector<std::uint8_t> bytes(characters);
    random.fill(bytes);
    std::string text;
    text.reserve(characters);
    for (const auto byte : bytes) text += kBase64Url[byte & 63];
    return text;
}

std::string newPid(Random& random) {
    return std::string(kForm) + randomText(random, kSecretCharacters);
}

bool isPid(std::string_view text) {
    if (knowsFingerprints(text)) text.remove_prefix(kForm.size());
    return text.size() == kSecretCharacters && std::all_of(text.begin(), text.end(), [](char c) {
               return base64UrlValue(c) != std::string_view::npos;
           });
}

bool knowsFingerprints(std::string_view pid) {
    return pid.starts_with(kForm);
}

PidHash hashOfPid(Sha256& sha, std::string_view pid) {
    return PidHash{sha.of({pid})};
}

}  // namespace parley
