#pragma once

#include <parley/domain/principal.h>

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace parley {

/// How many connections of each user are in the default namespace, over all loops. Users of two
/// kinds are two. Any thread.
class UserSeats {
    using Counts = std::unordered_map<std::string, std::size_t>;

public:
    /// One connection's part of the count, for as long as this lives. One thread at a time.
    class Seat {
    public:
        Seat() = default;
        ~Seat() { leave(); }
        Seat(Seat&& other) noexcept;
        Seat& operator=(Seat&& other) noexcept;

        explicit operator bool() const { return user_ != nullptr; }
        /// Is counted no more; nothing happens where it was not.
        void leave();

    private:
        friend class UserSeats;
        Seat(UserSeats& seats, Counts::value_type& user) : seats_(&seats), user_(&user) {}

        UserSeats* seats_ = nullptr;
        Counts::value_type* user_ = nullptr;  // its address stays the same while it is counted
    };

    /// `most`: of one user; 0: there is no limit, and nobody is counted.
    explicit UserSeats(std::size_t most) : most_(most) {}

    /// Whether the principal's connections are counted: all but services', each of which speaks for
    /// many users.
    bool counts(const Principal& principal) const { return most_ > 0 && !isService(principal); }
    /// Counts one more. An empty seat: the user has the most already. REQUIRES: `counts`.
    Seat enter(const Principal& principal);
    /// Users that have a connection.
    std::size_t size() const;

private:
    void leave(Counts::value_type& user);

    const std::size_t most_;
    mutable std::mutex mutex_;
    Counts counts_;
};

}  // namespace parley
