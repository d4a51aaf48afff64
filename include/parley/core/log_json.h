#pragma once

#include <string>
#include <string_view>

namespace parley {

/// A line of the log, `event_name key=value key="some words" ...`, as the members of a JSON object:
/// "event":"event_name","fields":{"key":"value",...}. What does not have this form follows as
/// "text". Values are texts. Any thread.
std::string logFieldsJson(std::string_view line);

/// The same line with what a reader of `key="some words"` must not take for their end escaped: a
/// quote within the words is \", a backslash \\. What has no form of a field stays. Any thread.
std::string escapedLogLine(std::string_view line);

/// From now on the process's logger writes one JSON object a line: {"time","level","event",
/// "fields","text"}. After setUpLogging.
void logAsJson();

}  // namespace parley
