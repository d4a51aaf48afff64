// A page that was overtaken by what was said while it was read is what it would have been, had it
// been read afterwards.
#include "gateway/history/page_news.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <vector>

using namespace parley;

namespace {

using Messages = std::vector<HistoryTails::News>;

// Those that were asked for, from where the page begins.
Messages wanted(const Messages& all, const MessagePage& asked) {
    Messages found;
    for (const auto& one : all) {
        if (asked.before && one.position >= *asked.before) continue;
        if (asked.after && one.position <= *asked.after) continue;
        found.push_back(one);
    }
    if (!asked.forward()) std::reverse(found.begin(), found.end());
    return found;
}

// As a reader reads it, with `lead` of what it skips.
HistoryPage read(const Messages& all, const MessagePage& asked, int lead) {
    HistoryPage page;
    page.upTo = all.empty() ? Position{} : all.back().position;
    const auto leadFrom = asked.offset - std::min(lead, asked.offset);
    for (const auto& one : wanted(all, asked)) {
        if (page.skipped < asked.offset) {
            if (page.skipped++ >= leadFrom) page.lead.push_back(one.json);
        } else if (static_cast<int>(page.messages.size()) == asked.limit) {
            page.end = PageEnd::limit;
            break;
        } else if (!page.messages.add(one.json)) {
            page.end = PageEnd::refused;
            break;
        }
    }
    if (static_cast<int>(page.messages.size()) == asked.limit) page.end = PageEnd::limit;
    return page;
}

class Dice {
public:
    explicit Dice(unsigned seed) : engine_(seed) {}
    int operator()(int below) { return std::uniform_int_distribution(0, below - 1)(engine_); }

private:
    std::mt19937 engine_;
};

Messages someMessages(Dice& dice, int count, std::int64_t& position) {
    Messages messages;
    for (int i = 0; i < count; ++i) {
        position += 1 + dice(3);
        const auto bytes = dice(4) == 0 ? 300'000 : 10;
        messages.push_back({{position},
                            '"' + std::to_string(position) +
                                std::string(static_cast<std::size_t>(bytes), 'x') + '"'});
    }
    return messages;
}

}  // namespace

TEST_CASE("a page completed with news is the page that would be read after them") {
    int incomplete = 0;
    for (unsigned seed = 0; seed < 3000; ++seed) {
        Dice dice(seed);
        std::int64_t position = 0;
        auto all = someMessages(dice, dice(12), position);
        MessagePage asked;
        asked.limit = 1 + dice(8);
        asked.offset = dice(3) == 0 ? dice(6) : 0;
        if (dice(2) == 0) asked.before = Position{1 + dice(45)};
        if (dice(2) == 0) asked.after = Position{dice(45)};
        const int lead = dice(3) == 0 ? 6 : dice(6);
        const auto page = read(all, asked, lead);
        const auto news = someMessages(dice, dice(6), position);
        all.insert(all.end(), news.begin(), news.end());

        const auto completed = withNews(page, asked, news);
        CAPTURE(seed);
        if (completed) {
            CHECK(*completed == jsonOf(read(all, asked, 0), asked));
        } else {
            ++incomplete;
            CHECK(lead < asked.offset);
        }
    }
    CHECK(incomplete > 0);
}

TEST_CASE("a page without news is the page that was read") {
    Dice dice(1);
    std::int64_t position = 0;
    const auto all = someMessages(dice, 12, position);
    MessagePage asked;
    asked.limit = 3;
    asked.offset = 4;
    const auto page = read(all, asked, asked.offset);
    CHECK(withNews(page, asked, {}) == jsonOf(page, asked));
    CHECK(countOf({}, asked) == 0);
}
