#include <parley/core/clock.h>

namespace parley {
namespace {

void appendDigits(std::string& out, std::int64_t value, int digits) {
    char buffer[8];
    for (int i = digits - 1; i >= 0; --i) {
        buffer[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    out.append(buffer, static_cast<std::size_t>(digits));
}

}  // namespace

void appendIso8601(std::string& out, UnixMillis at) {
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds{at.value}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const auto ms = (time - day).count();
    appendDigits(out, static_cast<int>(date.year()), 4);
    out += '-';
    appendDigits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    appendDigits(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    appendDigits(out, ms / 3'600'000, 2);
    out += ':';
    appendDigits(out, ms / 60'000 % 60, 2);
    out += ':';
    appendDigits(out, ms / 1000 % 60, 2);
    out += '.';
    appendDigits(out, ms % 1000, 3);
    out += 'Z';
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
