#include "engineio/sid.h"

#include <parley/core/base64url.h>

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace parley::engineio {
namespace {

constexpr std::size_t kBytes = 2 + 3 + std::tuple_size_v<SidSecret>;  // node and loop, slot, secret
constexpr std::size_t kChars = kBytes / 3 * 4;
static_assert(kBytes % 3 == 0, "each character counts in full");

struct DigitValues {
    std::int8_t of[256];
    constexpr DigitValues() : of() {
        for (auto& value : of) value = -1;
        for (std::size_t i = 0; i < kBase64Url.size(); ++i)
            of[static_cast<unsigned char>(kBase64Url[i])] = static_cast<std::int8_t>(i);
    }
};
constexpr DigitValues kValues;

}  // namespace

std::string encodeSid(const Sid& sid) {
    std::array<std::uint8_t, kBytes> bytes;
    bytes[0] = static_cast<std::uint8_t>(sid.node << 2 | sid.loop.value >> 8);
    bytes[1] = static_cast<std::uint8_t>(sid.loop.value);
    bytes[2] = static_cast<std::uint8_t>(sid.slot >> 16);
    bytes[3] = static_cast<std::uint8_t>(sid.slot >> 8);
    bytes[4] = static_cast<std::uint8_t>(sid.slot);
    std::copy(sid.secret.begin(), sid.secret.end(), bytes.begin() + 5);

    std::string text;
    text.reserve(kChars);
    for (std::size_t i = 0; i < kBytes; i += 3) {
        const unsigned group =
            static_cast<unsigned>(bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]);
        for (int shift = 18; shift >= 0; shift -= 6) text += kBase64Url[group >> shift & 63];
    }
    return text;
}

std::optional<Sid> decodeSid(std::string_view text) {
    if (text.size() != kChars) return std::nullopt;
    std::array<std::uint8_t, kBytes> bytes;
    for (std::size_t i = 0; i < kChars; i += 4) {
        unsigned group = 0;
        for (std::size_t j = i; j < i + 4; ++j) {
            const int value = kValues.of[static_cast<unsigned char>(text[j])];
            if (value < 0) return std::nullopt;
            group = group << 6 | static_cast<unsigned>(value);
        }
        const std::size_t at = i / 4 * 3;
        bytes[at] = static_cast<std::uint8_t>(group >> 16);
        bytes[at + 1] = static_cast<std::uint8_t>(group >> 8);
        bytes[at + 2] = static_cast<std::uint8_t>(group);
    }
    Sid sid;
    sid.node = bytes[0] >> 2;
    sid.loop.value = static_cast<std::uint16_t>((bytes[0] & 3) << 8 | bytes[1]);
    sid.slot = static_cast<std::uint32_t>(bytes[2] << 16 | bytes[3] << 8 | bytes[4]);
    std::copy(bytes.begin() + 5, bytes.end(), sid.secret.begin());
    return sid;
}

bool sameSecret(const SidSecret& a, const SidSecret& b) {
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
    return difference == 0;
}

}  // namespace parley::engineio
