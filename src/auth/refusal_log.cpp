#include "auth/refusal_log.h"

#include <parley/core/logging.h>

namespace parley::auth {

std::optional<std::string> RefusalLog::count(TokenFault fault, std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    ++untold_[static_cast<std::size_t>(fault)];
    if (next_ && now < *next_) return std::nullopt;
    next_ = now + kBetweenLines;
    std::string line;
    for (std::size_t i = 0; i < kTokenFaultCount; ++i) {
        if (untold_[i] == 0) continue;
        if (!line.empty()) line += ' ';
        line += std::string(tokenFaultName(static_cast<TokenFault>(i))) + '=' +
                std::to_string(untold_[i]);
    }
    untold_ = {};
    return line;
}

void RefusalLog::note(TokenFault fault, std::chrono::milliseconds now) {
    if (const auto line = count(fault, now)) logger().warn("tokens_refused {}", *line);
}

}  // namespace parley::auth
