#include <parley/domain/viewers.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

constexpr UserKey kAnna{1};
constexpr UserKey kBert{2};
const auto kAgent = Viewer::of(kBert, UserRole::agent);

}  // namespace

TEST_CASE("of many conversations a client sees what it may see in each") {
    const Viewers viewers({{{7}, Viewer::of(kAnna, UserRole::customer)}, {{3}, kAgent}}, {});
    CHECK(viewers.see({3}, false, kAnna));
    CHECK(viewers.see({7}, true, kBert));
    CHECK(viewers.see({7}, false, kAnna));  // what she wrote
    CHECK_FALSE(viewers.see({7}, false, kBert));
    CHECK_FALSE(viewers.see({5}, true, kAnna));  // a conversation it does not read
}

TEST_CASE("a client that joined a conversation twice sees what either viewer may see") {
    const Viewers viewers({{{7}, kAgent}, {{7}, Viewer()}, {{8}, Viewer()}}, {});
    CHECK(viewers.see({7}, false, kAnna));
    CHECK_FALSE(viewers.see({8}, false, kAnna));
}

TEST_CASE("a client that watches the dashboard sees every other conversation too") {
    const Viewers viewers({{{7}, Viewer()}}, kAgent);
    CHECK(viewers.see({5}, false, kAnna));
    CHECK(viewers.see({7}, false, kAnna));
    CHECK_FALSE(Viewers({}, Viewer()).see({5}, false, kAnna));
}
