#include <parley/core/log_counts.h>
#include <parley/core/log_json.h>
#include <parley/core/logging.h>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <atomic>

namespace parley {
namespace {

std::array<std::atomic<std::uint64_t>, spdlog::level::n_levels> written{};

/// Standard error, and a count of what went there.
class CountingSink final : public spdlog::sinks::stderr_sink_mt {
public:
    void log(const spdlog::details::log_msg& message) override {
        written[static_cast<std::size_t>(message.level)].fetch_add(1, std::memory_order_relaxed);
        spdlog::sinks::stderr_sink_mt::log(message);
    }
};

/// `time level event_name key=value ...`
class TextFormatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& dest) override {
        const std::string_view said(message.payload.data(), message.payload.size());
        if (said.find_first_of("\"\\") == std::string_view::npos)
            return pattern_.format(message, dest);
        const std::string line = escapedLogLine(said);
        auto escaped = message;
        escaped.payload = line;
        pattern_.format(escaped, dest);
    }
    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<TextFormatter>();
    }

private:
    spdlog::pattern_formatter pattern_{"%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                                       spdlog::pattern_time_type::utc};
};

std::uint64_t countOf(spdlog::level::level_enum level) {
    return written[static_cast<std::size_t>(level)].load(std::memory_order_relaxed);
}

}  // namespace

void setUpLogging(const std::string& level) {
    auto created = std::make_shared<spdlog::logger>("parley", std::make_shared<CountingSink>());
    created->set_formatter(std::make_unique<TextFormatter>());
    created->set_level(spdlog::level::from_str(level));
    created->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(created));
}

LogCounts logCounts() {
    using namespace spdlog::level;
    return {.info = countOf(trace) + countOf(debug) + countOf(info),
            .warn = countOf(warn),
            .error = countOf(err) + countOf(critical)};
}

}  // namespace parley
