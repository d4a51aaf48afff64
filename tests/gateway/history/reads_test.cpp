#include "gateway/history/reads.h"

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE("reads that wait when their client is removed are carried out without what it was") {
    const auto agent = Viewer::of(UserKey{7}, UserRole::agent);
    const auto viewer = std::make_shared<const HistoryViewer>(
        HistoryViewer{false, {{ConversationKey{1}, agent}, {ConversationKey{2}, agent}}});
    const auto later =
        std::make_shared<const HistoryViewer>(HistoryViewer{true, {{ConversationKey{1}, agent}}});
    Reads reads;
    for (const auto& one : {viewer, viewer, later}) {
        const HistoryRequest request{ConversationId::fromStored("c"), {}};
        reads.waiting.push_back({request, {1, WireRequest::getMessages, 7}, one});
    }
    forgetRoom(reads, {1});
    const auto sees = [&](std::size_t i, std::int64_t conversation) {
        const auto& one = *reads.waiting[i].viewer;
        return viewerIn({conversation}, one.dashboard, one.rooms);
    };
    const auto stranger = Viewer::unnamed(Viewer::Via::socket);
    CHECK(sees(0, 1) == stranger);
    CHECK(sees(1, 1) == stranger);
    CHECK(sees(2, 1) == Viewer::of(UserKey{0}, UserRole::supervisor));  // it watches the dashboard
    CHECK(sees(0, 2) == agent);
    CHECK(reads.waiting[0].viewer == reads.waiting[1].viewer);
    CHECK(viewer->rooms.size() == 2);
}
