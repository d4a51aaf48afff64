#include <parley/core/warnings.h>

#include <utility>

namespace parley {

void Warnings::raise(std::string_view name, std::string text) {
    std::lock_guard lock(mutex_);
    texts_.insert_or_assign(std::string(name), std::move(text));
}

void Warnings::clear(std::string_view name) {
    std::lock_guard lock(mutex_);
    const auto raised = texts_.find(name);
    if (raised != texts_.end()) texts_.erase(raised);
}

std::vector<Warnings::Line> Warnings::lines() const {
    std::lock_guard lock(mutex_);
    std::vector<Line> lines;
    lines.reserve(texts_.size());
    for (const auto& [name, text] : texts_) lines.push_back({name, text});
    return lines;
}

}  // namespace parley
