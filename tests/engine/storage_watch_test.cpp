#include "support/temp_folder.h"

#include <parley/core/limits.h>
#include <parley/engine/storage_watch.h>

#include <catch2/catch.hpp>

#include <fstream>

using namespace parley;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

void resize(const std::filesystem::path& file, std::size_t bytes) {
    std::ofstream(file, std::ios::app).flush();
    std::filesystem::resize_file(file, bytes);
}

}  // namespace

TEST_CASE("growth a day is measured over the samples of the last day, or as many as there are") {
    GrowthMeter meter;
    CHECK(meter.bytesPerDay() == 0);
    meter.add(minutes(0), 1000);
    meter.add(std::chrono::seconds(30), 5000);
    CHECK(meter.bytesPerDay() == 0);  // too early to say
    meter.add(minutes(60), 2000);
    CHECK(meter.bytesPerDay() == 24'000);
    for (int hour = 2; hour <= 72; ++hour) meter.add(hours(hour), 2000 + (hour - 1) * 10);
    CHECK(meter.bytesPerDay() == 240);  // the first day no longer counts
    meter.add(hours(73), 0);
    CHECK(meter.bytesPerDay() < 0);
}

TEST_CASE("a WAL that is too large is counted once, and again if it stays so") {
    TempFolder folder;
    ManualClock clock;
    StorageWatch watch(folder / "parley.db", clock);
    resize(folder / "parley.db", 4096);
    resize(folder / "parley.db-wal", limits::kWalBytesWarn);
    watch.look();
    CHECK(watch.counters().databaseBytes == 4096);
    CHECK(watch.counters().walBytes == static_cast<std::int64_t>(limits::kWalBytesWarn));
    CHECK(watch.counters().walWarnings == 0);
    resize(folder / "parley.db-wal", limits::kWalBytesWarn + 1);
    watch.look();
    watch.look();
    CHECK(watch.counters().walWarnings == 1);
    clock.advance(minutes(1));
    watch.look();
    CHECK(watch.counters().walWarnings == 2);
    resize(folder / "parley.db-wal", 0);
    watch.look();
    resize(folder / "parley.db-wal", limits::kWalBytesWarn + 1);
    watch.look();
    CHECK(watch.counters().walWarnings == 3);
}
