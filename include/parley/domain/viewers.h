#pragma once

#include <parley/domain/visibility.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace parley {

/// Through whose eyes one client reads many conversations at once: as whom it joined each of them,
/// and how it reads all others. A value.
class Viewers {
public:
    using Entry = std::pair<ConversationKey, Viewer>;

    /// `entries`: may name a conversation more than once; what any of its viewers may see is read.
    /// `elsewhere`: reads every conversation; nothing: those without an entry are not read.
    Viewers(std::vector<Entry> entries, std::optional<Viewer> elsewhere)
        : entries_(std::move(entries)), elsewhere_(elsewhere) {
        std::sort(entries_.begin(), entries_.end(), Before{});
    }

    /// Whether one of them may see an event. `everyCustomer`: visibleToEveryCustomer of it.
    bool see(ConversationKey conversation, bool everyCustomer, UserKey author) const {
        if (elsewhere_ && visible(everyCustomer, author, *elsewhere_)) return true;
        const auto [first, last] =
            std::equal_range(entries_.begin(), entries_.end(), conversation, Before{});
        return std::any_of(first, last, [&](const Entry& entry) {
            return visible(everyCustomer, author, entry.second);
        });
    }

private:
    struct Before {
        bool operator()(const Entry& a, const Entry& b) const { return a.first < b.first; }
        bool operator()(const Entry& a, ConversationKey b) const { return a.first < b; }
        bool operator()(ConversationKey a, const Entry& b) const { return a < b.first; }
    };

    std::vector<Entry> entries_;
    std::optional<Viewer> elsewhere_;
};

}  // namespace parley
