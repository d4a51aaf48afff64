#pragma once

#include "gateway/history/history.h"

#include <parley/gateway/history/history_tails.h>
#include <parley/log/read/message_page.h>

#include <optional>
#include <span>
#include <string>

namespace parley {

/// A page that was `asked` for and read, as it is once `news` has been said too: what its reader
/// may see of what came after `page.upTo`, oldest first. Nothing where that takes messages which
/// were not read: those that `offset` skipped. Pure.
std::optional<std::string> withNews(const HistoryPage& page, const MessagePage& asked,
                                    std::span<const HistoryTails::News> news);

/// How many of `news` belong to what was asked for.
std::size_t countOf(std::span<const HistoryTails::News> news, const MessagePage& asked);

}  // namespace parley
