#include "core/eight_plain.h"

#include <parley/core/hex.h>
#include <parley/core/json.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace parley {
namespace {

// Looks before the parser does: parsing in nlohmann is iterative, but dumping and copying are
// not, so depth must be bounded; keys and values are counted by their commas.
bool isWithin(std::string_view text, const JsonLimits& limits) {
    struct Open {
        bool object;
        std::size_t commas;
    };
    std::vector<Open> open;
    bool inString = false;
    std::size_t values = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                inString = false;
            }
        } else if (c == '"') {
            inString = true;
        } else if (c == '[' || c == '{') {
            if (open.size() >= static_cast<std::size_t>(limits.depthMax)) return false;
            open.push_back({c == '{', 0});
            if (++values > limits.valuesMax) return false;
        } else if ((c == ']' || c == '}') && !open.empty()) {
            open.pop_back();
        } else if (c == ',' && !open.empty()) {
            if (++values > limits.valuesMax) return false;
            if (open.back().object && ++open.back().commas >= limits.keysMax) return false;
        }
    }
    return true;
}

// 0: as it is; 'u': as \u00XX; anything else: after a backslash.
struct EscapeTable {
    char of[256] = {};
    constexpr EscapeTable() {
        for (int c = 0; c < 0x20; ++c) of[c] = 'u';
        of[static_cast<int>('"')] = '"';
        of[static_cast<int>('\\')] = '\\';
        of[static_cast<int>('\b')] = 'b';
        of[static_cast<int>('\f')] = 'f';
        of[static_cast<int>('\n')] = 'n';
        of[static_cast<int>('\r')] = 'r';
        of[static_cast<int>('\t')] = 't';
    }
};
constexpr EscapeTable kEscapes;

// JSON text can carry half of a surrogate pair (\ud83d), which UTF-8 cannot. Reads it as NUL,
// which every text of a request refuses: nothing is stored changed, and the sender is told.
std::string withoutLoneSurrogates(std::string_view text) {
    const auto unitAt = [&](std::size_t i) -> unsigned {
        unsigned unit = 0;
        if (i + 6 > text.size() || text[i] != '\\' || text[i + 1] != 'u') return 0;
        const auto end = text.data() + i + 6;
        return std::from_chars(text.data() + i + 2, end, unit, 16).ptr == end ? unit : 0;
    };
    const auto isHigh = [](unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; };
    const auto isLow = [](unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; };
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i] != '\\') continue;
        const unsigned unit = unitAt(i);
        if (isHigh(unit) && isLow(unitAt(i + 6))) {
            i += 11;
        } else if (isHigh(unit) || isLow(unit)) {
            out.replace(i + 2, 4, "0000");
            i += 5;
        } else {
            ++i;  // whatever was escaped
        }
    }
    return out;
}

// How many bytes of `text` at `at` are one number of JSON; 0: none.
std::size_t numberLength(std::string_view text, std::size_t at) {
    std::size_t end = at;
    const auto takes = [&](std::string_view any) {
        return end < text.size() && any.find(text[end]) != std::string_view::npos && ++end > 0;
    };
    const auto digits = [&] {
        const std::size_t from = end;
        while (takes("0123456789")) {
        }
        return end > from;
    };
    takes("-");
    if (!takes("0") && !digits()) return 0;
    if (takes(".") && !digits()) return 0;
    if (takes("eE")) {
        takes("+-");
        if (!digits()) return 0;
    }
    return end - at;
}

// JSON's numbers have no end, those of `double` have: one beyond it is read as one near it, which
// is out of every field's range.
std::string withoutEndlessNumbers(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool inString = false;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t number = inString ? 0 : numberLength(text, i);
        if (number > 0) {
            const std::string digits(text.substr(i, number));
            const double value = std::strtod(digits.c_str(), nullptr);
            out += !std::isinf(value) ? digits : value < 0 ? "-1e308" : "1e308";
            i += number;
            continue;
        }
        const std::size_t taken = inString && text[i] == '\\' ? 2 : 1;
        if (text[i] == '"') inString = !inString;
        out += text.substr(i, taken);
        i += taken;
    }
    return out;
}

}  // namespace

std::optional<Json> parseJson(std::string_view text, const JsonLimits& limits) {
    if (!isWithin(text, limits)) return std::nullopt;
    Json value = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
    if (value.is_discarded()) {
        value = Json::parse(withoutEndlessNumbers(withoutLoneSurrogates(text)), nullptr,
                            /*allow_exceptions=*/false);
    }
    if (value.is_discarded()) return std::nullopt;
    return value;
}

void appendJsonString(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plainFrom = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        while (i + 8 < text.size() && eightPlain(text.data() + i)) i += 8;
        const auto c = static_cast<unsigned char>(text[i]);
        const char escape = kEscapes.of[c];
        if (escape == 0) continue;
        out.append(text, plainFrom, i - plainFrom);
        plainFrom = i + 1;
        out += '\\';
        out += escape;
        if (escape == 'u') {
            out += "00";
            appendHex(out, c);
        }
    }
    out.append(text, plainFrom, text.size() - plainFrom);
    out += '"';
}

void appendInt(std::string& out, std::int64_t value) {
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out.append(buffer, static_cast<std::size_t>(end - buffer));
}

}  // namespace parley
