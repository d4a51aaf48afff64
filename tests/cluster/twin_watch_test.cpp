#include "cluster/twin_watch.h"

#include "cluster/membership.h"

#include <catch2/catch.hpp>

using namespace parley;
using std::chrono::milliseconds;

namespace {

NodeMark markOf(const std::string& name, RunId run) {
    NodeMark mark;
    mark.name = name;
    mark.number = run.node;
    mark.run = run.run;
    return mark;
}

/// What `watch` says after hearing the mark four times a second, from `from` to `to`.
std::string after(TwinWatch& watch, const NodeMark& mark, int from, int to) {
    for (int at = from; at <= to; at += 250) watch.heard(mark, milliseconds(at));
    return watch.reason();
}

constexpr int kHour = 3'600'000;

}  // namespace

TEST_CASE("a process that starts with another node's number gives way at once") {
    TwinWatch started("c", {2, 7});
    started.begin(milliseconds(kHour));
    CHECK_FALSE(started.hasListened(milliseconds(kHour + 600)));
    CHECK(started.hasListened(milliseconds(kHour + 700)));
    CHECK(after(started, markOf("a", {1, 7}), kHour, kHour + 5000).empty());
    CHECK_FALSE(after(started, markOf("b", {2, 5}), kHour + 100, kHour + 600).empty());
    TwinWatch other("b", {2, 5});  // started some seconds before, and goes on
    other.begin(milliseconds(kHour - 2000));
    CHECK(after(other, markOf("c", {2, 7}), kHour + 300, kHour + 3000).empty());
}

TEST_CASE("late marks of the process before are none of a twin, and those of a living one are") {
    TwinWatch watch("b", {2, 7});
    watch.begin(milliseconds(kHour));
    CHECK(after(watch, markOf("b", {2, 6}), kHour + 10, kHour + 2000).empty());
    CHECK_FALSE(after(watch, markOf("b", {2, 6}), kHour + 2250, kHour + 4000).empty());
}

TEST_CASE("of two of one name and run that start together both give way") {
    TwinWatch one("b", {2, 7});
    TwinWatch other("b", {2, 7});
    one.begin(milliseconds(kHour));
    other.begin(milliseconds(kHour + 250));
    // Each is silent until it has listened.
    CHECK_FALSE(after(one, markOf("b", {2, 7}), kHour + 950, kHour + 5000).empty());
    CHECK_FALSE(after(other, markOf("b", {2, 7}), kHour + 700, kHour + 5000).empty());
}

TEST_CASE("a process that hears what may be a twin is silent until it knows") {
    TwinWatch watch("b", {2, 7});
    watch.begin(milliseconds(kHour));
    CHECK(after(watch, markOf("b", {2, 6}), kHour + 500, kHour + 1500).empty());
    CHECK_FALSE(watch.hasListened(milliseconds(kHour + 2000)));
    CHECK(watch.hasListened(milliseconds(kHour + 2250)));  // those were late ones
    CHECK(after(watch, markOf("b", {2, 8}), 2 * kHour, 2 * kHour + 5000).empty());
    CHECK(watch.hasListened(milliseconds(2 * kHour + 5000)));  // that one gives way
}

TEST_CASE("of two that have run for long the one with the greater name gives way") {
    TwinWatch less("b", {2, 7});
    TwinWatch greater("c", {2, 9});
    less.begin(milliseconds(1));
    greater.begin(milliseconds(1));
    CHECK(after(greater, markOf("b", {2, 7}), kHour, kHour + 10'000).empty());
    CHECK_FALSE(after(greater, markOf("b", {2, 7}), kHour + 10'250, kHour + 20'000).empty());
    CHECK(after(less, markOf("c", {2, 9}), kHour, kHour + 20'000).empty());
}

TEST_CASE("of nodes with other lists of voters, those are wrong that are not more than half") {
    const std::vector<std::string> right{"a", "b", "c"};
    const std::vector<std::string> wrong{"a", "x"};
    const auto differs = [](const std::vector<std::string>& own,
                            const std::vector<std::vector<std::string>>& others) {
        Membership membership({"own", own});
        RunId run{1, 1};
        for (const auto& voters : others) {
            ++run.node;
            auto mark = markOf("node" + std::to_string(run.node), run);
            mark.voters = Membership::hashOf(voters);
            membership.heard(mark, milliseconds(0));
        }
        return membership.votersDiffer(milliseconds(100));
    };
    CHECK_FALSE(differs(right, {}));
    CHECK_FALSE(differs(right, {right, wrong}));
    CHECK(differs(wrong, {right, right}));
    CHECK(differs(right, {wrong}));
}
