#pragma once

#include "gateway/console/console_files.h"

#include <parley/auth/options.h>
#include <parley/gateway/console_options.h>
#include <parley/net/server.h>

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace parley {

/// What the console's page must know before it asks for anything.
struct ConsoleFacts {
    std::string version;
    auth::Mode auth = auth::Mode::none;
    auth::ClaimNames claims{};
};

/// Serves the console: the page at `/`, and its files at `/console/NAME-HASH.EXT`, which never
/// change and so are kept by browsers for a year. Holds no data of conversations, so it answers
/// everybody. Immutable once made. Any thread.
class ConsolePage {
public:
    /// Serves nothing where `options` disable the console. What `files` refer to outlives this.
    ConsolePage(const ConsoleOptions& options, const ConsoleFacts& facts,
                std::span<const ConsoleFile> files);

    /// The answer to a request of one of the files; nothing for other paths.
    std::optional<net::HttpResponse> answer(const net::HttpRequest& request) const;

private:
    /// One form in which a file is sent.
    struct Form {
        std::string_view bytes;
        std::string etag;  ///< with its quotes
    };
    struct Served {
        std::string_view type;
        Form plain;
        Form gzip;
        bool fixed = false;  ///< the path changes with the bytes
    };

    void add(std::string path, const ConsoleFile& file);
    std::string_view keep(std::string bytes) { return made_.emplace_back(std::move(bytes)); }

    std::deque<std::string> made_;  // forms that were made here
    std::map<std::string, Served, std::less<>> files_;
};

}  // namespace parley
