#include "auth/claims.h"

#include "auth/token_time.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace parley::auth {
namespace {

using Text = std::optional<std::string>;

/// Reads claims one by one, and remembers whether one was wrong: not there, of another type, or
/// without a valid value.
class ClaimReader {
public:
    explicit ClaimReader(const Json& claims) : claims_(claims) {}

    bool good() const { return good_; }

    Text text(const std::string& name) {
        const Json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_string()) return wrong<std::string>();
        return value->get<std::string>();
    }
    std::optional<UnixMillis> time(const std::string& name) {
        const Json* value = find(name);
        if (!value) return std::nullopt;
        const auto at = tokenTime(*value);
        return at ? at : wrong<UnixMillis>();
    }
    UnixMillis neededTime(const std::string& name) {
        const auto at = time(name);
        return at ? *at : wrong<UnixMillis>().value_or(UnixMillis{});
    }
    UserId user() {
        auto user = UserId::parse(text("sub").value_or(""), "sub");
        return user ? std::move(*user) : wrong<UserId>().value_or(UserId());
    }
    /// A list of texts, each read by `parse`; sorted, each once.
    template <typename T, typename Parse>
    std::optional<std::vector<T>> list(const std::string& name, Parse parse) {
        const Json* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_array()) return wrong<std::vector<T>>();
        std::vector<T> items;
        for (const Json& one : *value) {
            auto item =
                one.is_string() ? parse(one.get_ref<const std::string&>()) : std::optional<T>();
            if (!item) return wrong<std::vector<T>>();
            items.push_back(std::move(*item));
        }
        std::sort(items.begin(), items.end());
        items.erase(std::unique(items.begin(), items.end()), items.end());
        return items;
    }
    template <typename T>
    std::optional<T> wrong() {
        good_ = false;
        return std::nullopt;
    }

private:
    const Json* find(const std::string& name) const {
        const auto found = claims_.find(name);
        return found == claims_.end() ? nullptr : &*found;
    }

    const Json& claims_;
    bool good_ = true;
};

// `aud` is a text or a list of texts.
bool names(const Json& claims, const std::string& audience) {
    const auto found = claims.find("aud");
    if (found == claims.end()) return false;
    if (!found->is_array()) return *found == audience;
    return std::find(found->begin(), found->end(), audience) != found->end();
}

std::optional<TokenFault> wrongParties(const Json& claims, const Options& options) {
    if (!options.issuer.empty() && claims.value("iss", Json()) != options.issuer) {
        return TokenFault::issuer;
    }
    if (!options.audience.empty() && !names(claims, options.audience)) return TokenFault::audience;
    return std::nullopt;
}

// The kind that the claims name: `robot` as the role says it, too.
std::optional<PrincipalKind> kindOf(const Text& kind, const Text& role) {
    if (kind) return parsePrincipalKind(*kind);
    return role && parseRole(*role) == UserRole::robot ? PrincipalKind::robot
                                                       : PrincipalKind::person;
}

// Persons need a role of persons, and robots have theirs. All others have none, whatever an
// identity provider writes into that claim.
void readRole(Principal& principal, const Text& name, ClaimReader& claims) {
    const bool isPerson = principal.kind == PrincipalKind::person;
    if (!isPerson && principal.kind != PrincipalKind::robot) return;
    principal.role = name       ? parseRole(*name)
                     : isPerson ? std::nullopt
                                : std::optional(UserRole::robot);
    if (!principal.role || (principal.role == UserRole::robot) == isPerson) {
        claims.wrong<UserRole>();
    }
}

std::vector<UserRole> allRoles() {
    std::vector<UserRole> roles;
    for (const auto& row : kUserRoles) roles.push_back(row.role);
    return roles;
}

}  // namespace

OrFault<Principal> principalOf(const Json& object, const Options& options, UnixMillis now) {
    ClaimReader claims(object);
    Principal principal;
    principal.expires = claims.neededTime("exp");
    const auto notBefore = claims.time("nbf");
    principal.issuedAt = claims.time("iat");
    if (!claims.good()) return TokenFault::claims;

    const auto skew = options.skew.count();
    if (now.value >= principal.expires.value) principal.expires.value += skew;
    if (now >= principal.expires) return TokenFault::expired;
    if (notBefore && now.value + skew < notBefore->value) return TokenFault::notYetValid;
    if (const auto fault = wrongParties(object, options)) return *fault;

    principal.user = claims.user();
    const Text role = claims.text(options.claims.role);
    const auto kind = kindOf(claims.text(options.claims.kind), role);
    if (!kind) return TokenFault::claims;
    principal.kind = *kind;
    readRole(principal, role, claims);
    principal.conversations = claims.list<ConversationId>(
        options.claims.conversations, [](const std::string& id) -> std::optional<ConversationId> {
            auto parsed = ConversationId::parse(id, "conversation");
            return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
        });
    if (principal.kind == PrincipalKind::service) {
        principal.actsAs =
            claims.list<UserRole>(options.claims.roles, parseRole).value_or(allRoles());
    }
    principal.tokenId = claims.text("jti").value_or("");
    if (!claims.good()) return TokenFault::claims;
    return principal;
}

}  // namespace parley::auth
