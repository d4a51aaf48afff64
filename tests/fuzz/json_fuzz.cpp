#include "fuzz/fuzz.h"

#include <parley/core/json.h>
#include <parley/core/utf8.h>

#include <string>

using namespace parley;

// Parsed values can be written and read back equal; limits hold; strings survive.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const JsonLimits limits{8, 16};
    if (const auto value = parseJson(text, limits)) {
        const std::string written = value->dump();
        const auto again = parseJson(written, limits);
        fuzz::require(again.has_value(), "what was read and written can be read");
        fuzz::require(again->dump() == written, "writing twice gives the same text");
        fuzz::require(isUtf8(written), "JSON text is UTF-8");
        fuzz::require(parseJson(text).has_value(), "what narrow limits allow wider ones do");
    }
    if (isUtf8(text)) {
        std::string quoted;
        appendJsonString(quoted, text);
        const auto read = parseJson(quoted);
        fuzz::require(read && read->is_string() && read->get<std::string>() == text,
                      "a string that was written is read unchanged");
    }
    return 0;
}
