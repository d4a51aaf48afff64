#include "auth/key_set.h"

#include <parley/core/hex.h>
#include <parley/core/try.h>

#include <algorithm>

namespace parley::auth {
namespace {

constexpr std::size_t kKeysOfIdMax = 16;

bool holds(std::span<const Key> keys, const decltype(TokenProof::key)& thumbprint) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const Key& key) { return key.thumbprint() == thumbprint; });
}

}  // namespace

Result<KeySet> KeySet::of(std::vector<NamedKey> keys) {
    KeySet set;
    for (auto& [key, id] : keys) {
        auto& same = set.byId_[id];
        if (holds(same, key.thumbprint())) continue;
        if (same.size() == kKeysOfIdMax) {
            return Error{ErrorCode::invalid_setting,
                         "there are more than " + std::to_string(kKeysOfIdMax) + " keys " +
                             (id.empty() ? "without a kid" : "of one kid")};
        }
        same.push_back(std::move(key));
    }
    if (set.byId_.empty()) return Error{ErrorCode::invalid_setting, "there are no keys"};
    return set;
}

Result<KeySet> KeySet::read(const std::vector<std::string>& files) {
    std::vector<NamedKey> all;
    for (const auto& file : files) {
        PARLEY_TRY_ASSIGN(auto keys, readKeyFile(file, KeyUse::verify));
        std::move(keys.begin(), keys.end(), std::back_inserter(all));
    }
    return of(std::move(all));
}

std::span<const Key> KeySet::find(std::string_view id) const {
    auto found = byId_.find(id);
    if (found == byId_.end()) found = byId_.find(std::string_view());
    return found == byId_.end() ? std::span<const Key>() : found->second;
}

std::size_t KeySet::size() const {
    std::size_t keys = 0;
    for (const auto& [id, same] : byId_) keys += same.size();
    return keys;
}

std::vector<std::string> KeySet::describe() const {
    std::vector<std::string> lines;
    for (const auto& [id, same] : byId_) {
        for (const Key& key : same) lines.push_back("key " + toHex(key.thumbprint()) + ' ' + id);
    }
    return lines;
}

bool KeySet::stillHolds(const TokenProof& proof) const {
    return holds(find(proof.keyId), proof.key);
}

}  // namespace parley::auth
