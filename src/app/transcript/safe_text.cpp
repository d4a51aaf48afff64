#include "app/transcript/safe_text.h"

#include <parley/core/code_points.h>

#include <array>
#include <cstdio>

namespace parley::app::transcripts {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool isShownByNumber(char32_t point) {
    const bool control =
        (point < 0x20 && point != '\n' && point != '\t') || (point >= 0x7F && point < 0xA0);
    const bool separator = point == 0x2028 || point == 0x2029;
    const bool turns = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    return control || separator || turns || point == 0xFEFF;
}

template <typename Append>
void appendEach(std::string& out, std::string_view text, Append&& append) {
    while (!text.empty()) {
        const auto [point, bytes] = nextCodePoint(text);
        if (isShownByNumber(point)) {
            std::array<char, 24> number{};
            std::snprintf(number.data(), number.size(), "\u27E8U+%04X\u27E9",
                          static_cast<unsigned>(point));
            out += number.data();
        } else if (point == kReplacement) {
            out += "\uFFFD";  // also of a byte that is no UTF-8
        } else {
            append(point, bytes);
        }
    }
}

}  // namespace

void appendHtml(std::string& out, std::string_view text) {
    appendEach(out, text, [&](char32_t point, std::string_view bytes) {
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
    appendEach(out, text, [&](char32_t, std::string_view bytes) { out += bytes; });
}

std::string plain(std::string_view text) {
    std::string out;
    appendPlain(out, text);
    return out;
}

}  // namespace parley::app::transcripts
