#include "gateway/limits/counted_user.h"

#include <parley/domain/identify.h>

namespace parley {

UserId countedUser(const Command& command, const Principal& service) {
    if (isOutOfReach(service, conversationOf(command))) return service.user;
    return actingUser(command, service).value_or(service.user);
}

}  // namespace parley
