#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace parley::net {

using Millis = std::chrono::milliseconds;

/// A heap of items by the time they are due; items of one time keep their order. One thread.
template <typename Item>
class DueHeap {
public:
    void push(Millis when, Item item) {
        heap_.push_back({when, sequence_++, std::move(item)});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    std::optional<Millis> next() const {
        if (heap_.empty()) return std::nullopt;
        return heap_.front().when;
    }
    /// The first item that is due at `now`, taken out.
    std::optional<Item> popDue(Millis now) {
        if (heap_.empty() || heap_.front().when > now) return std::nullopt;
        std::pop_heap(heap_.begin(), heap_.end(), later);
        Item item = std::move(heap_.back().item);
        heap_.pop_back();
        return item;
    }

    std::size_t size() const { return heap_.size(); }
    /// Drops every entry for which `isVoid(when, item)` is true.
    template <typename IsVoid>
    void removeIf(const IsVoid& isVoid) {
        std::erase_if(heap_, [&](const Entry& entry) { return isVoid(entry.when, entry.item); });
        std::make_heap(heap_.begin(), heap_.end(), later);
    }

private:
    struct Entry {
        Millis when;
        std::uint64_t sequence;
        Item item;
    };
    static bool later(const Entry& a, const Entry& b) {
        return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
    }
    std::vector<Entry> heap_;
    std::uint64_t sequence_ = 0;
};

}  // namespace parley::net
