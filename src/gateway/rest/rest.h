#pragma once

#include "gateway/rest/rest_target.h"
#include "gateway/shared.h"

#include <parley/core/json.h>
#include <parley/core/random.h>
#include <parley/core/uuid.h>
#include <parley/engine/reader_pool.h>
#include <parley/net/server.h>

#include <functional>
#include <string>
#include <vector>

namespace parley {

/// The REST twin: the same commands, order and refusals as over the socket. The loop's thread.
class Rest {
public:
    Rest(Shared& shared, net::Loop& loop, Random& random);
    /// Answers now or later.
    void handle(const net::HttpRequest& request);

private:
    /// A request with its path taken apart.
    struct Call : RestTarget {
        std::uint64_t number = 0;
        std::string method;
        std::string body;
    };
    using ReadJob = std::function<Result<net::HttpResponse>(ReadContext&)>;
    using Handler = void (Rest::*)(const Call&);
    struct Route {
        std::string_view method;
        std::string_view pattern;  ///< ":x" stands for any one segment
        Handler handler;
    };
    static const std::vector<Route>& routes();

    void start(const Call& call);
    void send(const Call& call);
    void list(const Call& call);
    void show(const Call& call);
    void messages(const Call& call);
    void lastMessages(const Call& call);
    void participants(const Call& call);
    void join(const Call& call);
    void leave(const Call& call);
    void stats(const Call& call);
    void health(const Call& call);
    void ready(const Call& call);
    void metrics(const Call& call);

    template <typename Parse>
    void submit(const Call& call, Parse&& parse);
    void history(const Call& call, Json request);
    void read(const Call& call, ReadJob job, ReadSize size = ReadSize::small);
    void postResponse(std::uint64_t number, net::HttpResponse response);
    void refuse(const Call& call, const Error& error);
    void respond(const Call& call, int status, std::string body,
                 std::string contentType = "application/json");

    Shared& shared_;
    net::Loop& loop_;
    UuidGenerator uuids_;
};

}  // namespace parley
