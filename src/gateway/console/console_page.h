#pragma once

#include "gateway/console/console_files.h"

#include <parley/auth/options.h>
#include <parley/gateway/console_options.h>
#include <parley/net/server.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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
    /// Serves nothing where `options` disable the console.
    ConsolePage(const ConsoleOptions& options, const ConsoleFacts& facts,
                std::span<const ConsoleFile> files);

    /// The answer to a request of one of the files; nothing for other paths.
    std::optional<net::HttpResponse> answer(const net::HttpRequest& request) const;

private:
    struct Served {
        std::string type;
        std::string plain;
        std::string gzip;
        std::string etag;    ///< of the plain form, with its quotes
        bool fixed = false;  ///< the path changes with the bytes
    };

    void add(std::string path, std::string_view name, std::string bytes);

    std::map<std::string, Served, std::less<>> files_;
};

}  // namespace parley
