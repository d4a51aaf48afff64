#include "gateway/history/client_reads.h"

#include <utility>

namespace parley {

void ClientReads::add(Result<HistoryRequest> request, const SocketCall& call, bool dashboard,
                      const std::vector<Subscription>& rooms, const PrincipalPtr& principal) {
    if (!viewer_ || viewer_->dashboard != dashboard || viewer_->rooms != rooms ||
        viewer_->principal != principal) {
        viewer_ = std::make_shared<const HistoryViewer>(HistoryViewer{dashboard, rooms, principal});
    }
    waiting_.push_back({std::move(request), call, viewer_});
    count(+1);
}

ClientRead ClientReads::takeNext() {
    ClientRead next = std::move(waiting_.front());
    waiting_.pop_front();
    count(-1);
    return next;
}

void ClientReads::begun(const ClientRead& read) {
    ++running_;
    if (read.ordered()) orderedRuns_ = true;
}

void ClientReads::ended(const ClientRead& read) {
    --running_;
    if (read.ordered()) orderedRuns_ = false;
}

void ClientReads::forgetRoom(ConversationKey room) {
    std::shared_ptr<const HistoryViewer> before;
    std::shared_ptr<const HistoryViewer> after;
    for (auto& read : waiting_) {
        if (read.viewer != before) {  // those asked in a row share one
            HistoryViewer viewer = *read.viewer;
            std::erase_if(viewer.rooms, [&](const auto& one) { return one.conversation == room; });
            before = read.viewer;
            after = std::make_shared<const HistoryViewer>(std::move(viewer));
        }
        read.viewer = after;
    }
}

}  // namespace parley
