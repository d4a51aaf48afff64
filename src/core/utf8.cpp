#include <parley/core/utf8.h>

#include <cstdint>
#include <cstring>

namespace parley {

bool Utf8Validator::feed(std::string_view piece) {
    if (failed_) return false;
    const auto* p = reinterpret_cast<const unsigned char*>(piece.data());
    const auto* const end = p + piece.size();
    while (p != end) {
        if (need_ == 0 && end - p >= 8) {  // eight ASCII bytes at a time
            std::uint64_t word;
            std::memcpy(&word, p, sizeof word);
            if ((word & 0x8080808080808080ULL) == 0) {
                p += 8;
                continue;
            }
        }
        const unsigned char c = *p++;
        if (need_ > 0) {
            if (c < low_ || c > high_) return !(failed_ = true);
            low_ = 0x80;
            high_ = 0xBF;
            --need_;
        } else if (c >= 0x80) {
            // First bytes and the ranges of their second byte: RFC 3629, section 4.
            if (c >= 0xC2 && c <= 0xDF) {
                need_ = 1;
            } else if (c >= 0xE0 && c <= 0xEF) {
                need_ = 2;
                if (c == 0xE0) low_ = 0xA0;
                if (c == 0xED) high_ = 0x9F;
            } else if (c >= 0xF0 && c <= 0xF4) {
                need_ = 3;
                if (c == 0xF0) low_ = 0x90;
                if (c == 0xF4) high_ = 0x8F;
            } else {
                return !(failed_ = true);
            }
        }
    }
    return true;
}

bool isUtf8(std::string_view text) {
    Utf8Validator validator;
    return validator.feed(text) && validator.complete();
}

bool hasControlCharacter(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) return true;
    }
    return false;
}

bool hasDeceptiveCharacter(std::string_view text) {
    const auto byteAt = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned first = byteAt(i);
        if (first < 0x80) continue;
        const unsigned second = byteAt(i + 1);
        const unsigned third = byteAt(i + 2);
        if (first == 0xC2 && second <= 0x9F) return true;  // U+0080 to U+009F
        if (first != 0xE2) continue;
        if (second == 0x80 && third >= 0xA8 && third <= 0xAE) return true;  // U+2028 to U+202E
        if (second == 0x81 && third >= 0xA6 && third <= 0xA9) return true;  // U+2066 to U+2069
    }
    return false;
}

}  // namespace parley
