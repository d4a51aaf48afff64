#include "app/transcript/page.h"
#include "app/transcript/safe_text.h"

#include <parley/core/hex.h>

#include <string_view>

namespace parley::app::transcripts {
namespace {

// Each line of somebody's text stands between a first-strong isolate and its end: text from right
// to left then turns around nothing but itself.
constexpr std::string_view kIsolate = "\u2068";
constexpr std::string_view kIsolateEnd = "\u2069";
constexpr std::size_t kNameColumns = 14;

void appendIsolated(std::string& out, std::string_view text) {
    out += kIsolate;
    appendPlain(out, text);
    out += kIsolateEnd;
}

// `indent` before every line but the first.
void appendLines(std::string& out, std::string_view text, std::string_view indent) {
    for (bool first = true;; first = false) {
        const auto feed = text.find('\n');
        if (!first) out += indent;
        appendIsolated(out, text.substr(0, feed));
        out += '\n';
        if (feed == std::string_view::npos) return;
        text.remove_prefix(feed + 1);
    }
}

class TextPage final : public Page {
public:
    explicit TextPage(const TimeZone& zone) : zone_(zone) {}

    void begin(std::string& out, const Head& head) override {
        positions_ = head.positions;
        for (const auto& [name, value] : factsOf(head, zone_)) {
            std::string named = name + ":";
            named.resize(kNameColumns, ' ');
            out += named;
            appendLines(out, value, std::string(kNameColumns, ' '));
        }
    }

    void day(std::string& out, const std::string& date, const std::string& offset) override {
        out += "\n== " + date + " (UTC" + offset + ") ==\n";
    }

    void entry(std::string& out, const Entry& entry) override {
        out += "\n" + timeOfDay(zone_, entry.at) + "  ";
        appendIsolated(out, entry.written ? entry.author : entry.happened);
        if (entry.written) out += " (" + entry.role + ")";
        for (const auto& mark : entry.marks) out += " [" + mark + "]";
        out += '\n';
        if (positions_) {
            out += "          #" + std::to_string(entry.position.value) + " " + toHex(entry.hash) +
                   "\n";
        }
        if (entry.written) {
            out += "          ";
            appendLines(out, *entry.written, "          ");
        }
    }

    void end(std::string&) override {}

private:
    const TimeZone& zone_;
    bool positions_ = false;
};

}  // namespace

std::unique_ptr<Page> textPage(const TimeZone& zone) {
    return std::make_unique<TextPage>(zone);
}

}  // namespace parley::app::transcripts
