#include "core/zone_file.h"

#include "core/zone_rule.h"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace parley {
namespace {

constexpr std::size_t kHeaderBytes = 44;
constexpr std::size_t kTypeBytes = 6;

// A big-endian number in two's complement.
std::int64_t numberAt(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = (bytes[at] & 0x80) != 0 ? ~0ULL : 0;
    for (std::size_t i = 0; i < size; ++i) {
        value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    }
    return static_cast<std::int64_t>(value);
}

// The header of a block of data, and where the parts behind it are.
struct Block {
    std::size_t utIndicators, standardIndicators, leaps, times, types, nameBytes;

    static std::optional<Block> at(std::string_view bytes) {
        if (bytes.size() < kHeaderBytes || !bytes.starts_with("TZif")) return std::nullopt;
        const auto count = [&](std::size_t index) {
            return static_cast<std::size_t>(numberAt(bytes, 20 + 4 * index, 4));
        };
        const Block block{count(0), count(1), count(2), count(3), count(4), count(5)};
        for (std::size_t index = 0; index < 6; ++index) {
            if (count(index) > 0xFFFF) return std::nullopt;  // no file of the database comes near
        }
        return block;
    }

    std::size_t size(std::size_t timeBytes) const {
        return kHeaderBytes + times * (timeBytes + 1) + types * kTypeBytes + nameBytes +
               leaps * (timeBytes + 4) + standardIndicators + utIndicators;
    }
};

// The changes of a block with times of eight bytes.
std::optional<std::vector<OffsetChange>> changesOf(std::string_view bytes, const Block& block) {
    if (block.types == 0 || block.leaps != 0) return std::nullopt;
    const std::size_t indexes = kHeaderBytes + block.times * 8;
    const std::size_t types = indexes + block.times;
    const auto offsetOf = [&](std::size_t type) {
        return static_cast<std::int32_t>(numberAt(bytes, types + type * kTypeBytes, 4));
    };
    std::vector<OffsetChange> changes{{std::numeric_limits<std::int64_t>::min(), offsetOf(0)}};
    for (std::size_t i = 0; i < block.times; ++i) {
        const auto from = numberAt(bytes, kHeaderBytes + i * 8, 8);
        const auto type = static_cast<std::uint8_t>(bytes[indexes + i]);
        if (type >= block.types || from <= changes.back().from) return std::nullopt;
        changes.push_back({from, offsetOf(type)});
    }
    return changes;
}

}  // namespace

std::optional<std::vector<OffsetChange>> readZoneFile(std::string_view bytes) {
    // The first block has times of four bytes: for programs older than ours.
    const auto old = Block::at(bytes);
    if (!old || bytes[4] < '2' || bytes.size() < old->size(4)) return std::nullopt;
    bytes.remove_prefix(old->size(4));
    const auto block = Block::at(bytes);
    if (!block || bytes.size() < block->size(8)) return std::nullopt;
    auto changes = changesOf(bytes, *block);
    bytes.remove_prefix(block->size(8));
    if (!changes || bytes.size() < 2 || bytes.front() != '\n' || bytes.back() != '\n') {
        return std::nullopt;
    }
    if (!appendRule(bytes.substr(1, bytes.size() - 2), *changes)) return std::nullopt;
    return changes;
}

}  // namespace parley
