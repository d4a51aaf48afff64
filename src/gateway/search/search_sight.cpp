#include "gateway/search/search_sight.h"

#include <parley/core/try.h>
#include <parley/domain/authorize.h>
#include <parley/projection/past_sight.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace parley {
namespace {

using Readables = std::optional<std::vector<audit::Readable>>;

bool addIfReadable(const Part& part, UserRole role, std::vector<audit::Readable>& to) {
    const auto permission = authorize(actorIn(role), Action::readMessages, part.standing.relation);
    if (permission == Permission::allowed) to.push_back({part.conversation, {}, {}});
    if (permission == Permission::untilLeft)
        to.push_back({part.conversation, part.standing.leftAt, {}});
    return permission == Permission::allowed || permission == Permission::untilLeft;
}

// Sorted by conversation, as the reader gives them.
Result<Readables> readableBy(ReadContext& context, const Viewer& viewer) {
    if (viewer.role() != UserRole::customer) return Readables();
    PARLEY_TRY_ASSIGN(const auto parts, context.relations.all(viewer.user()));
    std::vector<audit::Readable> own;
    for (const auto& part : parts) addIfReadable(part, UserRole::customer, own);
    return Readables(std::move(own));
}

/// What a viewer may read whose role the question does not say: as with the other reads, in each
/// conversation in the role that they have or had there.
struct OwnRoles {
    std::vector<audit::Readable> readable;
    bool onlyAsCustomer = true;
};

Result<OwnRoles> inOwnRoles(ReadContext& context, UserKey user) {
    PARLEY_TRY_ASSIGN(const auto parts, context.relations.all(user));
    OwnRoles own;
    for (const auto& part : parts) {
        if (!addIfReadable(part, part.role, own.readable)) continue;
        if (part.role == UserRole::customer) {
            own.readable.back().eyes = Viewer::of(user, part.role);
        } else {
            own.onlyAsCustomer = false;
        }
    }
    return own;
}

// A token may list the only conversations that its principal can reach.
Result<Readables> inReach(ReadContext& context, const Principal* asker) {
    if (!asker || !isBound(*asker) || asker->role == UserRole::customer) return Readables();
    std::vector<audit::Readable> listed;
    for (const auto& id : *asker->conversations) {
        PARLEY_TRY_ASSIGN(const auto key, context.keys.find(id));
        if (key) listed.push_back({*key, {}, {}});
    }
    std::ranges::sort(listed, {}, &audit::Readable::conversation);
    return Readables(std::move(listed));
}

std::optional<Position> earlier(std::optional<Position> a, std::optional<Position> b) {
    if (a && b) return std::min(*a, *b);
    return a ? a : b;
}

// What is in both.
Readables common(Readables one, Readables other) {
    if (!one) return other;
    if (!other) return one;
    std::vector<audit::Readable> both;
    for (const auto& readable : *one) {
        const auto found = std::ranges::lower_bound(*other, readable.conversation, {},
                                                    &audit::Readable::conversation);
        if (found == other->end() || found->conversation != readable.conversation) continue;
        both.push_back({readable.conversation, earlier(readable.upTo, found->upTo),
                        readable.eyes ? readable.eyes : found->eyes});
    }
    return both;
}

}  // namespace

Result<audit::SearchSight> searchSight(ReadContext& context, const PastQuestion& who) {
    audit::SearchSight sight;
    PARLEY_TRY_ASSIGN(sight.viewer, viewerOf(context, who.asker));
    PARLEY_TRY_ASSIGN(sight.only, readableBy(context, sight.viewer));
    PARLEY_TRY_ASSIGN(auto listed, inReach(context, who.asker.principal.get()));
    sight.only = common(std::move(sight.only), std::move(listed));
    if (!who.viewer) return sight;
    PARLEY_TRY_ASSIGN(const auto key, context.keys.find(*who.viewer));
    const UserKey user = key.value_or(UserKey{0});
    if (who.viewerRole) {
        const auto viewer = Viewer::of(user, *who.viewerRole);
        PARLEY_TRY_ASSIGN(auto seen, readableBy(context, viewer));
        sight.only = common(std::move(sight.only), std::move(seen));
        sight.viewer = bothOf(sight.viewer, viewer);
        return sight;
    }
    PARLEY_TRY_ASSIGN(auto own, inOwnRoles(context, user));
    sight.only = common(std::move(sight.only), std::move(own.readable));
    if (own.onlyAsCustomer)
        sight.viewer = bothOf(sight.viewer, Viewer::of(user, UserRole::customer));
    return sight;
}

Result<bool> searchesOwnHistory(ReadContext& context, const PastQuestion& who) {
    PARLEY_TRY_ASSIGN(const auto user, context.keys.find(*who.asker.user));
    if (!user) return false;
    PARLEY_TRY_ASSIGN(const auto parts, context.relations.all(*user));
    return !parts.empty() && std::ranges::all_of(parts, [](const Part& part) {
        return part.role == UserRole::customer;
    });
}

}  // namespace parley
