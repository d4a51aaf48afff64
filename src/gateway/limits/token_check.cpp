#include "gateway/limits/token_check.h"

#include <utility>

namespace parley {

Error unauthenticated() {
    return {ErrorCode::unauthenticated, "a valid token is required"};
}

Result<PrincipalPtr> TokenCheck::verify(std::string_view token) const {
    // Where there is none, there is nothing to verify.
    if (!limits_ || token.empty()) return verifyAlways(token);
    const auto wait = limits_->tokenWait(from_, now_);
    if (wait.count() == 0) return verifyAlways(token);
    if (auto known = authenticator_.recall(token)) return known;
    return limits_->refuseToken(wait);
}

// A missing token is no guess, and costs nothing.
Result<PrincipalPtr> TokenCheck::verifyAlways(std::string_view token) const {
    auto verdict = authenticator_.verify(token);
    if (verdict) return std::move(verdict.principal);
    if (limits_ && !token.empty()) limits_->noteBadToken(from_, now_);
    return unauthenticated();
}

std::chrono::milliseconds TokenCheck::waitOf(std::string_view token) const {
    if (!limits_ || token.empty()) return std::chrono::milliseconds(0);
    const auto wait = limits_->tokenWait(from_, now_);
    const bool waits = wait.count() > 0 && !authenticator_.recall(token);
    return waits ? wait : std::chrono::milliseconds(0);
}

}  // namespace parley
