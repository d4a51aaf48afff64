#pragma once

#include <parley/engineio/endpoint.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace parley {

/// Connections that receive the same broadcasts, each once, found by their `connection`. A few are
/// searched one by one; many have an index, so that one can join or leave without a look at all
/// others. In no particular order. One thread.
template <typename Member>
class MemberList {
public:
    /// Adds a member, or replaces the one of its connection. True: it is a new one.
    bool put(const Member& member) {
        const auto at = find(member.connection);
        if (at != kNowhere) {
            members_[at] = member;
            return false;
        }
        if (places_) places_->emplace(member.connection, place(members_.size()));
        members_.push_back(member);
        if (!places_ && members_.size() > kSearchedMax) index();
        return true;
    }

    /// False: it was no member.
    bool remove(ConnectionId connection) {
        const auto at = find(connection);
        if (at == kNowhere) return false;
        members_[at] = members_.back();
        members_.pop_back();
        if (places_) {
            if (at < members_.size()) (*places_)[members_[at].connection] = place(at);
            places_->erase(connection);
            if (members_.size() < kSearchedMax / 2) places_.reset();
        }
        return true;
    }

    bool empty() const { return members_.empty(); }
    std::size_t size() const { return members_.size(); }
    auto begin() const { return members_.begin(); }
    auto end() const { return members_.end(); }

private:
    static constexpr std::size_t kSearchedMax = 32;
    static constexpr std::size_t kNowhere = SIZE_MAX;
    static std::uint32_t place(std::size_t at) { return static_cast<std::uint32_t>(at); }

    std::size_t find(ConnectionId connection) const {
        if (places_) {
            const auto known = places_->find(connection);
            return known == places_->end() ? kNowhere : known->second;
        }
        for (std::size_t at = 0; at < members_.size(); ++at) {
            if (members_[at].connection == connection) return at;
        }
        return kNowhere;
    }

    void index() {
        places_ = std::make_unique<std::unordered_map<ConnectionId, std::uint32_t>>();
        for (std::size_t at = 0; at < members_.size(); ++at) {
            places_->emplace(members_[at].connection, place(at));
        }
    }

    std::vector<Member> members_;
    std::unique_ptr<std::unordered_map<ConnectionId, std::uint32_t>> places_;
};

}  // namespace parley
