#include "auth/token_form.h"

#include "auth/base64url_decode.h"
#include "auth/strict_json.h"

#include <algorithm>
#include <array>
#include <optional>

namespace parley::auth {
namespace {

constexpr int kDepthMax = 4;

struct Parts {
    std::string header;
    std::string claims;
    std::string signature;
};

// The three parts, decoded. Nothing: there are more or fewer, or one is not canonical.
std::optional<Parts> partsOf(std::string_view token) {
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    if (first == last || std::count(token.begin(), token.end(), '.') != 2) return std::nullopt;
    auto header = decodeBase64Url(token.substr(0, first));
    auto claims = decodeBase64Url(token.substr(first + 1, last - first - 1));
    auto signature = decodeBase64Url(token.substr(last + 1));
    if (!header || !claims || !signature) return std::nullopt;
    return Parts{std::move(*header), std::move(*claims), std::move(*signature)};
}

// The text of a member; null: it is no text, or an empty one.
const std::string* textIn(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) return nullptr;
    const auto& text = found->get_ref<const std::string&>();
    return text.empty() ? nullptr : &text;
}

}  // namespace

OrFault<TokenForm> TokenForm::parse(std::string_view token, std::size_t bytesMax) {
    if (token.empty()) return TokenFault::missing;
    if (token.size() > bytesMax) return TokenFault::tooLong;
    const auto parts = partsOf(token);
    if (!parts) return TokenFault::malformed;
    const auto header = parseStrictObject(parts->header, kDepthMax);
    auto claims = parseStrictObject(parts->claims, kDepthMax);
    if (!header || !claims || header->contains("crit")) return TokenFault::malformed;
    const std::string* algorithmName = textIn(*header, "alg");
    const std::string* keyId = textIn(*header, "kid");
    if (!algorithmName || (!keyId && header->contains("kid"))) return TokenFault::malformed;
    const auto algorithm = parseAlgorithm(*algorithmName);
    if (!algorithm) return TokenFault::algorithm;
    return TokenForm{.algorithm = *algorithm,
                     .keyId = keyId ? *keyId : std::string(),
                     .claims = std::move(*claims),
                     .signatureBytes = parts->signature.size()};
}

}  // namespace parley::auth
