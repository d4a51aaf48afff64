#pragma once

#include <parley/core/ids.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace parley {

/// Users of a conversation, each once, in the order they were added. `One` has a member `user`.
/// Nearly all conversations have few, which are searched one by one and cost what a vector does.
/// Longer lists have an index: finding, adding and removing then takes about constant time.
/// References to elements, and iterators, hold until the next `add` or `remove`. Not thread-safe.
template <typename One>
class UserList {
public:
    class Iterator {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = const One;
        using difference_type = std::ptrdiff_t;
        using pointer = const One*;
        using reference = const One&;

        Iterator() = default;
        Iterator(const One* at, const One* end) : at_(at), end_(end) { skipGaps(); }
        const One& operator*() const { return *at_; }
        const One* operator->() const { return at_; }
        Iterator& operator++() {
            ++at_;
            skipGaps();
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator& other) const { return at_ == other.at_; }

    private:
        void skipGaps() {
            while (at_ != end_ && isGap(*at_)) ++at_;
        }
        const One* at_ = nullptr;
        const One* end_ = nullptr;
    };

    UserList() = default;
    UserList(UserList&&) noexcept = default;
    UserList& operator=(UserList&&) noexcept = default;
    UserList(const UserList& other) : places_(other.begin(), other.end()) { indexIfMany(); }
    UserList& operator=(const UserList& other) { return *this = UserList(other); }
    ~UserList() = default;

    std::size_t size() const { return places_.size() - (many_ ? many_->gaps : 0); }
    bool empty() const { return size() == 0; }
    Iterator begin() const { return {places_.data(), places_.data() + places_.size()}; }
    Iterator end() const {
        const One* end = places_.data() + places_.size();
        return {end, end};
    }

    const One* find(const UserId& user) const {
        const std::size_t at = placeOf(user);
        return at == places_.size() ? nullptr : &places_[at];
    }
    /// The element may be changed, except for its user.
    One* find(const UserId& user) { return const_cast<One*>(std::as_const(*this).find(user)); }

    /// REQUIRES: its user is not in the list.
    void add(One one) {
        if (many_) many_->index.emplace(one.user, place(places_.size()));
        places_.push_back(std::move(one));
        if (!many_) indexIfMany();
    }

    /// Does nothing if the user is not in the list.
    void remove(const UserId& user) {
        const std::size_t at = placeOf(user);
        if (at == places_.size()) return;
        if (!many_) {
            places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(at));
            return;
        }
        // The others keep their places; the gaps are closed once they are half of all.
        many_->index.erase(user);
        places_[at].user = UserId();
        if (2 * ++many_->gaps > places_.size()) closeGaps();
    }

private:
    struct Many {
        std::unordered_map<UserId, std::uint32_t> index;
        std::size_t gaps = 0;  // places whose user was removed
    };
    static constexpr std::size_t kSearchedMax = 32;
    static std::uint32_t place(std::size_t at) { return static_cast<std::uint32_t>(at); }
    static bool isGap(const One& one) { return one.user.str().empty(); }  // an id never is

    std::size_t placeOf(const UserId& user) const {
        if (many_) {
            const auto known = many_->index.find(user);
            return known == many_->index.end() ? places_.size() : known->second;
        }
        std::size_t at = 0;
        while (at < places_.size() && places_[at].user != user) ++at;
        return at;
    }

    void closeGaps() {
        std::erase_if(places_, isGap);
        many_.reset();
        indexIfMany();
    }

    void indexIfMany() {
        if (places_.size() <= kSearchedMax) return;
        many_ = std::make_unique<Many>();
        for (std::size_t at = 0; at < places_.size(); ++at) {
            many_->index.emplace(places_[at].user, place(at));
        }
    }

    std::vector<One> places_;
    std::unique_ptr<Many> many_;  // null: there are few
};

}  // namespace parley
