#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace parley::auth {

/// Where the identity of a sender comes from.
enum class Mode : std::uint8_t {
    none,  ///< from each request's own words
    jwt,   ///< from a signed token
};

/// Who may choose the id of a new conversation that a customer starts.
enum class CustomerIds : std::uint8_t {
    server,  ///< the server, and a customer's unknown id is refused like that of a stranger
    own,     ///< the customer
};

/// The names of the claims that are Parley's own.
struct ClaimNames {
    std::string kind = "kind";
    std::string role = "role";
    std::string conversations = "conversations";
    std::string roles = "roles";
    bool operator==(const ClaimNames&) const = default;
};

/// The settings auth.*.
struct Options {
    Mode mode = Mode::none;
    std::vector<std::string> keyFiles{};     ///< PEM or JWKS
    std::string issuer{};                    ///< what `iss` must be; empty: anything
    std::string audience{};                  ///< what `aud` must name; empty: anything
    std::chrono::milliseconds skew{60'000};  ///< by which clocks may differ
    std::size_t tokenBytesMax = 8000;
    std::size_t cachedTokensMax = 10'000;  ///< verified ones that are remembered; 0: none
    std::chrono::milliseconds expiryWarning{60'000};  ///< before a token's end; 0: none
    std::string revokedFile{};                        ///< empty: none is revoked
    std::string cookie{};  ///< the name of the cookie that may hold a token; empty: none may
    ClaimNames claims{};
    CustomerIds customerIds = CustomerIds::server;
};

}  // namespace parley::auth
