#pragma once

#include <string>
#include <sys/types.h>

/// What /proc says of another process, for what people are told, never for a decision: it may end
/// at any moment, and its pid be given to another. Any thread.
namespace parley {

/// The beginning of a file of the process's folder in /proc ("comm": the name of its program,
/// "cmdline"), as printable ASCII on one line; empty where it cannot be read.
std::string processFile(pid_t pid, const char* file);

/// "pid 4711 (sqlite3)"; without the brackets where `name` is empty.
std::string processText(pid_t pid, const std::string& name);

}  // namespace parley
