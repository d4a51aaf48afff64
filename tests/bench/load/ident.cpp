#include "ident.h"

#include <charconv>
#include <cstring>

namespace parley::bench {
namespace {

constexpr std::string_view mark = "\"content\":\"pb:";
constexpr std::size_t quotedBytes = 11;  // "content":"

// pb:RRRRRR:SSSSSS:NNNNNNNNNN:
constexpr std::size_t roomAt = 3;
constexpr std::size_t senderAt = 10;
constexpr std::size_t numberAt = 17;
constexpr std::size_t fillerAt = 28;

void writeDigits(std::string& text, std::size_t at, std::size_t count, std::uint32_t value) {
    for (std::size_t i = count; i-- > 0;) {
        text[at + i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

std::uint32_t readDigits(std::string_view text, std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    std::from_chars(text.data() + at, text.data() + at + count, value);
    return value;
}

std::size_t find(std::string_view text, std::string_view what, std::size_t from) {
    if (from >= text.size()) return std::string_view::npos;
    const void* hit = memmem(text.data() + from, text.size() - from, what.data(), what.size());
    if (hit == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

}  // namespace

std::string contentOf(const Ident& ident) {
    static constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 ";
    std::string text(contentBytes, ':');
    text[0] = 'p';
    text[1] = 'b';
    writeDigits(text, roomAt, 6, ident.room);
    writeDigits(text, senderAt, 6, ident.sender);
    writeDigits(text, numberAt, 10, ident.number);
    std::size_t letter = (ident.number + 7 * ident.room + 31 * ident.sender) % letters.size();
    for (std::size_t i = fillerAt; i < contentBytes; ++i) {
        text[i] = letters[letter];
        if (++letter == letters.size()) letter = 0;
    }
    return text;
}

std::size_t findContent(std::string_view json, std::size_t from) {
    const std::size_t at = find(json, mark, from);
    return at == std::string_view::npos ? at : at + quotedBytes;
}

std::optional<Ident> findIdent(std::string_view json) {
    const std::size_t at = findContent(json);
    if (at == std::string_view::npos || json.size() < at + contentBytes + 1) return std::nullopt;
    const std::string_view content = json.substr(at, contentBytes);
    const Ident ident{readDigits(content, roomAt, 6), readDigits(content, senderAt, 6),
                      readDigits(content, numberAt, 10)};
    if (content != contentOf(ident) || json[at + contentBytes] != '"') return std::nullopt;
    return ident;
}

std::optional<std::uint64_t> findNumber(std::string_view json, std::string_view key) {
    const std::size_t at = find(json, key, 0);
    if (at == std::string_view::npos) return std::nullopt;
    std::uint64_t value = 0;
    const char* begin = json.data() + at + key.size();
    const auto [end, error] = std::from_chars(begin, json.data() + json.size(), value);
    if (error != std::errc{} || end == begin) return std::nullopt;
    return value;
}

std::string describe(const Ident& ident) {
    return "message " + std::to_string(ident.number) + " of sender " +
           std::to_string(ident.sender) + " in room " + std::to_string(ident.room);
}

}  // namespace parley::bench
