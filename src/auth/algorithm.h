#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace parley::auth {

/// How a token is signed (RFC 7518, section 3.1).
enum class Algorithm : std::uint8_t { hs256, rs256, ps256, es256 };

struct AlgorithmRow {
    Algorithm algorithm;
    std::string_view name;     ///< `alg` of headers and keys
    std::string_view keyType;  ///< `kty` of its keys
};

/// All of them; a key type without an `alg` has the first that fits.
inline constexpr std::array kAlgorithms{
    AlgorithmRow{Algorithm::hs256, "HS256", "oct"},
    AlgorithmRow{Algorithm::rs256, "RS256", "RSA"},
    AlgorithmRow{Algorithm::ps256, "PS256", "RSA"},
    AlgorithmRow{Algorithm::es256, "ES256", "EC"},
};

constexpr std::string_view algorithmName(Algorithm algorithm) {
    return kAlgorithms[static_cast<std::size_t>(algorithm)].name;
}
constexpr std::string_view keyTypeOf(Algorithm algorithm) {
    return kAlgorithms[static_cast<std::size_t>(algorithm)].keyType;
}
constexpr std::optional<Algorithm> parseAlgorithm(std::string_view name) {
    for (const auto& row : kAlgorithms) {
        if (row.name == name) return row.algorithm;
    }
    return std::nullopt;
}

}  // namespace parley::auth
