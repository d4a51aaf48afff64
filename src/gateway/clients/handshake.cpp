#include "gateway/clients/handshake.h"

#include "gateway/clients/pid.h"

#include <parley/core/query_string.h>

#include <string>

namespace parley {
namespace {

RecoveryWish wishIn(const Json& auth) {
    if (!auth.is_object()) return std::nullopt;
    const auto recovery = auth.find("recovery");
    if (recovery == auth.end() || !recovery->is_boolean()) return std::nullopt;
    return recovery->get<bool>();
}

bool hasPid(const Json& auth) {
    if (!auth.is_object()) return false;
    const auto pid = auth.find("pid");
    return pid != auth.end() && pid->is_string() && isPid(pid->get_ref<const std::string&>());
}

}  // namespace

RecoveryWish recoveryWishIn(std::string_view query) {
    while (const auto parameter = takeParameter(query)) {
        if (parameter->name != "recovery") continue;
        if (parameter->value == "0") return false;
        if (parameter->value == "1") return true;
    }
    return std::nullopt;
}

std::optional<Ticket> ticketIn(const Json& auth) {
    if (!hasPid(auth)) return std::nullopt;
    Ticket ticket{auth.at("pid").get<std::string>(), std::nullopt};
    const auto offset = auth.find("offset");
    if (offset == auth.end() || offset->is_null()) return ticket;
    if (!offset->is_string()) return std::nullopt;
    ticket.cursor = parseCursor(offset->get_ref<const std::string&>());
    if (!ticket.cursor) return std::nullopt;
    // A bare position does not say which history it is of. It comes from a session that began
    // before pids said that cursors have fingerprints.
    if (!ticket.cursor->fingerprint && knowsFingerprints(ticket.pid)) return std::nullopt;
    return ticket;
}

bool takesCursors(RecoveryFor offered, RecoveryWish wishInUrl, const Json& auth) {
    if (offered == RecoveryFor::none) return false;
    const auto said = wishIn(auth);
    const auto wish = said ? said : wishInUrl;
    return wish.value_or(offered == RecoveryFor::all || hasPid(auth));
}

}  // namespace parley
