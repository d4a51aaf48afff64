#include "app/export/import.h"

#include "app/export/line_reader.h"
#include "app/export/lines.h"

#include <parley/core/json.h>
#include <parley/core/try.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::app::exports {
namespace {

constexpr std::size_t kLineBytesMax = 4 << 20;  // no event's line comes near
constexpr std::string_view kEndBegins = "{\"format\":\"parley-export-end\"";

/// A file's lines, with the number of the last one.
class Lines {
public:
    static Result<Lines> open(const std::filesystem::path& file) {
        Lines lines(std::fopen(file.c_str(), "rb"));
        if (lines.file_) return lines;
        return Error{ErrorCode::file_refused,
                     "\"" + file.string() + "\" cannot be read: " + std::strerror(errno)};
    }

    /// The next line without its line feed, which lives until the next call; nothing: the file ends
    /// here. A last line without one is an error.
    Result<std::optional<std::string_view>> next() {
        ++number_;
        for (;;) {
            const char* const from = buffer_.data() + begin_;
            if (const void* feed = std::memchr(from, '\n', end_ - begin_)) {
                const auto size = static_cast<std::size_t>(static_cast<const char*>(feed) - from);
                begin_ += size + 1;
                return std::optional(std::string_view(from, size));
            }
            if (!readMore()) {
                if (std::ferror(file_.get()) != 0) return wrong("it cannot be read");
                if (begin_ == end_) return std::optional<std::string_view>();
                return wrong(end_ - begin_ > kLineBytesMax ? "it is too long"
                                                           : "it is cut: it has no end");
            }
        }
    }
    Error wrong(const std::string& why) const {
        return {ErrorCode::storage_damaged, "line " + std::to_string(number_) + ": " + why};
    }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    explicit Lines(std::FILE* file) : file_(file), buffer_(1 << 20) {}

    // False: there is nothing more, or no room for it.
    bool readMore() {
        if (begin_ > 0) {
            std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ > kLineBytesMax) return false;
        if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
        const auto n = std::fread(buffer_.data() + end_, 1, buffer_.size() - end_, file_.get());
        end_ += n;
        return n > 0;
    }

    std::unique_ptr<std::FILE, Close> file_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;  // of what is not taken yet
    std::size_t end_ = 0;
    std::int64_t number_ = 0;
};

// How the first line is written is compared at the end, when all that it says is known.
Result<std::string> readFirst(Lines& lines) {
    PARLEY_TRY_ASSIGN(const auto line, lines.next());
    if (!line) return lines.wrong("the file is empty");
    const auto json = parseJson(*line);
    const auto says = [&](const char* field, const Json& value) {
        return json && json->is_object() && json->contains(field) && json->at(field) == value;
    };
    if (!says("format", "parley-export")) {
        return lines.wrong("it does not begin an export of Parley");
    }
    if (!says("version", 1)) {
        return lines.wrong("it is of a version of the format that this program does not know");
    }
    if (!says("whole", true)) {
        return lines.wrong("the export is a part of a log; only whole ones can be imported");
    }
    return std::string(*line);
}

Result<void> checkFirst(const std::string& first, const std::optional<Mark>& origin,
                        const Uuid& originId, const Mark& head) {
    std::string expected;
    append(expected, Beginning{.origin = origin,
                               .originId = originId,
                               .after = {},
                               .through = head,
                               .whole = true,
                               .filters = {}});
    expected.pop_back();
    if (expected == first) return {};
    return Error{ErrorCode::storage_damaged, "line 1: it does not fit the events that follow"};
}

Result<void> checkEnd(Lines& lines, std::string_view line, const Mark& head) {
    std::string expected;
    appendEnd(expected, head.position.value, head);
    expected.pop_back();
    if (line != expected) return lines.wrong("it does not fit the events before it");
    PARLEY_TRY_ASSIGN(const auto more, lines.next());
    return more ? lines.wrong("something follows the export's last line") : Result<void>();
}

}  // namespace

Result<void> readWholeExport(const std::filesystem::path& file, const TakeEvent& take) {
    PARLEY_TRY_ASSIGN(auto lines, Lines::open(file));
    PARLEY_TRY_ASSIGN(const std::string first, readFirst(lines));
    std::optional<Mark> origin;
    Uuid originId;
    Mark head;
    for (;;) {
        PARLEY_TRY_ASSIGN(const auto line, lines.next());
        if (!line) return lines.wrong("the file is cut: its last line is missing");
        if (line->starts_with(kEndBegins)) {
            PARLEY_TRY(checkEnd(lines, *line, head));
            return checkFirst(first, origin, originId, head);
        }
        auto stored = readEvent(*line);
        if (!stored) return lines.wrong(stored.error().message);
        if (auto done = take(*stored); !done) {
            return Error{done.error().code, lines.wrong(done.error().message).message};
        }
        head = {stored->event.position, stored->hash};
        if (!origin) {
            origin = head;
            originId = stored->event.id;
        }
    }
}

}  // namespace parley::app::exports
