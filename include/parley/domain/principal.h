#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/domain/roles.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who sends a request, as the server knows it and not as the request says. Functions: any thread.
namespace parley {

/// What a principal is. domain/principals.def has one row a kind.
enum class PrincipalKind : std::uint8_t {
#define PRINCIPAL_KIND(constant, name) constant,
#include <parley/domain/principals.def>
};

/// For whom the authorization table has a column: a kind of principal, and persons by their role.
enum class Actor : std::uint8_t {
#define ACTOR(constant, name) constant,
#include <parley/domain/principals.def>
};

/// All kinds and all actors in the order of their values.
inline constexpr std::array kPrincipalKindNames{
#define PRINCIPAL_KIND(constant, name) std::string_view(name),
#include <parley/domain/principals.def>
};
inline constexpr std::array kActorNames{
#define ACTOR(constant, name) std::string_view(name),
#include <parley/domain/principals.def>
};

/// "person", "robot", "service", "auditor", "operator", "none".
std::string_view principalKindName(PrincipalKind kind);
/// The kinds that a token may name: all but `none`.
std::optional<PrincipalKind> parsePrincipalKind(std::string_view name);
std::string_view actorName(Actor actor);

/// Which key has verified a token, so that it can be asked again after the keys were reloaded.
struct TokenProof {
    std::array<std::uint8_t, 16> key{};  ///< the key's thumbprint
    std::string keyId;                   ///< the token's `kid`; empty: it has none
    bool operator==(const TokenProof&) const = default;
};

/// The sender of requests, from a verified token. With auth.mode=none it is of kind `none`: then
/// each request's own words count, and no other field has a meaning.
/// Immutable once made, and shared by all that hold it.
struct Principal {
    PrincipalKind kind = PrincipalKind::none;
    UserId user{};
    /// Of a person: customer, agent or supervisor. Of a robot: robot. Of all others nothing.
    std::optional<UserRole> role{};
    /// A customer may also enter these, even start them. All others may enter these only. Sorted,
    /// each once; nothing: the token names none.
    std::optional<std::vector<ConversationId>> conversations{};
    /// A service: the roles of the users that it may act as. Sorted, each once.
    std::vector<UserRole> actsAs{};
    /// From this moment on the token does not count any more.
    UnixMillis expires{};
    /// When the token was made; nothing: it does not say.
    std::optional<UnixMillis> issuedAt{};
    /// The token's `jti`, by which it can be revoked; empty: it has none.
    std::string tokenId{};
    TokenProof proof{};
};
using PrincipalPtr = std::shared_ptr<const Principal>;

/// The principal's column in the authorization table. REQUIRES: a person has a role.
Actor actorOf(const Principal& principal);

/// Whether the principal's token names this conversation.
bool lists(const Principal& principal, const ConversationId& conversation);

/// Whether the token lists the only conversations that the principal may enter.
bool isBound(const Principal& principal);

/// Whether the token keeps the principal out of a conversation, which must then look to it as if
/// it did not exist. Never for customers, whose lists only add.
bool isOutOfReach(const Principal& principal, const ConversationId& conversation);

/// A trusted back end, which acts as the users that its requests name.
inline bool isService(const Principal& principal) {
    return principal.kind == PrincipalKind::service;
}

/// Whether both are the same user's, of the same kind.
bool isSameUser(const Principal& one, const Principal& other);

/// Whether a service may act as a user of this role. False for all that is no service.
bool mayActAs(const Principal& principal, UserRole role);

}  // namespace parley
