#pragma once

#include "auth/key_file.h"

#include <parley/core/result.h>
#include <parley/domain/principal.h>

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parley::auth {

/// The keys that verify tokens. Immutable once made; then any thread.
class KeySet {
public:
    /// More than one key may have the same id, or none: at most 16 each. A key that is there twice
    /// under one id counts once. No keys at all is an error.
    static Result<KeySet> of(std::vector<NamedKey> keys);
    static Result<KeySet> read(const std::vector<std::string>& files);

    /// The keys that may have signed a token with this `kid` (empty: it has none): those of that
    /// id, else those without an id.
    std::span<const Key> find(std::string_view id) const;

    std::size_t size() const;
    /// One line for each key: its id and its thumbprint, in no order of note. Says nothing of
    /// a secret.
    std::vector<std::string> describe() const;
    /// Whether the token that this proof is of could still be verified by the same key.
    bool stillHolds(const TokenProof& proof) const;

private:
    std::map<std::string, std::vector<Key>, std::less<>> byId_;
};

}  // namespace parley::auth
