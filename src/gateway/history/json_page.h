#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// Bytes of a page's JSON array, at most, unless its one value is larger by itself. Otherwise a
/// page of many large messages would take its client long, and fill what may wait for it.
inline constexpr std::size_t kPageBytesMax = 1024 * 1024;

/// Puts a page together: a JSON array of at most kPageBytesMax bytes, or of one value. One thread.
class JsonPage {
public:
    /// Appends a value. False: there is no room for it.
    bool add(std::string_view value) {
        if (!ends_.empty() && text_.size() + ends_.size() + value.size() + 2 > kPageBytesMax) {
            return false;
        }
        text_ += value;
        ends_.push_back(text_.size());
        return true;
    }
    std::size_t size() const { return ends_.size(); }
    std::size_t bytes() const { return text_.size(); }
    /// The array in the order of the calls to `add`.
    std::string array() const {
        std::string out = opened();
        for (std::size_t i = 0; i < size(); ++i) append(out, i);
        return out += ']';
    }
    /// The array in the opposite order.
    std::string reversedArray() const {
        std::string out = opened();
        for (std::size_t i = size(); i-- > 0;) append(out, i);
        return out += ']';
    }
    std::string_view value(std::size_t i) const {
        const std::size_t from = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(text_).substr(from, ends_[i] - from);
    }

private:
    std::string opened() const {
        std::string out;
        out.reserve(text_.size() + size() + 2);
        return out += '[';
    }
    void append(std::string& out, std::size_t i) const {
        if (out.size() > 1) out += ',';
        out += value(i);
    }

    std::string text_;  // the values, without anything between them
    std::vector<std::size_t> ends_;
};

}  // namespace parley
