#pragma once

#include "app/demo/chat_client.h"
#include "app/demo/script.h"

#include <parley/app/demo.h>
#include <parley/core/result.h>

namespace parley::app::sample {

/// Plays the script's conversations without end, some at a time, each under an id of its own, until
/// DemoOptions::stopped. Blocks. Refuses only where there is no server to begin with.
Result<DemoReport> playLive(const DemoOptions& options, const Script& script,
                            const ServerAddress& server);

}  // namespace parley::app::sample
