#pragma once

#include <parley/core/bytes.h>
#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/limits.h>
#include <parley/core/numbers.h>
#include <parley/core/uuid.h>
#include <parley/domain/roles.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// How values are written in the messages of a cluster (docs/format/batch-message.md). Each value
/// has one form.
namespace parley::value_codec {

/// Of a text; the whole message is bounded, too.
inline constexpr std::size_t kTextMax = 1024 * 1024;
inline constexpr std::uint64_t kNumbersMax = std::numeric_limits<std::int64_t>::max();

inline std::int64_t readNumber(ByteReader& in) {
    return static_cast<std::int64_t>(in.numberUpTo(kNumbersMax));
}

template <std::size_t N>
std::array<std::uint8_t, N> readBytes(ByteReader& in) {
    std::array<std::uint8_t, N> bytes{};
    in.raw(bytes);
    return bytes;
}

/// A number of an enumeration whose values are 1 to `count`.
template <typename Enum>
Enum readEnum(ByteReader& in, std::size_t count) {
    const auto number = in.byte();
    if (number < 1 || number > count) in.fail();
    return static_cast<Enum>(number);
}

/// Numbers that are dense and never negative: positions, seqs, keys.
template <typename Number>
concept Numbered = std::is_same_v<Number, Position> || std::is_same_v<Number, Seq> ||
    std::is_same_v<Number, ConversationKey> || std::is_same_v<Number, UserKey>;

/// T or const T: reading and writing use one list of a struct's fields, `fieldsOf`.
template <typename T, typename Of>
concept Like = std::is_same_v<std::remove_const_t<T>, Of>;

/// Writes values, and structs by their fields. One thread.
class FieldWriter {
public:
    static constexpr bool kReads = false;
    explicit FieldWriter(ByteWriter& out) : out_(out) {}

    /// Several, one after the other.
    template <typename First, typename Second, typename... More>
    void operator()(const First& first, const Second& second, const More&... more) {
        (*this)(first);
        (*this)(second);
        ((*this)(more), ...);
    }
    void operator()(const bool& value) { out_.byte(value ? 1 : 0); }
    void operator()(const std::uint64_t& value) { out_.number(value); }
    void operator()(const std::int64_t& value) { out_.signedNumber(value); }
    void operator()(const std::string& text) { out_.text(text); }
    void operator()(const ConnectionId& connection) { out_.number(connection.value); }
    void operator()(const UnixMillis& at) { out_.signedNumber(at.value); }
    void operator()(const Uuid& id) { out_.raw(id.bytes()); }
    void operator()(const UserRole& role) { out_.byte(static_cast<std::uint8_t>(role)); }
    template <Numbered Number>
    void operator()(const Number& number) {
        out_.number(static_cast<std::uint64_t>(number.value));
    }
    template <typename Tag>
    void operator()(const TextId<Tag>& id) {
        out_.text(id.str());
    }
    template <std::size_t N>
    void operator()(const std::array<std::uint8_t, N>& bytes) {
        out_.raw(bytes);
    }
    template <typename T>
    void operator()(const std::optional<T>& value) {
        out_.byte(value ? 1 : 0);
        if (value) (*this)(*value);
    }
    template <typename T>
    void operator()(const std::vector<T>& list) {
        out_.number(list.size());
        for (const auto& one : list) (*this)(one);
    }
    template <typename T>
    requires requires(FieldWriter& codec, const T& value) { fieldsOf(codec, value); }
    void operator()(const T& value) { fieldsOf(*this, value); }
    /// A value of an enumeration from 0 to `count` - 1.
    template <typename Enum>
    void oneOf(const Enum& value, std::size_t) {
        out_.byte(static_cast<std::uint8_t>(value));
    }
    /// One of several kinds, by its place among them.
    template <typename... Kinds>
    void operator()(const std::variant<Kinds...>& value) {
        out_.byte(static_cast<std::uint8_t>(value.index()));
        std::visit([this](const auto& one) { (*this)(one); }, value);
    }
    void operator()(const std::monostate&) {}

private:
    ByteWriter& out_;
};

/// Reads them; what makes no sense fails the ByteReader. One thread.
class FieldReader {
public:
    static constexpr bool kReads = true;
    explicit FieldReader(ByteReader& in) : in_(in) {}

    /// Several, one after the other.
    template <typename First, typename Second, typename... More>
    void operator()(First& first, Second& second, More&... more) {
        (*this)(first);
        (*this)(second);
        ((*this)(more), ...);
    }
    void operator()(bool& value) { value = in_.numberUpTo(1) == 1; }
    void operator()(std::uint64_t& value) { value = in_.number(); }
    void operator()(std::int64_t& value) { value = in_.signedNumber(); }
    void operator()(std::string& text) { text = std::string(in_.text(kTextMax)); }
    void operator()(ConnectionId& connection) { connection.value = in_.numberUpTo(kNumbersMax); }
    void operator()(UnixMillis& at) { at.value = in_.signedNumber(); }
    void operator()(Uuid& id) { id = Uuid(readBytes<16>(in_)); }
    void operator()(UserRole& role) { role = readEnum<UserRole>(in_, kUserRoles.size()); }
    template <Numbered Number>
    void operator()(Number& number) {
        number = {readNumber(in_)};
    }
    template <typename Tag>
    void operator()(TextId<Tag>& id) {
        id = TextId<Tag>::fromStored(std::string(in_.text(limits::kIdBytesMax)));
    }
    template <std::size_t N>
    void operator()(std::array<std::uint8_t, N>& bytes) {
        bytes = readBytes<N>(in_);
    }
    template <typename T>
    void operator()(std::optional<T>& value) {
        if (in_.numberUpTo(1) == 0) return value.reset();
        (*this)(value.emplace());
    }
    template <typename T>
    void operator()(std::vector<T>& list) {
        const auto count = in_.numberUpTo(in_.left());
        for (std::uint64_t i = 0; i < count && !in_.failed(); ++i) (*this)(list.emplace_back());
    }
    template <typename T>
    requires requires(FieldReader& codec, T& value) { fieldsOf(codec, value); }
    void operator()(T& value) { fieldsOf(*this, value); }
    template <typename Enum>
    void oneOf(Enum& value, std::size_t count) {
        value = static_cast<Enum>(in_.numberUpTo(count - 1));
    }
    template <typename... Kinds>
    void operator()(std::variant<Kinds...>& value) {
        const auto index = in_.numberUpTo(sizeof...(Kinds) - 1);
        std::size_t at = 0;
        (void)((at++ == index && ((*this)(value.template emplace<Kinds>()), true)) || ...);
    }
    void operator()(std::monostate&) {}
    void fail() { in_.fail(); }

private:
    ByteReader& in_;
};

}  // namespace parley::value_codec
