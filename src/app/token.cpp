#include "app/commands.h"
#include "app/folder_options.h"
#include "app/setting_kinds.h"

#include <parley/auth/token_signer.h>
#include <parley/core/random.h>
#include <parley/core/try.h>
#include <parley/core/uuid.h>

#include <charconv>
#include <iostream>

/// The subcommand that makes a token: for a first try and for tests.
namespace parley::app {
namespace {

using setting_kinds::orOf;
using setting_kinds::splitList;
using setting_kinds::wrong;

// "90s", "30m", "12h", "7d".
Result<std::chrono::milliseconds> lifetimeOf(const std::string& text) {
    constexpr std::int64_t kSecondsMax = 10LL * 366 * 24 * 3600;
    constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits{
        {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 24 * 3600}}};
    std::int64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [unit, error] = std::from_chars(text.data(), end, count);
    for (const auto& [name, seconds] : kUnits) {
        if (error != std::errc() || unit + 1 != end || *unit != name) continue;
        if (count < 1 || count > kSecondsMax / seconds) break;
        return std::chrono::milliseconds(count * seconds * 1000);
    }
    return wrong("--for must be a time up to ten years like 90s, 30m, 12h or 7d, not \"" + text +
                 '"');
}

Result<UserRole> roleOf(const std::string& name) {
    if (const auto role = parseRole(name)) return *role;
    return wrong('"' + name + "\" is no role: say cx-customer, cx-agent, cx-supervisor or robot");
}

Result<std::optional<UserRole>> roleFor(PrincipalKind kind, const Given& given) {
    const bool isPerson = kind == PrincipalKind::person;
    const bool isRobot = kind == PrincipalKind::robot;
    std::optional<UserRole> role;
    if (const auto said = given.find("role"); said != given.end()) {
        PARLEY_TRY_ASSIGN(role, roleOf(said->second));
        if (!isPerson && !isRobot) return wrong("--role is for persons and robots only");
    }
    if (isPerson && !role) {
        return wrong("a person needs a role: --role cx-customer, cx-agent or cx-supervisor");
    }
    if (isRobot && !role) role = UserRole::robot;
    if (role && (*role == UserRole::robot) == isPerson) {
        return wrong("the role of robots, and no other, is robot");
    }
    return role;
}

// --role robot alone says the kind, too.
Result<PrincipalKind> kindIn(const Given& given) {
    const auto said = given.find("kind");
    if (said == given.end()) {
        return textOf(given, "role") == roleName(UserRole::robot) ? PrincipalKind::robot
                                                                  : PrincipalKind::person;
    }
    if (const auto kind = parsePrincipalKind(said->second)) return *kind;
    return wrong('"' + said->second + "\" is no kind: say " +
                 orOf(std::span(kPrincipalKindNames).subspan(1)));
}

Result<std::vector<UserRole>> actsAsIn(PrincipalKind kind, const Given& given) {
    std::vector<UserRole> roles;
    if (!given.contains("roles")) return roles;
    if (kind != PrincipalKind::service) return wrong("--roles is for services only");
    for (const auto& name : splitList(given.at("roles"))) {
        PARLEY_TRY_ASSIGN(const auto role, roleOf(name));
        roles.push_back(role);
    }
    if (roles.empty()) return wrong("--roles names no role");
    return roles;
}

Result<std::optional<std::vector<ConversationId>>> conversationsIn(const Given& given) {
    if (!given.contains("conversations")) return std::optional<std::vector<ConversationId>>();
    std::vector<ConversationId> listed;
    for (const auto& id : splitList(given.at("conversations"))) {
        PARLEY_TRY_ASSIGN(auto parsed, ConversationId::parse(id, "an id in --conversations"));
        listed.push_back(std::move(parsed));
    }
    return std::optional(std::move(listed));
}

Result<Principal> principalIn(const Given& given, const Clock& clock, Random& random) {
    if (!given.contains("keys")) return wrong("--keys is required: a file with a private key");
    if (!given.contains("user")) return wrong("--user is required");
    const auto now = clock.now();
    Principal principal{.issuedAt = now};
    principal.tokenId = textOf(given, "jti", UuidGenerator(random).next(now).str());
    if (principal.tokenId.empty()) return wrong("--jti is empty");
    PARLEY_TRY_ASSIGN(principal.user, UserId::parse(given.at("user"), "--user"));
    PARLEY_TRY_ASSIGN(principal.kind, kindIn(given));
    PARLEY_TRY_ASSIGN(principal.role, roleFor(principal.kind, given));
    PARLEY_TRY_ASSIGN(principal.conversations, conversationsIn(given));
    PARLEY_TRY_ASSIGN(principal.actsAs, actsAsIn(principal.kind, given));
    PARLEY_TRY_ASSIGN(const auto lifetime, lifetimeOf(textOf(given, "for", "1h")));
    principal.expires.value = now.value + lifetime.count();
    return principal;
}

}  // namespace

int token(const Given& given) {
    SystemRandom random;
    const auto principal = principalIn(given, SystemClock(), random);
    if (!principal) return fail(principal.error(), kExitUsage);
    if (auto there = requireFile(given.at("keys")); !there) return fail(there.error());
    const auto signed_ =
        auth::signToken(given.at("keys"), *principal,
                        {.issuer = textOf(given, "issuer"), .audience = textOf(given, "audience")});
    if (!signed_) return fail(signed_.error());
    std::cout << *signed_ << '\n';
    return 0;
}

}  // namespace parley::app
