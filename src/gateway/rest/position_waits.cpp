#include "gateway/rest/position_waits.h"

#include <parley/core/limits.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{2000};
// Most nodes are behind for less than that. Each look takes twice as long to come as the one
// before.
constexpr milliseconds kFirstLook{1};
constexpr milliseconds kLookMax{50};

}  // namespace

Result<std::optional<Position>> positionIn(const net::HttpRequest& request) {
    if (request.parleyPosition.empty()) return std::optional<Position>();
    const auto number = wholeNumber(request.parleyPosition);
    if (number && *number >= 0) return std::optional(Position{*number});
    return Error{ErrorCode::invalid_value, "Parley-Position must be a position, a whole number"};
}

/// A call that outlives its request: `http` views texts of its own.
struct PositionWaits::Held {
    Held(const RestCall& asked, Position event, RestHandler handler, milliseconds end)
        : texts{std::string(asked.http.method),
                std::string(asked.http.path),
                std::string(asked.http.query),
                std::string(asked.http.contentType),
                std::string(asked.http.ifNoneMatch),
                std::string(asked.http.parleyPosition),
                std::string(asked.http.credentials.authorization),
                std::string(asked.http.credentials.cookie)},
          http(asked.http),
          call{http, asked.target, asked.pattern, asked.rate, asked.principal},
          position(event),
          read(handler),
          until(end) {
        http.body = {};
        std::size_t next = 0;
        for (auto* view :
             {&http.method, &http.path, &http.query, &http.contentType, &http.ifNoneMatch,
              &http.parleyPosition, &http.credentials.authorization, &http.credentials.cookie}) {
            *view = texts[next++];
        }
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    const std::array<std::string, 8> texts;
    net::HttpRequest http;
    const RestCall call;
    const Position position;
    const RestHandler read;
    const milliseconds until;
    milliseconds nextLook = kFirstLook;
};

void PositionWaits::hold(const RestCall& call, Position position, RestHandler read) {
    if (waiting_ >= limits::kPositionWaitsMax) {
        return refuse(call, services_,
                      {ErrorCode::busy, "too many reads wait for events; try again"});
    }
    ++waiting_;
    look(std::make_shared<Held>(call, position, read, services_.loop.turnTime() + kWait));
}

void PositionWaits::look(const std::shared_ptr<Held>& held) {
    const auto& shared = services_.shared;
    if (shared.engine->head() >= held->position) {
        --waiting_;
        return held->read(held->call, services_);
    }
    if (services_.loop.turnTime() >= held->until ||
        shared.refusing.load(std::memory_order_relaxed)) {
        --waiting_;
        return refuse(
            held->call, services_,
            {ErrorCode::busy, "the event at position " + std::to_string(held->position.value) +
                                  " (Parley-Position) is not here yet; try again"});
    }
    services_.loop.after(held->nextLook, [this, held] { look(held); });
    held->nextLook = std::min(2 * held->nextLook, kLookMax);
}

}  // namespace parley
