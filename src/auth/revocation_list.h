#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/principal.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace parley::auth {

/// Tokens that do not count although their signatures are good. Immutable once made; then any
/// thread.
class RevocationList {
public:
    /// Nothing is revoked.
    RevocationList() = default;

    /// Reads lines of JSON: {"jti":"ID"} revokes one token, {"sub":"USER","notBefore":SECONDS} all
    /// tokens of a user that were made before that time (`iat`), or do not say when. At most
    /// 100,000 lines; empty ones count too. The error names the first line that is wrong.
    static Result<RevocationList> parse(std::string_view text);
    /// The same of a file of at most 64 MB. The error names the file.
    static Result<RevocationList> read(const std::string& path);

    bool revokes(const Principal& principal) const;
    /// One line for each revocation, in no order.
    std::vector<std::string> describe() const;
    std::size_t size() const { return tokens_.size() + users_.size(); }

private:
    Result<void> add(std::string_view line);

    std::unordered_set<std::string> tokens_;
    std::unordered_map<UserId, UnixMillis> users_;
};

}  // namespace parley::auth
