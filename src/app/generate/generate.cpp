#include "app/generate/generate.h"

#include <parley/core/check.h>
#include <parley/core/try.h>

namespace parley::app::generate {

Result<NewDatabase::Report> generate(const DataFolder& folder, const Wanted& wanted,
                                     const Play::Progress& progress,
                                     std::size_t transactionEvents) {
    // Neither the machine's clock nor its chance: the same for a seed.
    const ManualClock clock({wanted.end.value - wanted.days * 86'400'000LL});
    SeededRandom salts(wanted.seed);
    SeededRandom ids(~wanted.seed);
    PARLEY_TRY_ASSIGN(const auto database,
                      NewDatabase::make(folder, clock, salts, transactionEvents));
    Plan plan(wanted);
    PARLEY_TRY(Play(*database, ids).play(plan, progress));
    PARLEY_CHECK(database->head().position.value == wanted.events);
    return database->finish();
}

}  // namespace parley::app::generate
