#include <parley/cluster/nats_server.h>

#include <Poco/Exception.h>
#include <Poco/URI.h>

namespace parley {

Result<NatsServer> parseNatsServer(const std::string& url) {
    const Error refused{ErrorCode::invalid_setting,
                        "a server of NATS is not nats://host:port or tls://host:port"};
    try {
        const Poco::URI parsed(url);
        const bool tls = parsed.getScheme() == "tls";
        const bool known = tls || parsed.getScheme() == "nats";
        if (!known || parsed.getHost().empty() || parsed.getPort() == 0) return refused;
        return NatsServer{url, parsed.getHost(),
                          parsed.getHost() + ':' + std::to_string(parsed.getPort()), tls,
                          !parsed.getUserInfo().empty()};
    } catch (const Poco::Exception&) {
        return refused;
    }
}

}  // namespace parley
