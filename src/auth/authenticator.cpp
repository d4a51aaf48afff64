#include "auth/refusal_log.h"
#include "auth/token_cache.h"
#include "auth/token_verifier.h"

#include <parley/auth/authenticator.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>

#include <atomic>
#include <mutex>

namespace parley::auth {
namespace {

/// What counts now, and how often it was exchanged.
struct Rules {
    AuthFiles files;
    std::uint64_t generation;
};

Result<AuthFiles> filesOf(const Options& options) {
    PARLEY_TRY_ASSIGN(auto verifier, TokenVerifier::read(options));
    return AuthFiles(std::make_shared<const TokenVerifier>(std::move(verifier)));
}

using Count = std::atomic<std::uint64_t>;

void increment(Count& count) {
    count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

class Authenticator::Impl {
public:
    Impl(Options options, const Clock& clock, AuthFiles files)
        : options_(std::move(options)),
          clock_(clock),
          cache_(options_.cachedTokensMax),
          rules_{std::move(files), 1} {}

    Verdict verify(std::string_view token) {
        const auto now = clock_.now();
        const auto rules = current();
        const bool canBeKnown = mayBeKnown(token);
        const auto hash = canBeKnown ? cache_.hash(token) : TokenHash{};
        if (canBeKnown) {
            if (auto known = find(hash, rules, now)) return {.principal = std::move(known)};
        }
        auto verified = rules.files->verify(token, now);
        if (const auto* fault = std::get_if<TokenFault>(&verified)) {
            increment(refused_[static_cast<std::size_t>(*fault)]);
            refusalLog_.note(*fault, clock_.monotonic());
            return {.principal = nullptr, .fault = *fault};
        }
        auto& principal = std::get<PrincipalPtr>(verified);
        cache_.add(hash, rules.generation, principal);
        increment(accepted_);
        return {.principal = std::move(principal)};
    }

    PrincipalPtr recall(std::string_view token) {
        return mayBeKnown(token) ? find(cache_.hash(token), current(), clock_.now()) : nullptr;
    }

    void use(AuthFiles files) {
        logger().info("tokens_reloaded keys={} revocations={}", files->keyCount(),
                      files->revocationCount());
        const std::lock_guard lock(mutex_);
        rules_ = {std::move(files), rules_.generation + 1};
    }

    std::optional<TokenFault> faultOf(const Principal& principal) const {
        return current().files->faultOf(principal, clock_.now());
    }

    std::uint64_t rulesHash() const { return current().files->hash(); }

    const Options options_;
    std::array<Count, kTokenFaultCount> refused_{};
    Count accepted_{0};
    Count remembered_{0};

private:
    bool mayBeKnown(std::string_view token) const {
        return !token.empty() && token.size() <= options_.tokenBytesMax;
    }
    PrincipalPtr find(const TokenHash& hash, const Rules& rules, UnixMillis now) {
        auto known = cache_.find(hash, rules.generation, now);
        if (!known) return nullptr;
        increment(accepted_);
        increment(remembered_);
        return known;
    }
    Rules current() const {
        const std::lock_guard lock(mutex_);
        return rules_;
    }

    const Clock& clock_;
    TokenCache cache_;
    RefusalLog refusalLog_;
    mutable std::mutex mutex_;
    Rules rules_;
};

Authenticator::Authenticator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Authenticator::~Authenticator() = default;

Result<std::unique_ptr<Authenticator>> Authenticator::open(Options options, const Clock& clock) {
    PARLEY_TRY_ASSIGN(auto files, filesOf(options));
    return std::unique_ptr<Authenticator>(
        new Authenticator(std::make_unique<Impl>(std::move(options), clock, std::move(files))));
}

Verdict Authenticator::verify(std::string_view token) {
    return impl_->verify(token);
}

PrincipalPtr Authenticator::recall(std::string_view token) {
    return impl_->recall(token);
}

Result<AuthFiles> Authenticator::readFiles() const {
    return filesOf(impl_->options_);
}

void Authenticator::use(AuthFiles files) {
    impl_->use(std::move(files));
}

Result<void> Authenticator::reload() {
    PARLEY_TRY_ASSIGN(auto files, readFiles());
    use(std::move(files));
    return {};
}

std::optional<TokenFault> Authenticator::faultOf(const Principal& principal) const {
    return impl_->faultOf(principal);
}

std::uint64_t Authenticator::rulesHash() const {
    return impl_->rulesHash();
}

std::uint64_t Authenticator::refused(TokenFault fault) const {
    return impl_->refused_[static_cast<std::size_t>(fault)].load(std::memory_order_relaxed);
}

std::uint64_t Authenticator::accepted() const {
    return impl_->accepted_.load(std::memory_order_relaxed);
}

std::uint64_t Authenticator::remembered() const {
    return impl_->remembered_.load(std::memory_order_relaxed);
}

const Options& Authenticator::options() const {
    return impl_->options_;
}

}  // namespace parley::auth
