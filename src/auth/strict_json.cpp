#include "auth/strict_json.h"

#include <set>
#include <string>
#include <vector>

namespace parley::auth {
namespace {

constexpr std::size_t kNamesMax = 256;

/// Follows the parser and notices what it would let through.
class Strictness {
public:
    explicit Strictness(int depthMax) : depthMax_(static_cast<std::size_t>(depthMax)) {}

    /// Once false: the text is refused, and the parser skips the rest of it.
    bool allows(Json::parse_event_t event, const Json& parsed) {
        using enum nlohmann::detail::parse_event_t;
        if (!good_) return false;
        if (event == object_start || event == array_start) {
            open_.emplace_back();
            good_ = open_.size() <= depthMax_;
        } else if (event == object_end || event == array_end) {
            open_.pop_back();
        } else if (event == key) {
            auto& names = open_.back();
            good_ = names.insert(parsed.get<std::string>()).second && names.size() <= kNamesMax;
        }
        return good_;
    }
    bool good() const { return good_; }

private:
    std::size_t depthMax_;
    std::vector<std::set<std::string>> open_;  // the names of each open object
    bool good_ = true;
};

}  // namespace

std::optional<Json> parseStrictObject(std::string_view text, int depthMax) {
    Strictness strictness(depthMax);
    const auto follow = [&](int, Json::parse_event_t event, Json& parsed) {
        return strictness.allows(event, parsed);
    };
    Json value = Json::parse(text.begin(), text.end(), follow, /*allow_exceptions=*/false);
    if (!strictness.good() || !value.is_object()) return std::nullopt;
    return value;
}

}  // namespace parley::auth
