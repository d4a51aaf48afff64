#include "net/epoll_set.h"

#include <cerrno>
#include <system_error>
#include <unistd.h>

namespace parley::net {

EpollSet::EpollSet() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

EpollSet::~EpollSet() {
    ::close(epoll_);
}

bool EpollSet::addConnection(int descriptor, std::uint64_t number, std::uint32_t events) {
    return control(EPOLL_CTL_ADD, descriptor, number, events);
}

bool EpollSet::changeConnection(int descriptor, std::uint64_t number, std::uint32_t events) {
    return control(EPOLL_CTL_MOD, descriptor, number, events);
}

bool EpollSet::control(int operation, int descriptor, std::uint64_t number, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = number | kConnectionTag;
    return ::epoll_ctl(epoll_, operation, descriptor, &event) == 0;
}

void EpollSet::watch(int descriptor, std::function<void()>* run) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = run;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

void EpollSet::remove(int descriptor) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

}  // namespace parley::net
