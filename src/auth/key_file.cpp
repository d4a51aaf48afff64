#include "auth/key_file.h"

#include <parley/core/text_file.h>
#include <parley/core/try.h>

namespace parley::auth {
namespace {

constexpr std::size_t kKeyFileBytesMax = 1 << 20;

}  // namespace

Error wrongKey(std::size_t number, const std::string& why) {
    return {ErrorCode::invalid_setting, "key " + std::to_string(number) + ": " + why};
}

Result<std::vector<NamedKey>> parseKeys(std::string_view text, KeyUse use) {
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool isJson = first != std::string_view::npos && text[first] == '{';
    return isJson ? parseJwks(text, use) : parsePem(text, use);
}

Result<std::vector<NamedKey>> readKeyFile(const std::string& path, KeyUse use) {
    const auto named = [&](const std::string& why) {
        return Error{ErrorCode::invalid_setting, path + ": " + why};
    };
    const auto text = readTextFile(path, kKeyFileBytesMax);
    if (!text) return named(text.error().message);
    auto keys = parseKeys(*text, use);
    if (!keys) return named(keys.error().message);
    if (keys->empty()) {
        return named(use == KeyUse::sign ? "it has no private key and no secret to sign with"
                                         : "it has no key for signatures, neither as PEM nor as a "
                                           "JWKS");
    }
    return keys;
}

}  // namespace parley::auth
