#include "engine/fatal.h"

#include <parley/core/logging.h>

#include <cstdlib>

namespace parley {

void endProcess(const EngineOptions& options, const std::string& why) {
    if (options.onFatal) options.onFatal(why);
    logger().critical("process_aborted message=\"{}\"", why);
    logger().flush();
    std::abort();
}

}  // namespace parley
