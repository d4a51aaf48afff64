#include "auth/base64url_decode.h"
#include "auth/mint.h"
#include "auth/token_verifier.h"
#include "fuzz/fuzz.h"

#include <parley/core/limits.h>
#include <parley/core/utf8.h>

#include <algorithm>

using namespace parley;
using namespace parley::auth;

namespace {

constexpr std::size_t kTokenBytesMax = 2000;
constexpr UnixMillis kNow{1'700'000'000'000};

const TokenVerifier& verifier() {
    static const TokenVerifier made = [] {
        auto keys = KeySet::of({{*Key::ofSecret(mint::kSecret), {}}});
        fuzz::require(keys.ok(), "the key is good");
        return TokenVerifier({.tokenBytesMax = kTokenBytesMax}, std::move(*keys), {});
    }();
    return made;
}

void checkForm(std::string_view token) {
    const auto parsed = TokenForm::parse(token, kTokenBytesMax);
    const auto* form = std::get_if<TokenForm>(&parsed);
    if (!form) return;
    fuzz::require(token.size() <= kTokenBytesMax, "a token is bounded");
    fuzz::require(form->claims.is_object(), "claims are an object");
    std::string again;
    for (std::string_view rest = token;;) {
        const auto end = std::min(rest.find('.'), rest.size());
        const auto bytes = decodeBase64Url(rest.substr(0, end));
        fuzz::require(bytes.has_value(), "each part is base64url");
        again += (again.empty() ? "" : ".") + mint::base64Url(*bytes);
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    fuzz::require(again == token, "a token has one spelling");
}

void checkPrincipal(const Principal& principal) {
    const std::string& user = principal.user.str();
    fuzz::require(!user.empty() && user.size() <= limits::kIdBytesMax, "ids are bounded");
    fuzz::require(isUtf8(user) && !hasControlCharacter(user), "ids are plain text");
    fuzz::require(principal.kind != PrincipalKind::none, "a token names a kind");
    const bool isRobot = principal.kind == PrincipalKind::robot;
    const bool isPerson = principal.kind == PrincipalKind::person;
    fuzz::require(principal.role.has_value() == (isRobot || isPerson),
                  "persons and robots have a role, and nobody else has");
    fuzz::require((principal.role == UserRole::robot) == isRobot, "robots are robots");
    fuzz::require(principal.expires > kNow, "a principal has time left");
    fuzz::require(principal.actsAs.empty() || principal.kind == PrincipalKind::service,
                  "only services act as others");
    if (!principal.conversations) return;
    fuzz::require(std::is_sorted(principal.conversations->begin(), principal.conversations->end()),
                  "conversations are sorted");
}

}  // namespace

// The input is a token as it is; and its first line a header and the rest claims, of a token that
// is signed well.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::string_view text = input.rest();
    checkForm(text);
    (void)verifier().verify(text, kNow);
    const auto header = input.line();
    const std::string token = mint::hmac(header, input.rest(), mint::kSecret);
    checkForm(token);
    const auto verdict = verifier().verify(token, kNow);
    if (const auto* principal = std::get_if<PrincipalPtr>(&verdict)) checkPrincipal(**principal);
    return 0;
}
