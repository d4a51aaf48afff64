#include <parley/core/random.h>

#include <cerrno>
#include <cstring>
#include <sys/random.h>
#include <system_error>

namespace parley {

void SystemRandom::fill(std::span<std::uint8_t> out) {
    for (auto& byte : out) {
        if (used_ == sizeof block_) {
            std::size_t got = 0;
            while (got < sizeof block_) {
                const auto n = ::getrandom(block_ + got, sizeof block_ - got, 0);
                if (n < 0 && errno == EINTR) continue;
                if (n < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
                got += static_cast<std::size_t>(n);
            }
            used_ = 0;
        }
        byte = block_[used_];
        block_[used_++] = 0;  // a byte handed out cannot be read from memory later
    }
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    for (auto& byte : out) {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        byte = static_cast<std::uint8_t>(z ^ (z >> 31));
    }
}

}  // namespace parley
