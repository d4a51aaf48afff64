#pragma once

#include <string>

/// References that are generated for an installed program, from the tables of commands and
/// settings. Any thread.
namespace parley::app::manual {

/// parley(1), in mdoc(7).
std::string programPage();
/// parley.conf(5), likewise.
std::string settingsPage();
/// The completion of bash: commands, options, settings, and those values of which there are few.
std::string bashCompletion();

}  // namespace parley::app::manual
