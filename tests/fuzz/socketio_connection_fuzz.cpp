#include "fuzz/fuzz.h"

#include <parley/socketio/connection.h>

#include <set>
#include <string>

using namespace parley;
using namespace parley::socketio;

namespace {

// A server that accepts clients into "/" and "/custom", keeps others waiting, and echoes events.
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
        } else if (packet.id) {
            connection->ack(packet.nsp, *packet.id, packet.data.dump(), packet.binary);
        } else {
            connection->event(packet.nsp, packet.data.dump(), packet.binary);
        }
    }
    void onAck(Packet packet) override {
        require(packet);
        fuzz::require(packet.id.has_value(), "an ack says what it answers");
    }
    void onDisconnect(std::string_view nsp) override {
        const auto found = inside.find(nsp);
        fuzz::require(found != inside.end(), "only who is in a namespace leaves it");
        inside.erase(found);
    }
    void send(std::string_view packet) override {
        fuzz::require(packet.starts_with('4') && packet.size() > 1, "a packet has a type");
        fuzz::require(attachmentsDue == 0, "nothing comes between a packet and its attachments");
        // "45N-" and "46N-": binary packets.
        if (packet[1] == '5' || packet[1] == '6') {
            attachmentsDue = std::atoi(std::string(packet.substr(2, 3)).c_str());
        }
    }
    void sendBinary(std::string_view) override {
        fuzz::require(attachmentsDue-- > 0, "an attachment belongs to a packet");
    }

    Connection* connection = nullptr;
    std::set<std::string, std::less<>> inside;
    int attachmentsDue = 0;

private:
    void require(const Packet& packet) const {
        fuzz::require(inside.contains(packet.nsp), "only who is in a namespace speaks there");
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
        fuzz::require(owner.attachmentsDue == 0, "all attachments of a packet are sent");
        fuzz::require(connection.inAny() == !owner.inside.empty(), "both know who is where");
        for (const auto& nsp : owner.inside) fuzz::require(connection.in(nsp), "and in what");
    }
    return 0;
}
