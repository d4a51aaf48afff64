#pragma once

#include <parley/core/result.h>

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace parley {

/// A client's own id: 1 to 128 bytes of UTF-8 without control characters. `parse` is the only way
/// from a client's text to one, so that code which is handed an id need not check it. `Tag` keeps
/// kinds apart. Compared byte by byte: texts that look alike but are written with other code points
/// are other ids. A value.
template <typename Tag>
class TextId {
public:
    /// No id: what a struct holds until it is filled in. Never equal to one that was parsed.
    TextId() = default;
    /// Refuses with `invalid_id` a text that is empty, longer than limits::kIdBytesMax, not UTF-8
    /// or that has a control character. `field` is the wire's name of what is parsed, for the
    /// message. Copies `text`. Any thread.
    static Result<TextId> parse(std::string_view text, std::string_view field);
    /// For text this program stored itself after parsing it once; nothing is checked.
    static TextId fromStored(std::string text) { return TextId(std::move(text)); }

    /// Empty only where there is no id. Lives as long as this.
    const std::string& str() const { return text_; }
    auto operator<=>(const TextId&) const = default;

private:
    explicit TextId(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Tags: they only tell the kinds of ids apart.
struct ConversationTag {};
struct UserTag {};
struct ClientMessageTag {};
using ConversationId = TextId<ConversationTag>;
using UserId = TextId<UserTag>;
/// A client's name for its own message; unique per conversation and author. A message sent again
/// under it is not stored again.
using ClientMessageId = TextId<ClientMessageTag>;

/// An event's dense global number, from 1; 0 means "before the first event". What clients hold is a
/// `Cursor` (core/cursor.h), which a position is part of: a position alone does not say of which
/// history it is, and after the restore of a backup it may name another event.
struct Position {
    std::int64_t value = 0;
    auto operator<=>(const Position&) const = default;
};

/// An event's dense number within its conversation, from 1; 0 means "none yet". Counts events of
/// every type, so a message's seq is not how many messages there are.
struct Seq {
    std::int64_t value = 0;
    auto operator<=>(const Seq&) const = default;
};

/// The number a conversation id has inside this database (interned text), from 1; 0: none is known.
/// Another database, also a restored one that went on, may give the text another. Never on the
/// wire.
struct ConversationKey {
    std::int64_t value = 0;
    auto operator<=>(const ConversationKey&) const = default;
};

/// The number a user id has inside this database, likewise. Never on the wire.
struct UserKey {
    std::int64_t value = 0;
    auto operator<=>(const UserKey&) const = default;
};

}  // namespace parley

template <typename Tag>
struct std::hash<parley::TextId<Tag>> {
    std::size_t operator()(const parley::TextId<Tag>& id) const {
        return std::hash<std::string>{}(id.str());
    }
};
template <>
struct std::hash<parley::ConversationKey> {
    std::size_t operator()(parley::ConversationKey key) const {
        return std::hash<std::int64_t>{}(key.value);
    }
};
template <>
struct std::hash<parley::UserKey> {
    std::size_t operator()(parley::UserKey key) const {
        return std::hash<std::int64_t>{}(key.value);
    }
};
