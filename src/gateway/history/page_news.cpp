#include "gateway/history/page_news.h"

#include <algorithm>

namespace parley {
namespace {

bool isAskedFor(const HistoryTails::News& news, const MessagePage& asked) {
    return (!asked.before || news.position < *asked.before) &&
           (!asked.after || news.position > *asked.after);
}

// Puts the page together once more, from its beginning.
class Page {
public:
    explicit Page(const MessagePage& asked) : skip_(asked.offset), limit_(asked.limit) {}

    bool full() const { return full_ || messages_.size() == limit_; }
    /// Skips as many as are left to skip, or all there are.
    void skip(std::int64_t count) { skip_ -= std::min(skip_, count); }
    std::int64_t left() const { return skip_; }
    void add(std::string_view message) {
        if (full()) return;
        if (skip_ > 0) {
            --skip_;
        } else {
            full_ = !messages_.add(message);
        }
    }
    const JsonPage& messages() const { return messages_; }

private:
    std::int64_t skip_;
    std::size_t limit_;
    bool full_ = false;
    JsonPage messages_;
};

std::string forward(const HistoryPage& page, const MessagePage& asked,
                    std::span<const HistoryTails::News> news) {
    Page out(asked);
    out.skip(page.skipped);
    for (std::size_t i = 0; i < page.messages.size(); ++i) out.add(page.messages.value(i));
    // A page that was full has no room for news.
    if (page.end == PageEnd::reached) {
        for (const auto& one : news) {
            if (isAskedFor(one, asked)) out.add(one.json);
        }
    }
    return out.messages().array();
}

// From the newest back: the news, the messages that were skipped, the page as it was read.
std::optional<std::string> backward(const HistoryPage& page, const MessagePage& asked,
                                    std::span<const HistoryTails::News> news) {
    Page out(asked);
    for (auto one = news.rbegin(); one != news.rend(); ++one) {
        if (isAskedFor(*one, asked)) out.add(one->json);
    }
    const auto unread = page.skipped - static_cast<std::int64_t>(page.lead.size());
    if (!out.full() && out.left() < unread) return std::nullopt;
    out.skip(unread);
    for (const auto& one : page.lead) out.add(one);
    for (std::size_t i = 0; i < page.messages.size(); ++i) out.add(page.messages.value(i));
    return out.messages().reversedArray();
}

}  // namespace

std::optional<std::string> withNews(const HistoryPage& page, const MessagePage& asked,
                                    std::span<const HistoryTails::News> news) {
    return asked.forward() ? forward(page, asked, news) : backward(page, asked, news);
}

std::size_t countOf(std::span<const HistoryTails::News> news, const MessagePage& asked) {
    return static_cast<std::size_t>(std::count_if(
        news.begin(), news.end(), [&](const auto& one) { return isAskedFor(one, asked); }));
}

}  // namespace parley
