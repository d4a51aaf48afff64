#include "gateway/limits/user_seats.h"

#include <utility>

namespace parley {

UserSeats::Seat::Seat(Seat&& other) noexcept
    : seats_(other.seats_), user_(std::exchange(other.user_, nullptr)) {}

UserSeats::Seat& UserSeats::Seat::operator=(Seat&& other) noexcept {
    if (this == &other) return *this;
    leave();
    seats_ = other.seats_;
    user_ = std::exchange(other.user_, nullptr);
    return *this;
}

void UserSeats::Seat::leave() {
    if (auto* user = std::exchange(user_, nullptr)) seats_->leave(*user);
}

UserSeats::Seat UserSeats::enter(const Principal& principal) {
    std::string user(principalKindName(principal.kind));
    user += ' ';
    user += principal.user.str();
    const std::lock_guard lock(mutex_);
    auto& counted = *counts_.try_emplace(std::move(user)).first;
    if (counted.second >= most_) return {};
    ++counted.second;
    return {*this, counted};
}

void UserSeats::leave(Counts::value_type& user) {
    const std::lock_guard lock(mutex_);
    if (--user.second == 0) counts_.erase(counts_.find(user.first));
}

std::size_t UserSeats::size() const {
    const std::lock_guard lock(mutex_);
    return counts_.size();
}

}  // namespace parley
