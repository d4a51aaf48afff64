#pragma once

#include <parley/core/json.h>
#include <parley/projection/view_reader.h>

#include <optional>
#include <string>

namespace parley {

/// Sets title and description of `row` from the content of the event that started it.
inline void setStartTexts(ConversationRow& row, const std::optional<std::string>& content) {
    const auto text = content ? parseJson(*content) : std::nullopt;
    if (!text) return;
    if (text->contains("title")) row.title = text->at("title").get<std::string>();
    if (text->contains("description")) {
        row.description = text->at("description").get<std::string>();
    }
}

}  // namespace parley
