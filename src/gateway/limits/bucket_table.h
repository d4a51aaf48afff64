#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace parley {

/// Buckets by their owner, shared by all loops. Only those that are not full are worth
/// keeping, so the others go from time to time; where too many are left, those go that are full
/// soonest. `Buckets::fullAt` says when all of one are full. Any thread; `now` is
/// Clock::monotonic.
template <typename Key, typename Buckets>
class BucketTable {
public:
    using Millis = std::chrono::milliseconds;

    /// `most`: entries at once, rounded up to a few for each shard.
    explicit BucketTable(std::size_t most) : shardMost_(std::max(most / kShards, kFew)) {}

    /// Returns what `with(buckets)` does, for the buckets of `key`; fresh ones where there are
    /// none. Others wait meanwhile.
    template <typename Use>
    auto use(const Key& key, Millis now, Use&& with) {
        Shard& shard = shardOf(key);
        const std::lock_guard lock(shard.mutex);
        auto known = shard.entries.find(key);
        if (known == shard.entries.end()) {
            if (shard.entries.size() >= shard.sweepAt) sweep(shard, now);
            known = shard.entries.try_emplace(key).first;
        }
        return with(known->second);
    }
    /// The same with a const reference; adds nothing.
    template <typename Look>
    auto look(const Key& key, Look&& with) const {
        static const Buckets fresh{};
        const Shard& shard = shardOf(key);
        const std::lock_guard lock(shard.mutex);
        const auto known = shard.entries.find(key);
        return with(known == shard.entries.end() ? fresh : std::as_const(known->second));
    }
    std::size_t size() const {
        std::size_t all = 0;
        for (const Shard& shard : shards_) {
            const std::lock_guard lock(shard.mutex);
            all += shard.entries.size();
        }
        return all;
    }

private:
    static constexpr std::size_t kShards = 16;
    static constexpr std::size_t kFew = 16;  // entries of a shard that are not looked through

    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<Key, Buckets> entries;
        std::size_t sweepAt = kFew;
    };

    std::size_t indexOf(const Key& key) const {
        // The map uses the low bits of the hash, too.
        return (std::hash<Key>{}(key)*0x9E3779B97F4A7C15U) >> 60;
    }
    Shard& shardOf(const Key& key) { return shards_[indexOf(key)]; }
    const Shard& shardOf(const Key& key) const { return shards_[indexOf(key)]; }

    // The next sweep comes once there are twice as many as this one leaves, or, where it leaves
    // most, an eighth more: each addition pays for a few entries that are looked at.
    void sweep(Shard& shard, Millis now) {
        std::erase_if(shard.entries, [&](const auto& one) { return one.second.fullAt() <= now; });
        const std::size_t kept = shardMost_ - shardMost_ / 8;
        if (shard.entries.size() > kept) dropFullSoonest(shard, shard.entries.size() - kept);
        shard.sweepAt = std::clamp(2 * shard.entries.size(), kFew, shardMost_);
    }
    void dropFullSoonest(Shard& shard, std::size_t count) {
        std::vector<std::pair<Millis, const Key*>> all;
        all.reserve(shard.entries.size());
        for (const auto& [key, buckets] : shard.entries) all.emplace_back(buckets.fullAt(), &key);
        const auto end = all.begin() + static_cast<std::ptrdiff_t>(count);
        std::nth_element(all.begin(), end - 1, all.end());
        for (auto one = all.begin(); one != end; ++one) {
            shard.entries.erase(shard.entries.find(*one->second));
        }
    }

    const std::size_t shardMost_;
    std::array<Shard, kShards> shards_;
};

}  // namespace parley
