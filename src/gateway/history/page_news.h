#pragma once

#include "gateway/history/history.h"

#include <parley/gateway/history/history_tails.h>
#include <parley/log/read/message_page.h>

#include <optional>
#include <span>
#include <string>

namespace parley {

/// The JSON of `page` with what was said after it was read: `news` are the messages after
/// `page.upTo` that its viewer may see, oldest first. Nothing where the result would need messages
/// that were not read, among those that `offset` skipped. Pure.
std::optional<std::string> withNews(const HistoryPage& page, const MessagePage& asked,
                                    std::span<const HistoryTails::News> news);

/// How many of `news` are within what was asked for. Pure.
std::size_t countOf(std::span<const HistoryTails::News> news, const MessagePage& asked);

}  // namespace parley
