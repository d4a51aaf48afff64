#pragma once

#include "gateway/rest/rest_target.h"

#include <parley/log/read/message_page.h>
#include <parley/net/server.h>

#include <string>
#include <string_view>

/// How REST says that a list goes on. Any thread.
namespace parley {

/// The query parameter that asks for the next page, and its value: where that page begins.
struct NextPage {
    std::string_view parameter;
    std::string value;
};

/// A page of a list as a response, with `Parley-Truncated: true` if it was cut for its size, and
/// with `Link: <...>; rel="next"` unless nothing follows it. The link repeats what was `asked` for,
/// with `next` and without `offset`: the next page begins behind what that skipped.
net::HttpResponse pageResponse(std::string body, PageEnd end, const RestTarget& asked,
                               const NextPage& next);

}  // namespace parley
