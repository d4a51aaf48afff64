#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// Numbers and texts as bytes, for formats that programs exchange. Numbers are little-endian base
/// 128 (as in Protocol Buffers' "varint"): 7 bits a byte, the upper bit says that more follow.
namespace parley {

/// Appends to a text of its own. One thread.
class ByteWriter {
public:
    void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
    /// 1 to 10 bytes.
    void number(std::uint64_t value);
    /// Small for numbers near 0, negative ones too.
    void signedNumber(std::int64_t value);
    /// Its length, then its bytes.
    void text(std::string_view text);
    /// The bytes alone: the reader has to know how many.
    void raw(std::span<const std::uint8_t> bytes);

    std::size_t size() const { return bytes_.size(); }
    /// Gives what was written, and begins anew.
    std::string take() { return std::exchange(bytes_, {}); }

private:
    std::string bytes_;
};

/// Reads what a ByteWriter wrote, from bytes that may be anything. What cannot be read gives 0 or
/// nothing, and `failed` from then on: a caller may read on and ask once at the end. The bytes
/// outlive the reader. One thread.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : left_(bytes) {}

    std::uint8_t byte();
    /// Fails where the number is longer than it has to be, or beyond 64 bits: each number has one
    /// form.
    std::uint64_t number();
    std::int64_t signedNumber();
    /// A number up to `max`.
    std::uint64_t numberUpTo(std::uint64_t max);
    /// Of at most `bytesMax` bytes. A part of the reader's bytes.
    std::string_view text(std::size_t bytesMax);
    /// Fills `out`.
    void raw(std::span<std::uint8_t> out);

    /// Notes that what was read makes no sense.
    void fail() { failed_ = true; }
    bool failed() const { return failed_; }
    /// Whether all was read, and nothing failed.
    bool isComplete() const { return !failed_ && left_.empty(); }
    std::size_t left() const { return left_.size(); }

private:
    std::string_view take(std::size_t bytes);

    std::string_view left_;
    bool failed_ = false;
};

}  // namespace parley
