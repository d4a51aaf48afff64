#include "gateway/history/history.h"

#include "gateway/history/json_page.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/try.h>
#include <parley/domain/refusals.h>

#include <algorithm>

namespace parley {
namespace {

// Puts a page together from its messages as they are read.
class PageMaker {
public:
    explicit PageMaker(int lead) : leadLeft_(lead) {}

    // False: the page is full.
    bool add(const Event& message) {
        json_.clear();
        wire::appendMessage(json_, message);
        if (leadLeft_ > 0) {
            --leadLeft_;
            keepLead();
            return true;
        }
        if (!page_.messages.add(json_)) return false;
        page_.newest = std::max(page_.newest, message.position);
        page_.oldest = page_.messages.size() == 1 ? message.position
                                                  : std::min(page_.oldest, message.position);
        return true;
    }
    HistoryPage finish(const PageRead& read, Position upTo) {
        page_.end = read.end;
        page_.upTo = upTo;
        page_.skipped += read.skipped;
        return std::move(page_);
    }

private:
    void keepLead() {
        ++page_.skipped;
        leadBytes_ += json_.size();
        page_.lead.push_back(json_);
        for (; leadBytes_ > kPageBytesMax; page_.lead.pop_front()) {
            leadBytes_ -= page_.lead.front().size();
        }
    }

    HistoryPage page_;
    int leadLeft_;
    std::size_t leadBytes_ = 0;
    std::string json_;
};

Result<HistoryPage> readPage(ReadContext& context, ConversationKey conversation,
                             const MessagePage& asked, const Viewer& viewer, int lead) {
    PARLEY_TRY_ASSIGN(const auto head, context.messages.head());
    MessagePage page = asked;
    lead = std::min(lead, asked.offset);
    page.offset -= lead;
    page.limit += lead;
    PageMaker maker(lead);
    PARLEY_TRY_ASSIGN(const auto read,
                      context.messages.read(conversation, page, viewer,
                                            [&](const Event& one) { return maker.add(one); }));
    return maker.finish(read, head);
}

}  // namespace

std::size_t HistoryPage::bytes() const {
    std::size_t sum = messages.bytes();
    for (const auto& one : lead) sum += one.size();
    return sum;
}

std::string jsonOf(const HistoryPage& page, const MessagePage& asked) {
    return asked.forward() ? page.messages.array() : page.messages.reversedArray();
}

ReadSize sizeOf(const MessagePage& asked) {
    return asked.offset + asked.limit > kSmallReadRowsMax ? ReadSize::large : ReadSize::small;
}

std::optional<Viewer> viewerIn(ConversationKey conversation, bool dashboard,
                               std::span<const Subscription> rooms, bool openMode) {
    const auto room = std::find_if(rooms.begin(), rooms.end(), [&](const auto& one) {
        return one.conversation == conversation;
    });
    if (room != rooms.end()) return room->viewer;
    if (!openMode) return std::nullopt;
    if (dashboard) return Viewer::of(UserKey{0}, UserRole::supervisor);
    return Viewer::unnamed(Viewer::Via::socket);
}

Result<ConversationKey> conversationKey(ReadContext& context, const ConversationId& id) {
    PARLEY_TRY_ASSIGN(const auto key, context.keys.find(id));
    if (!key) return conversationNotFound(id);
    return *key;
}

Result<HistoryPage> readHistory(ReadContext& context, const HistoryRequest& request,
                                const HistoryViewer& viewer, int lead) {
    const ReadSnapshot snapshot(*context.db);
    if (!snapshot.begun()) return snapshot.begun().error();
    if (viewer.principal) {
        PARLEY_TRY_ASSIGN(
            const auto access,
            readAccess(context, *viewer.principal, Action::readMessages, request.conversation));
        // A service reads as the user that it joined as.
        const auto joined = viewerIn(access.conversation, false, viewer.rooms, false);
        const bool acts = joined && isService(*viewer.principal);
        PARLEY_TRY_ASSIGN(auto page,
                          readPage(context, access.conversation, bounded(request.page, access.upTo),
                                   acts ? *joined : access.viewer, lead));
        page.live = joined.has_value();
        return page;
    }
    PARLEY_TRY_ASSIGN(const auto key, conversationKey(context, request.conversation));
    return readPage(context, key, request.page,
                    *viewerIn(key, viewer.dashboard, viewer.rooms, /*openMode=*/true), lead);
}

Result<HistoryPage> readHistory(ReadContext& context, const MessagePage& page,
                                const ReadAccess& access) {
    return readPage(context, access.conversation, bounded(page, access.upTo), access.viewer, 0);
}

}  // namespace parley
