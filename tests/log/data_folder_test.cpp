#include "support/temp_folder.h"

#include <parley/log/data_folder.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace parley;

TEST_CASE("whether a data folder is owned can be seen from outside, for as long as it is") {
    TempFolder folder;
    CHECK_FALSE(DataFolder::isOwned(folder.path()).value());
    {
        const auto owner = DataFolder::own(folder.path());
        REQUIRE(owner.ok());
        CHECK(DataFolder::isOwned(folder.path()).value());
        CHECK(DataFolder::isOwned(folder.path()).value());
        CHECK(DataFolder::own(folder.path()).error().code == ErrorCode::storage_owned);
    }
    CHECK_FALSE(DataFolder::isOwned(folder.path()).value());
}

TEST_CASE("looking whether a folder is owned costs nobody the folder") {
    TempFolder folder;
    REQUIRE(DataFolder::own(folder.path()).ok());
    std::atomic<bool> stop{false};
    std::thread looks([&] {
        while (!stop) static_cast<void>(DataFolder::isOwned(folder.path()));
    });
    int owned = 0;
    for (int i = 0; i < 200; ++i) owned += DataFolder::own(folder.path()).ok() ? 1 : 0;
    stop = true;
    looks.join();
    CHECK(owned == 200);
}
