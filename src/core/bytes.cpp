#include <parley/core/bytes.h>

#include <algorithm>

namespace parley {

void ByteWriter::number(std::uint64_t value) {
    while (value >= 0x80) {
        byte(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
}

// The sign goes into the lowest bit ("zigzag").
void ByteWriter::signedNumber(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    number(bits << 1 ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void ByteWriter::text(std::string_view text) {
    number(text.size());
    bytes_ += text;
}

void ByteWriter::raw(std::span<const std::uint8_t> bytes) {
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string_view ByteReader::take(std::size_t bytes) {
    if (failed_ || bytes > left_.size()) {
        failed_ = true;
        return {};
    }
    const auto taken = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return taken;
}

std::uint8_t ByteReader::byte() {
    const auto taken = take(1);
    return taken.empty() ? 0 : static_cast<std::uint8_t>(taken.front());
}

std::uint64_t ByteReader::number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto next = byte();
        if (failed_) return 0;
        const std::uint64_t bits = next & 0x7F;
        const bool isLast = next < 0x80;
        if ((shift == 63 && bits > 1) || (isLast && bits == 0 && shift > 0)) break;
        value |= bits << shift;
        if (isLast) return value;
    }
    failed_ = true;
    return 0;
}

std::int64_t ByteReader::signedNumber() {
    const auto bits = number();
    return static_cast<std::int64_t>(bits >> 1 ^ ((bits & 1) != 0 ? ~std::uint64_t{0} : 0));
}

std::uint64_t ByteReader::numberUpTo(std::uint64_t max) {
    const auto value = number();
    if (value <= max) return value;
    failed_ = true;
    return 0;
}

std::string_view ByteReader::text(std::size_t bytesMax) {
    return take(static_cast<std::size_t>(numberUpTo(bytesMax)));
}

void ByteReader::raw(std::span<std::uint8_t> out) {
    const auto taken = take(out.size());
    std::ranges::copy(taken, out.begin());
}

}  // namespace parley
