#include "core/zone_rule.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace parley {
namespace {

// The day of a year on which clocks change, and the local time at which they do.
struct ChangeDay {
    enum class Form { julian, zeroBased, weekday };
    Form form = Form::weekday;
    int month = 0;    // of `weekday`
    int week = 0;     // of `weekday`: 5 is the last one
    int day = 0;      // of the week from Sunday, or of the year
    int time = 7200;  // seconds from midnight
};

struct Rule {
    int standard = 0;  // seconds ahead of UTC
    std::optional<int> summer;
    ChangeDay begin;  // of summer time, in standard time
    ChangeDay end;    // in summer time
};

// Reads the rule from its front. Each method gives nothing where the text is another.
class RuleReader {
public:
    explicit RuleReader(std::string_view text) : text_(text) {}

    std::optional<Rule> rule() {
        Rule out;
        const auto west = name() ? duration() : std::nullopt;
        if (!west) return std::nullopt;
        out.standard = -*west;
        if (text_.empty()) return out;
        if (!name()) return std::nullopt;
        out.summer = out.standard + 3600;
        if (!text_.starts_with(',')) {
            const auto summerWest = duration();
            if (!summerWest) return std::nullopt;
            out.summer = -*summerWest;
        }
        if (!changeDay(out.begin) || !changeDay(out.end) || !text_.empty()) return std::nullopt;
        return out;
    }

private:
    bool take(char expected) {
        if (!text_.starts_with(expected)) return false;
        text_.remove_prefix(1);
        return true;
    }

    std::optional<int> number(int most) {
        int value = 0;
        const auto [end, failed] =
            std::from_chars(text_.data(), text_.data() + text_.size(), value);
        if (failed != std::errc{} || value < 0 || value > most) return std::nullopt;
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        return value;
    }

    // "CET" or "<+0330>".
    bool name() {
        const bool quoted = take('<');
        const auto end = quoted ? text_.find('>') : text_.find_first_of("+-0123456789,");
        if (end == std::string_view::npos ? quoted : end < 3) return false;
        text_.remove_prefix(std::min(text_.size(), end + (quoted ? 1 : 0)));
        return true;
    }

    // [+-]hh[:mm[:ss]] in seconds.
    std::optional<int> duration() {
        const bool negative = take('-');
        if (!negative) take('+');
        int seconds = 0;
        for (int unit = 3600; unit > 0; unit /= 60) {
            const auto part = number(unit == 3600 ? 167 : 59);
            if (!part) return std::nullopt;
            seconds += *part * unit;
            if (unit == 1 || !take(':')) break;
        }
        return negative ? -seconds : seconds;
    }

    bool changeDay(ChangeDay& out) {
        if (!take(',')) return false;
        if (take('M')) {
            const auto month = number(12);
            const auto week = month && take('.') ? number(5) : std::nullopt;
            const auto day = week && take('.') ? number(6) : std::nullopt;
            if (!day || *month == 0 || *week == 0) return false;
            out.month = *month;
            out.week = *week;
            out.day = *day;
        } else {
            out.form = take('J') ? ChangeDay::Form::julian : ChangeDay::Form::zeroBased;
            const auto day = number(365);
            if (!day || (out.form == ChangeDay::Form::julian && *day == 0)) return false;
            out.day = *day;
        }
        if (!take('/')) return true;
        const auto time = duration();
        if (time) out.time = *time;
        return time.has_value();
    }

    std::string_view text_;
};

std::chrono::sys_days dayIn(std::chrono::year year, const ChangeDay& change) {
    using namespace std::chrono;
    if (change.form == ChangeDay::Form::weekday) {
        const auto month = year / change.month;
        const weekday day{static_cast<unsigned>(change.day)};
        if (change.week == 5) return month / day[last];
        return month / day[static_cast<unsigned>(change.week)];
    }
    const sys_days first = year / January / 1;
    if (change.form == ChangeDay::Form::zeroBased) return first + days{change.day};
    // Never counts the 29th of February.
    return first + days{change.day - 1 + (year.is_leap() && change.day >= 60 ? 1 : 0)};
}

std::int64_t secondIn(int year, const ChangeDay& change, int offset) {
    const auto day = dayIn(std::chrono::year{year}, change).time_since_epoch();
    return std::chrono::seconds{day}.count() + change.time - offset;
}

int yearOf(std::int64_t second) {
    using namespace std::chrono;
    return static_cast<int>(year_month_day{floor<days>(sys_seconds{seconds{second}})}.year());
}

}  // namespace

bool appendRule(std::string_view text, std::vector<OffsetChange>& changes) {
    if (text.empty()) return true;
    const auto rule = RuleReader(text).rule();
    if (!rule) return false;
    const std::int64_t known = changes.back().from;
    if (!rule->summer) {
        // What the file's last change says, unless it has none.
        if (changes.size() == 1) changes.front().offset = rule->standard;
        return true;
    }
    std::vector<OffsetChange> later;
    for (int year = std::max(1970, changes.size() == 1 ? 0 : yearOf(known));
         year <= kZoneRulesUntilYear; ++year) {
        later.push_back({secondIn(year, rule->begin, rule->standard), *rule->summer});
        later.push_back({secondIn(year, rule->end, *rule->summer), rule->standard});
    }
    std::sort(later.begin(), later.end(),
              [](const auto& a, const auto& b) { return a.from < b.from; });
    std::copy_if(later.begin(), later.end(), std::back_inserter(changes),
                 [&](const auto& change) { return change.from > known; });
    return true;
}

}  // namespace parley
