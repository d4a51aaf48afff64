#include "auth/token_cache.h"

#include <parley/core/check.h>

#include <openssl/evp.h>

namespace parley::auth {

void TokenCache::FreeAlgorithm::operator()(evp_md_st* algorithm) const {
    EVP_MD_free(algorithm);
}

// Fetched once: looking the algorithm up takes as long as the hash.
TokenCache::TokenCache(std::size_t tokensMax) : sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {
    PARLEY_CHECK(sha256_ != nullptr);
    if (tokensMax > 0) entries_.emplace(tokensMax);
}

TokenHash TokenCache::hash(std::string_view token) const {
    TokenHash hash;
    PARLEY_CHECK(
        EVP_Digest(token.data(), token.size(), hash.data(), nullptr, sha256_.get(), nullptr) == 1);
    return hash;
}

PrincipalPtr TokenCache::find(const TokenHash& token, std::uint64_t generation, UnixMillis now) {
    if (!entries_) return nullptr;
    const auto entry = entries_->get(token);
    if (entry.isNull()) return nullptr;
    if (entry->generation == generation && now < entry->principal->expires) {
        return entry->principal;
    }
    entries_->remove(token);
    return nullptr;
}

void TokenCache::add(const TokenHash& token, std::uint64_t generation, PrincipalPtr principal) {
    if (entries_) entries_->update(token, Entry{generation, std::move(principal)});
}

std::size_t TokenCache::size() {
    return entries_ ? entries_->size() : 0;
}

}  // namespace parley::auth
