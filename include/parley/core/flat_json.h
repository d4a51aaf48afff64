#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// One JSON object without nesting, read in one pass without building a document: what nearly all
/// requests are. Stricter than JSON: white space between tokens, escapes in names, fractions,
/// nested values, a name twice or more than `kFieldsMax` fields are not read, although they may be
/// good JSON: then use `parseJson`. What it does read, it reads as `parseJson` would. Integers have
/// 15 digits at most, which every reader of JSON holds exactly. Allocates nothing where no string
/// has an escape. One thread at a time.
class FlatJson {
public:
    /// More fields than any request of the wire has; one with more is not read.
    static constexpr std::size_t kFieldsMax = 16;
    enum class Kind : std::uint8_t { string, integer, boolean, null };
    /// One field. Its views point into the text that was read.
    struct Field {
        std::string_view name;
        Kind kind = Kind::null;
        bool escaped = false;     ///< strings: `text` has escapes
        std::string_view text;    ///< strings: between the quotes, as in the JSON text
        std::int64_t number = 0;  ///< integers; booleans: 0 or 1
    };

    /// Reads the object at the start of `text`, which must be UTF-8 and outlive the fields' use;
    /// what follows the object is not looked at. False when it cannot: then the fields mean
    /// nothing. Replaces what was read before. One pass; looks for equal names among the fields so
    /// far.
    bool read(std::string_view text);
    /// How many bytes the object has, its braces included. REQUIRES: `read` returned true.
    std::size_t size() const { return size_; }
    /// The field of that name; nullptr when there is none. Lives until the next `read`. Looks
    /// through all fields. REQUIRES: `read` returned true.
    const Field* find(std::string_view name) const;

private:
    bool readField(std::string_view text, std::size_t& at);

    std::array<Field, kFieldsMax> fields_;
    std::size_t count_ = 0;
    std::size_t size_ = 0;
};

/// A JSON string's text without its quotes and with its escapes resolved (RFC 8259, section 7), as
/// UTF-8; `text` is what stands between the quotes. Nothing where an escape is not one, or is half
/// of a surrogate pair. The result is never longer than `text`. Any thread.
std::optional<std::string> unescapeJson(std::string_view text);

}  // namespace parley
