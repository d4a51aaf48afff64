#include <charconv>

#include <parley/core/json.h>

namespace parley {
namespace {

// Parsing in nlohmann is iterative, dumping and copying are not: refuse depth before parsing.
bool nestsDeeperThan(std::string_view text, int depthMax) {
    int depth = 0;
    bool inString = false;
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
            if (++depth > depthMax) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
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

}  // namespace

std::optional<Json> parseJson(std::string_view text, int depthMax) {
    if (nestsDeeperThan(text, depthMax)) return std::nullopt;
    Json value = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
    if (value.is_discarded()) return std::nullopt;
    return value;
}

void appendJsonString(std::string& out, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    std::size_t plainFrom = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const char escape = kEscapes.of[c];
        if (escape == 0) continue;
        out.append(text, plainFrom, i - plainFrom);
        plainFrom = i + 1;
        out += '\\';
        out += escape;
        if (escape == 'u') {
            out += "00";
            out += kHex[c >> 4];
            out += kHex[c & 15];
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
