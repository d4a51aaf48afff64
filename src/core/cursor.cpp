#include <parley/core/base64url.h>
#include <parley/core/cursor.h>
#include <parley/core/json.h>

#include <array>
#include <charconv>

namespace parley {
namespace {

constexpr std::string_view kHalf = ".5";
constexpr char kBeforeFingerprint = ':';
constexpr std::size_t kFingerprintDigits = 8;
static_assert(6 * kFingerprintDigits == 8 * sizeof(Fingerprint::bytes));

void appendFingerprint(std::string& out, const Fingerprint& fingerprint) {
    std::uint64_t bits = 0;
    for (const auto byte : fingerprint.bytes) bits = bits << 8 | byte;
    std::array<char, kFingerprintDigits> digits{};
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, bits >>= 6) {
        *digit = kBase64Url[bits & 63];
    }
    out.append(digits.data(), digits.size());
}

std::optional<Fingerprint> parseFingerprint(std::string_view digits) {
    if (digits.size() != kFingerprintDigits) return std::nullopt;
    std::uint64_t bits = 0;
    for (const char digit : digits) {
        const auto value = base64UrlValue(digit);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | value;
    }
    Fingerprint fingerprint;
    for (auto byte = fingerprint.bytes.rbegin(); byte != fingerprint.bytes.rend(); ++byte) {
        *byte = static_cast<std::uint8_t>(bits & 0xFF);
        bits >>= 8;
    }
    return fingerprint;
}

}  // namespace

Cursor roomCursor(Position position, const Fingerprint& fingerprint) {
    return {position, position, fingerprint};
}

Cursor dashboardCursor(Position position, const Fingerprint& fingerprint) {
    return {{position.value - 1}, position, fingerprint};
}

void appendCursor(std::string& out, const Cursor& cursor) {
    appendInt(out, cursor.room.value);
    if (cursor.dashboard > cursor.room) out += kHalf;
    if (!cursor.fingerprint) return;
    out += kBeforeFingerprint;
    appendFingerprint(out, *cursor.fingerprint);
}

std::optional<Cursor> parseCursor(std::string_view text) {
    std::optional<Fingerprint> fingerprint;
    if (const auto colon = text.find(kBeforeFingerprint); colon != std::string_view::npos) {
        fingerprint = parseFingerprint(text.substr(colon + 1));
        if (!fingerprint) return std::nullopt;
        text = text.substr(0, colon);
    }
    const bool half = text.ends_with(kHalf);
    if (half) text.remove_suffix(kHalf.size());
    const bool canonical = text == "0" || (!text.empty() && text[0] >= '1' && text[0] <= '9');
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!canonical || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (half && value == INT64_MAX) return std::nullopt;
    return Cursor{{value}, {value + (half ? 1 : 0)}, fingerprint};
}

}  // namespace parley
