#pragma once

#include <cstddef>
#include <string_view>

namespace parley {

/// Whether `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most
/// U+10FFFF). Any thread.
bool isUtf8(std::string_view text);

/// Whether `text` has a C0 control character (below U+0020) or DEL. Line feeds and tabs are such:
/// for ids and names, not for what people write. Any thread.
bool hasControlCharacter(std::string_view text);

/// Whether `text`, which must be UTF-8, has a character that makes people read something else
/// than is there: a C1 control (U+0080 to U+009F), a line or paragraph separator (U+2028, U+2029),
/// a bidirectional embedding, override or isolate (U+202A to U+202E, U+2066 to U+2069). Unicode
/// Technical Report 36 describes such spoofs. Any thread.
bool hasDeceptiveCharacter(std::string_view text);

/// Checks UTF-8 that arrives in pieces (WebSocket fragments) and fails at the first byte
/// that cannot belong to well-formed text, as RFC 6455, section 8.1, asks. Keeps four
/// bytes of state, no text. One thread at a time.
class Utf8Validator {
public:
    /// False once the text cannot be valid any more; stays false.
    bool feed(std::string_view piece);
    /// Whether the text fed so far ends at a character's end.
    bool complete() const { return need_ == 0 && !failed_; }
    /// Begins with a new text.
    void reset() { *this = Utf8Validator{}; }

private:
    unsigned char need_ = 0;    // continuation bytes still due
    unsigned char low_ = 0x80;  // range of the next continuation byte
    unsigned char high_ = 0xBF;
    bool failed_ = false;
};

}  // namespace parley
