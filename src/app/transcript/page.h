#pragma once

#include "app/transcript/entry.h"

#include <parley/core/time_zone.h>

#include <memory>
#include <string>

namespace parley::app::transcripts {

/// A transcript in one of its formats, written piece by piece. Each method appends to `out`. One
/// thread.
class Page {
public:
    virtual ~Page() = default;
    virtual void begin(std::string& out, const Head& head) = 0;
    /// A new day, or a change of the clocks on it: what follows has this date and offset.
    virtual void day(std::string& out, const std::string& date, const std::string& offset) = 0;
    virtual void entry(std::string& out, const Entry& entry) = 0;
    virtual void end(std::string& out) = 0;
};

/// Both keep a reference to `zone`, by which times are shown.
std::unique_ptr<Page> htmlPage(const TimeZone& zone);
std::unique_ptr<Page> textPage(const TimeZone& zone);

/// "14:03:07", by the zone's clocks.
std::string timeOfDay(const TimeZone& zone, UnixMillis at);

/// The lines of a head: a name and what it says. The same for all formats.
std::vector<std::pair<std::string, std::string>> factsOf(const Head& head, const TimeZone& zone);

}  // namespace parley::app::transcripts
