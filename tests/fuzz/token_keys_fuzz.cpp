#include "auth/key_file.h"
#include "auth/revocation_list.h"
#include "fuzz/fuzz.h"

#include <parley/core/utf8.h>

#include <algorithm>

using namespace parley;
using namespace parley::auth;

namespace {

template <typename T>
bool taken(const Result<T>& parsed) {
    if (parsed) return true;
    fuzz::require(!parsed.error().message.empty(), "a refusal says why");
    fuzz::require(isUtf8(parsed.error().message), "in words that can be logged");
    return false;
}

void checkKeys(std::string_view text) {
    const auto keys = parseKeys(text, KeyUse::verify);
    if (!taken(keys)) return;
    const auto again = parseKeys(text, KeyUse::verify);
    fuzz::require(again && again->size() == keys->size(), "reading twice gives the same");
    for (std::size_t i = 0; i < keys->size(); ++i) {
        const Key& key = (*keys)[i].key;
        fuzz::require(key.thumbprint() == (*again)[i].key.thumbprint(), "a thumbprint stays");
        const bool isRsa = keyTypeOf(key.algorithm()) == "RSA";
        fuzz::require(key.signatureBytes() >= (isRsa ? 256 : 32), "no key is weak");
    }
}

}  // namespace

// The input is a file of keys, PEM or JWKS; and a list of revocations.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    checkKeys(text);
    const auto signing = parseKeys(text, KeyUse::sign);
    if (taken(signing)) {
        for (const auto& [key, id] : *signing) (void)key.sign("{}", id);
    }
    (void)taken(RevocationList::parse(text));
    return 0;
}
