#pragma once

#include <parley/core/ids.h>

#include <cstddef>
#include <optional>
#include <string>

/// The bytes of text that a command holds. Each command's header has its `textBytesOf`; the limit
/// on what waits for the writer counts them.
namespace parley::text_bytes {

/// Bytes of one text; of a text that is not there, none.
inline std::size_t in(const std::string& text) {
    return text.size();
}
template <typename Tag>
std::size_t in(const TextId<Tag>& id) {
    return id.str().size();
}
template <typename Text>
std::size_t in(const std::optional<Text>& text) {
    return text ? in(*text) : 0;
}

/// Of all of them together.
template <typename... Texts>
std::size_t sum(const Texts&... texts) {
    return (in(texts) + ... + 0);
}

}  // namespace parley::text_bytes
