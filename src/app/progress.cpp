#include "app/progress.h"

#include <string>

namespace parley::app {

std::function<void(Position folded, Position head)> auditProgress(std::int64_t eventsMin) {
    return [tenths = Tenths(eventsMin)](Position folded, Position head) mutable {
        tenths.tell(folded.value, head.value, [&](std::int64_t percent) {
            return "audit.db: " + std::to_string(percent) + " % of " + std::to_string(head.value) +
                   " events";
        });
    };
}

}  // namespace parley::app
