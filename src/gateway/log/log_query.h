#pragma once

#include <parley/core/result.h>
#include <parley/engine/reader_pool.h>
#include <parley/gateway/calls/request_parser.h>
#include <parley/log/read/log_pages.h>

#include <memory>
#include <optional>
#include <string>

/// Reads of the log as it is stored, for REST and sockets alike. On a reader's thread.
namespace parley {

/// The query in the database's keys. Nothing: the log knows no such conversation or user, so that
/// no event is of it yet.
Result<std::optional<LogFilter>> filterOf(ReadContext& context, const LogQuery& query);

/// A reader of pages on the context's connection. REQUIRES: the context outlives it.
Result<std::unique_ptr<LogPages>> pagesOf(ReadContext& context);

/// An event as a line of an export has it, and whether it was emptied.
std::string eventJson(const StoredEvent& stored);

}  // namespace parley
