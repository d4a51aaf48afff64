#include <parley/core/logging.h>

#include <spdlog/sinks/stdout_sinks.h>

namespace parley {

void setUpLogging(const std::string& level) {
    auto created = std::make_shared<spdlog::logger>(
        "parley", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    created->set_level(spdlog::level::from_str(level));
    created->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(created));
}

}  // namespace parley
