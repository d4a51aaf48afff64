#include "app/transcript/page.h"
#include "app/transcript/safe_text.h"

#include <parley/core/hex.h>

#include <algorithm>
#include <string_view>

namespace parley::app::transcripts {
namespace {

// Nothing is loaded, and nothing runs.
constexpr std::string_view kBegin = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
)";
constexpr std::string_view kStyle = R"(<style>
body { font: 11pt/1.45 "Noto Sans", system-ui, "Noto Sans CJK SC", "Noto Sans Arabic", sans-serif;
  max-width: 46em; margin: 2em auto; padding: 0 1em; color: #111; background: #fff }
h1 { font-size: 1.3em }
h2 { font-size: 1em; margin: 1.6em 0 .4em; border-bottom: 1px solid #999; break-after: avoid }
table { border-collapse: collapse; font-size: .9em; margin-bottom: 1em }
th { text-align: start; vertical-align: top; padding-inline-end: 1em; font-weight: 600 }
td { overflow-wrap: anywhere }
.entry { margin: .5em 0; break-inside: avoid }
.entry header { font-size: .85em; color: #444 }
.author { font-weight: 600; color: #111 }
.mark { border: 1px solid #999; border-radius: .3em; padding: 0 .3em }
.written { white-space: pre-wrap; overflow-wrap: anywhere }
.hidden .written { border-inline-start: 3px double #999; padding-inline-start: .6em }
.chain { font: .7em/1.3 monospace; color: #666; overflow-wrap: anywhere }
@media print { @page { margin: 18mm } body { max-width: none; margin: 0; padding: 0; font-size: 10pt } }
</style>
)";

class HtmlPage final : public Page {
public:
    explicit HtmlPage(const TimeZone& zone) : zone_(zone) {}

    void begin(std::string& out, const Head& head) override {
        positions_ = head.positions;
        out += kBegin;
        out += "<title>Transcript of ";
        appendHtml(out, head.conversation);
        out += "</title>\n";
        out += kStyle;
        out += "</head>\n<body>\n<h1>Transcript of <bdi>";
        appendHtml(out, head.title.empty() ? head.conversation : head.title);
        out += "</bdi></h1>\n<table>\n";
        for (const auto& [name, value] : factsOf(head, zone_)) {
            out += "<tr><th scope=\"row\">" + name + "</th><td dir=\"auto\">";
            appendHtml(out, value);
            out += "</td></tr>\n";
        }
        out += "</table>\n";
    }

    void day(std::string& out, const std::string& date, const std::string& offset) override {
        out += "<h2>" + date + " (UTC" + offset + ")</h2>\n";
    }

    void entry(std::string& out, const Entry& entry) override {
        const bool hidden = std::find(entry.marks.begin(), entry.marks.end(),
                                      "not shown to customers") != entry.marks.end();
        out += hidden ? "<article class=\"entry hidden\">\n<header>"
                      : "<article class=\"entry\">\n<header>";
        out += "<time datetime=\"" + zone_.iso(entry.at) + "\">" + timeOfDay(zone_, entry.at) +
               "</time> ";
        if (entry.written) {
            out += "<bdi class=\"author\">";
            appendHtml(out, entry.author);
            out += "</bdi> " + entry.role;
        } else {
            out += "<bdi class=\"happened\">";
            appendHtml(out, entry.happened);
            out += "</bdi>";
        }
        for (const auto& mark : entry.marks) out += " <span class=\"mark\">" + mark + "</span>";
        out += "</header>\n";
        if (entry.written) {
            out += "<div class=\"written\" dir=\"auto\">";
            appendHtml(out, *entry.written);
            out += "</div>\n";
        }
        if (positions_) {
            out += "<div class=\"chain\">" + std::to_string(entry.position.value) + " " +
                   toHex(entry.hash) + "</div>\n";
        }
        out += "</article>\n";
    }

    void end(std::string& out) override { out += "</body>\n</html>\n"; }

private:
    const TimeZone& zone_;
    bool positions_ = false;
};

}  // namespace

std::unique_ptr<Page> htmlPage(const TimeZone& zone) {
    return std::make_unique<HtmlPage>(zone);
}

}  // namespace parley::app::transcripts
