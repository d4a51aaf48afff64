#pragma once

#include <parley/core/clock.h>
#include <parley/domain/principal.h>

#include <Poco/LRUCache.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct evp_md_st;  // EVP_MD

namespace parley::auth {

/// Names a token without being one.
using TokenHash = std::array<std::uint8_t, 32>;

/// Remembers what verified tokens say, each until its end, so that a client which sends the same
/// token with each request costs one hash. Full, it forgets the one that was not asked for the
/// longest. Any thread.
class TokenCache {
public:
    /// 0: remembers nothing.
    explicit TokenCache(std::size_t tokensMax);

    TokenHash hash(std::string_view token) const;

    /// Null: unknown, at its end, or verified by keys of another generation.
    PrincipalPtr find(const TokenHash& token, std::uint64_t generation, UnixMillis now);
    void add(const TokenHash& token, std::uint64_t generation, PrincipalPtr principal);
    std::size_t size();

private:
    struct Entry {
        std::uint64_t generation;
        PrincipalPtr principal;
    };
    struct FreeAlgorithm {
        void operator()(evp_md_st* algorithm) const;
    };

    std::unique_ptr<evp_md_st, FreeAlgorithm> sha256_;
    std::optional<Poco::LRUCache<TokenHash, Entry>> entries_;
};

}  // namespace parley::auth
