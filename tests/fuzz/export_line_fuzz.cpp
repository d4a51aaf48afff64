#include "app/export/line_reader.h"
#include "app/export/lines.h"
#include "app/transcript/safe_text.h"
#include "fuzz/fuzz.h"

#include <parley/core/utf8.h>

#include <string>

using namespace parley;
using namespace parley::app;

// An event's line of an export, and its content as a transcript shows it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    if (isUtf8(line)) {
        std::string html;
        transcripts::appendHtml(html, line);
        fuzz::require(html.find_first_of("<>\"'") == std::string::npos, "a text is no tag");
        std::string plain;
        transcripts::appendPlain(plain, line);
        fuzz::require(isUtf8(plain) && plain.find('\x1b') == std::string::npos,
                      "a text stays one, and does nothing to a terminal");
    }
    const auto stored = exports::readEvent(line);
    if (!stored) return 0;
    std::string again;
    exports::append(again, *stored);
    fuzz::require(again == std::string(line) + "\n", "a line that is read is written as the same");
    fuzz::require(stored->event.version >= 1 && !stored->event.conversation.str().empty() &&
                      stored->event.conversationKey.value == 0,
                  "an event that was read has an id, a version and no number");
    return 0;
}
