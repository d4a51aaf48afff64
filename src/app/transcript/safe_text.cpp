#include "app/transcript/safe_text.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace parley::app::transcripts {
namespace {

// The code point that begins at `at`, and how many bytes it has.
struct CodePoint {
    std::uint32_t value;
    std::size_t bytes;
};

CodePoint codePointAt(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<std::uint8_t>(text[at + i]) : 0U;
    };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return {first, 1};
    if (first < 0xE0) return {(first & 0x1F) << 6 | (byte(1) & 0x3F), 2};
    if (first < 0xF0) {
        return {(first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
    }
    return {
        (first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F),
        4};
}

bool isShownByNumber(std::uint32_t point) {
    const bool control =
        (point < 0x20 && point != '\n' && point != '\t') || (point >= 0x7F && point < 0xA0);
    const bool separator = point == 0x2028 || point == 0x2029;
    const bool turns = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    return control || separator || turns || point == 0xFEFF;
}

template <typename Append>
void appendEach(std::string& out, std::string_view text, Append&& append) {
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, bytes] = codePointAt(text, at);
        if (isShownByNumber(point)) {
            std::array<char, 24> number{};
            std::snprintf(number.data(), number.size(), "\u27E8U+%04X\u27E9",
                          static_cast<unsigned>(point));
            out += number.data();
        } else {
            append(point, text.substr(at, bytes));
        }
        at += bytes;
    }
}

}  // namespace

void appendHtml(std::string& out, std::string_view text) {
    appendEach(out, text, [&](std::uint32_t point, std::string_view bytes) {
        switch (point) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += bytes;
        }
    });
}

void appendPlain(std::string& out, std::string_view text) {
    appendEach(out, text, [&](std::uint32_t, std::string_view bytes) { out += bytes; });
}

}  // namespace parley::app::transcripts
