#include <parley/core/hex.h>
#include <parley/core/uuid.h>

#include <algorithm>
#include <cstring>

namespace parley {
namespace {

constexpr bool isDashBefore(std::size_t byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

std::int64_t millisOf(const std::array<std::uint8_t, 16>& bytes) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 6; ++i) value = value << 8 | bytes[i];
    return value;
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    std::array<std::uint8_t, 16> bytes;
    std::size_t at = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        if (isDashBefore(i) && text[at++] != '-') return std::nullopt;
        const int byte = hexByte(text[at], text[at + 1]);
        if (byte < 0) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(byte);
        at += 2;
    }
    return Uuid(bytes);
}

void Uuid::appendTo(std::string& out) const {
    for (std::size_t i = 0; i < 16; ++i) {
        if (isDashBefore(i)) out += '-';
        appendHex(out, bytes_[i]);
    }
}

std::string Uuid::str() const {
    std::string out;
    out.reserve(36);
    appendTo(out);
    return out;
}

Uuid UuidGenerator::next(UnixMillis at) {
    std::array<std::uint8_t, 16> bytes;
    const bool first = std::all_of(last_.begin(), last_.end(), [](auto b) { return b == 0; });
    if (first || at.value > millisOf(last_)) {
        random_.fill(bytes);
        for (std::size_t i = 0; i < 6; ++i) {
            bytes[i] = static_cast<std::uint8_t>(at.value >> (40 - 8 * i));
        }
        bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x07));  // room to count up
    } else {
        // Same millisecond, or the clock went back: the last id plus a random step, so that
        // the ids still cannot be guessed. The carry runs around the version and variant bits.
        std::uint8_t step[4];
        random_.fill(step);
        bytes = last_;
        unsigned carry = 1;
        for (std::size_t i = 16; i-- > 0 && (carry != 0 || i >= 12);) {
            const unsigned add = carry + (i >= 12 ? step[i - 12] : 0U);
            const unsigned mask = i == 8 ? 0x3FU : i == 6 ? 0x0FU : 0xFFU;
            const unsigned sum = (bytes[i] & mask) + add;
            bytes[i] = static_cast<std::uint8_t>((bytes[i] & ~mask) | (sum & mask));
            carry = sum > mask ? 1 : 0;
        }
    }
    bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3F));
    last_ = bytes;
    return Uuid(bytes);
}

}  // namespace parley
