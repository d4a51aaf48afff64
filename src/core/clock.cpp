#include <parley/core/clock.h>

namespace parley {
namespace {

// Writes `value` in `digits` digits; gives where they end.
char* putDigits(char* out, std::int64_t value, int digits) {
    for (int i = digits - 1; i >= 0; --i) {
        out[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return out + digits;
}

}  // namespace

void appendIso8601(std::string& out, UnixMillis at) {
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds{at.value}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const auto ms = (time - day).count();
    char text[24];
    char* end = putDigits(text, static_cast<int>(date.year()), 4);
    *end++ = '-';
    end = putDigits(end, static_cast<unsigned>(date.month()), 2);
    *end++ = '-';
    end = putDigits(end, static_cast<unsigned>(date.day()), 2);
    *end++ = 'T';
    end = putDigits(end, ms / 3'600'000, 2);
    *end++ = ':';
    end = putDigits(end, ms / 60'000 % 60, 2);
    *end++ = ':';
    end = putDigits(end, ms / 1000 % 60, 2);
    *end++ = '.';
    end = putDigits(end, ms % 1000, 3);
    *end++ = 'Z';
    out.append(text, sizeof text);
}

std::string toIso8601(UnixMillis at) {
    std::string out;
    out.reserve(24);
    appendIso8601(out, at);
    return out;
}

UnixMillis SystemClock::now() const {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

std::chrono::milliseconds SystemClock::monotonic() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch());
}

}  // namespace parley
