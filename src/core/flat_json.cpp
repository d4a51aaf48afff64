#include "core/eight_plain.h"

#include <parley/core/flat_json.h>

#include <charconv>

namespace parley {
namespace {

constexpr std::size_t kDigitsMax = 15;  // of a number that every reader of JSON holds exactly

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool takeLiteral(std::string_view text, std::size_t& at, std::string_view literal) {
    if (text.compare(at, literal.size(), literal) != 0) return false;
    at += literal.size();
    return true;
}

// The text between the quotes; `at` goes behind the closing one.
bool takeString(std::string_view text, std::size_t& at, std::string_view& out, bool& escaped) {
    if (at >= text.size() || text[at] != '"') return false;
    const std::size_t from = ++at;
    for (; at < text.size(); ++at) {
        while (at + 8 < text.size() && eightPlain(text.data() + at)) at += 8;
        const auto c = static_cast<unsigned char>(text[at]);
        if (c == '"') {
            out = text.substr(from, at - from);
            ++at;
            return true;
        }
        if (c < 0x20) return false;
        if (c == '\\') {
            escaped = true;
            ++at;
        }
    }
    return false;
}

bool takeInteger(std::string_view text, std::size_t& at, std::int64_t& out) {
    const char* const from = text.data() + at;
    std::size_t end = at + (text[at] == '-' ? 1 : 0);
    const std::size_t firstDigit = end;
    while (end < text.size() && isDigit(text[end])) ++end;
    const std::size_t digits = end - firstDigit;
    if (digits == 0 || digits > kDigitsMax) return false;
    if (text[firstDigit] == '0' && (digits > 1 || firstDigit > at)) return false;
    std::from_chars(from, text.data() + end, out);
    at = end;
    return true;
}

std::optional<unsigned> hexUnit(std::string_view text, std::size_t at) {
    unsigned unit = 0;
    if (at + 4 > text.size()) return std::nullopt;
    const char* const end = text.data() + at + 4;
    if (std::from_chars(text.data() + at, end, unit, 16).ptr != end) return std::nullopt;
    return unit;
}

void appendUtf8(std::string& out, unsigned c) {
    const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6);
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12);
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | c >> 18);
        put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F));
        put(0x80 | (c & 0x3F));
    }
}

// The character that \uXXXX at `at` stands for, together with its other half where it needs one;
// `at` goes behind it.
std::optional<unsigned> takeCharacter(std::string_view text, std::size_t& at) {
    const auto unit = hexUnit(text, at);
    if (!unit) return std::nullopt;
    at += 4;
    if (*unit < 0xD800 || *unit > 0xDFFF) return unit;
    if (*unit > 0xDBFF || text.compare(at, 2, "\\u") != 0) return std::nullopt;
    const auto low = hexUnit(text, at + 2);
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return std::nullopt;
    at += 6;
    return 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
}

char simpleEscape(char c) {
    switch (c) {
        case '"':
        case '\\':
        case '/': return c;
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return '\0';
    }
}

}  // namespace

bool FlatJson::readField(std::string_view text, std::size_t& at) {
    if (count_ == kFieldsMax) return false;
    Field field;
    bool escapedName = false;
    if (!takeString(text, at, field.name, escapedName) || escapedName) return false;
    if (find(field.name) != nullptr || !takeLiteral(text, at, ":") || at >= text.size()) {
        return false;
    }
    bool good = false;
    switch (text[at]) {
        case '"':
            field.kind = Kind::string;
            good = takeString(text, at, field.text, field.escaped);
            break;
        case 't':
            field.kind = Kind::boolean;
            field.number = 1;
            good = takeLiteral(text, at, "true");
            break;
        case 'f':
            field.kind = Kind::boolean;
            good = takeLiteral(text, at, "false");
            break;
        case 'n': good = takeLiteral(text, at, "null"); break;
        default: field.kind = Kind::integer; good = takeInteger(text, at, field.number);
    }
    // Escapes of every string are resolved here or by the reader of its field: a bad one anywhere
    // makes the whole text no JSON.
    if (good && field.escaped && !unescapeJson(field.text)) return false;
    if (good) fields_[count_++] = field;
    return good;
}

bool FlatJson::read(std::string_view text) {
    count_ = 0;
    std::size_t at = 0;
    if (!takeLiteral(text, at, "{")) return false;
    if (takeLiteral(text, at, "}")) {
        size_ = at;
        return true;
    }
    do {
        if (!readField(text, at)) return false;
    } while (takeLiteral(text, at, ","));
    if (!takeLiteral(text, at, "}")) return false;
    size_ = at;
    return true;
}

const FlatJson::Field* FlatJson::find(std::string_view name) const {
    for (std::size_t i = 0; i < count_; ++i) {
        if (fields_[i].name == name) return &fields_[i];
    }
    return nullptr;
}

std::optional<std::string> unescapeJson(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    for (;;) {
        const std::size_t escape = text.find('\\', at);
        if (escape == std::string_view::npos) break;
        out.append(text, at, escape - at);
        at = escape + 1;
        if (at >= text.size()) return std::nullopt;
        const char c = text[at++];
        if (c == 'u') {
            const auto character = takeCharacter(text, at);
            if (!character) return std::nullopt;
            appendUtf8(out, *character);
        } else if (const char plain = simpleEscape(c); plain != '\0') {
            out += plain;
        } else {
            return std::nullopt;
        }
    }
    out.append(text, at);
    return out;
}

}  // namespace parley
