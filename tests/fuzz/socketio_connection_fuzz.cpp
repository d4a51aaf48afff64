#include "fuzz/fuzz.h"

#include <parley/socketio/connection.h>

#include <set>
#include <string>

using namespace parley;
using namespace parley::socketio;

namespace {

// A server that accepts clients into "/" and "/custom", and keeps others waiting.
class Owner final : public Handler {
public:
    void onConnect(std::string_view nsp, Json auth) override {
        fuzz::require(auth.is_null() || auth.is_object(), "auth is an object");
        fuzz::require(!inside.contains(nsp), "a client joins a namespace it is not in");
        if (nsp == "/wait") return;
        fuzz::require(nsp == "/" || nsp == "/custom", "others are refused before anybody is asked");
        if (auth.is_object() && auth.contains("no")) return connection->refuse(nsp, "no");
        inside.insert(std::string(nsp));
        connection->accept(nsp, "{\"sid\":\"x\"}");
    }
    void onEvent(Packet packet) override {
        require(packet);
        const Json name = packet.data[0];
        if (name == "out") {
            inside.erase(packet.nsp);
            connection->disconnect(packet.nsp);
        }
    }
    void onAck(Packet packet) override {
        require(packet);
        fuzz::require(packet.id.has_value(), "an ack says what it answers");
    }
    void onDisconnect(std::string_view nsp) override {
        const auto found = inside.find(nsp);
        fuzz::require(found != inside.end(), "a client leaves only where it is");
        inside.erase(found);
    }
    void send(std::string_view packet) override {
        fuzz::require(packet.starts_with('4') && packet.size() > 1, "a packet has a type");
    }

    Connection* connection = nullptr;
    std::set<std::string, std::less<>> inside;

private:
    void require(const Packet& packet) const {
        fuzz::require(inside.contains(packet.nsp), "a client speaks only where it is");
        fuzz::require(packet.binary.size() == static_cast<std::size_t>(packet.attachments),
                      "a packet comes with all its attachments");
    }
};

}  // namespace

// Each line is a message; one that begins with '#' is binary.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Options options;
    options.namespaces = {"/", "/custom", "/wait"};
    options.limits.attachmentsMax = 3;
    options.limits.attachmentBytesMax = 100;
    options.limits.namespacesMax = 2;
    Owner owner;
    Connection connection(owner, options);
    owner.connection = &connection;
    fuzz::Input input(data, size);
    while (!input.empty()) {
        const std::string_view line = input.line();
        const bool binary = line.starts_with('#');
        if (!connection.receive(binary, binary ? line.substr(1) : line)) break;
        for (const auto& nsp : options.namespaces) {
            fuzz::require(connection.in(nsp) == owner.inside.contains(nsp),
                          "the connection and its owner agree where the client is");
        }
    }
    return 0;
}
