#pragma once

#include <parley/core/clock.h>
#include <parley/core/random.h>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// A 128-bit UUID (RFC 9562). Events and messages have version 7. Compared as bytes, so those of
/// version 7 sort by time. A value.
class Uuid {
public:
    /// The nil UUID, all zeros: none.
    Uuid() = default;
    explicit Uuid(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}
    /// Reads the form 8-4-4-4-12 in hex, either case, of any version. Nothing on any other text.
    static std::optional<Uuid> parse(std::string_view text);

    /// In network order, as stored.
    const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
    /// The canonical lower-case form of 36 characters.
    std::string str() const;
    /// Appends the same.
    void appendTo(std::string& out) const;
    auto operator<=>(const Uuid&) const = default;

private:
    std::array<std::uint8_t, 16> bytes_{};
};

/// Makes version-7 UUIDs that only ever grow, also within one millisecond and when the wall
/// clock goes back: a unique index over them appends at its right edge instead of dirtying a
/// random page (RFC 9562, section 6.2, method 2). One thread.
class UuidGenerator {
public:
    /// `random` outlives the generator, and is used by its thread alone.
    explicit UuidGenerator(Random& random) : random_(random) {}
    /// The next id, larger than all before. Carries the time `at`, which is not negative; where
    /// that is not after the last id's, the last id's time, plus a random step that nobody can
    /// guess.
    Uuid next(UnixMillis at);
    /// Continues after `last`, the newest id of a log that is opened again. Nil: the log is empty.
    void continueAfter(const Uuid& last) { last_ = last.bytes(); }

private:
    Random& random_;
    std::array<std::uint8_t, 16> last_{};
};

}  // namespace parley

template <>
struct std::hash<parley::Uuid> {
    std::size_t operator()(const parley::Uuid& id) const {
        std::uint64_t tail = 0;
        for (std::size_t i = 8; i < 16; ++i) tail = tail << 8 | id.bytes()[i];
        return static_cast<std::size_t>(tail);
    }
};
