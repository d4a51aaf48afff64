#include "gateway/history/client_reads.h"

#include <catch2/catch.hpp>

using namespace parley;

namespace {

const Viewer kAgent = Viewer::of(UserKey{7}, UserRole::agent);
const Viewer kStranger = Viewer::unnamed(Viewer::Via::socket);

HistoryRequest request() {
    return {ConversationId::fromStored("c"), {}};
}

SocketCall call(std::optional<std::uint64_t> ackId) {
    return {ConnectionId{1}, WireRequest::getMessages, ackId};
}

}  // namespace

TEST_CASE("reads that wait when their client is removed are carried out without its old role") {
    std::atomic<std::int64_t> waitingOfAll{0};
    ClientReads reads(1, waitingOfAll);
    const std::vector<Subscription> both{{ConversationKey{1}, kAgent},
                                         {ConversationKey{2}, kAgent}};
    const std::vector<Subscription> first{{ConversationKey{1}, kAgent}};
    reads.add(request(), call(7), false, both);
    const auto before = reads.waiting()[0].viewer;
    reads.add(request(), call(7), false, both);
    reads.add(request(), call(7), true, first);
    reads.forgetRoom({1});
    const auto sees = [&](std::size_t i, std::int64_t conversation) {
        const auto& one = *reads.waiting()[i].viewer;
        return viewerIn({conversation}, one.dashboard, one.rooms, /*openMode=*/true);
    };
    CHECK(sees(0, 1) == kStranger);
    CHECK(sees(1, 1) == kStranger);
    CHECK(sees(2, 1) == Viewer::of(UserKey{0}, UserRole::supervisor));  // it watches the dashboard
    CHECK(sees(0, 2) == kAgent);
    CHECK(reads.waiting()[0].viewer == reads.waiting()[1].viewer);
    CHECK(before->rooms.size() == 2);
}

TEST_CASE("a client's waiting reads are counted among those of all until they begin or end") {
    std::atomic<std::int64_t> waitingOfAll{10};
    {
        ClientReads reads(1, waitingOfAll);
        for (int i = 0; i < 3; ++i) reads.add(request(), call(7), false, {});
        CHECK(waitingOfAll == 13);
        const auto read = reads.takeNext();
        CHECK(waitingOfAll == 12);
        reads.begun(read);
        CHECK_FALSE(reads.idle());
    }
    CHECK(waitingOfAll == 10);
}

TEST_CASE("of a client's reads without ack one runs at a time, and none while it takes nothing") {
    std::atomic<std::int64_t> waitingOfAll{0};
    ClientReads reads(1, waitingOfAll);
    reads.add(request(), call(std::nullopt), false, {});
    const auto ordered = reads.takeNext();
    reads.begun(ordered);
    CHECK_FALSE(reads.mayBegin(/*ordered=*/true));
    CHECK(reads.mayBegin(/*ordered=*/false));
    reads.pause(true);
    CHECK_FALSE(reads.mayBegin(/*ordered=*/false));
    reads.pause(false);
    reads.ended(ordered);
    CHECK(reads.mayBegin(/*ordered=*/true));
    CHECK(reads.idle());
}
