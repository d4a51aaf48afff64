#include <parley/core/precise_time.h>

namespace parley {

std::chrono::microseconds preciseTime() {
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch());
}

}  // namespace parley
