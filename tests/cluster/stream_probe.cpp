// A node's side of the stream, at the end of a pipe: JetStream for tests that end servers and other
// processes (jet_stream.test.mjs). Reads one request a line from standard input, JSON, and answers
// each with one line; between them come lines of what happens by itself.
#include <parley/cluster/jet_stream.h>
#include <parley/core/clock.h>
#include <parley/core/logging.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace parley;
using nlohmann::json;
using std::chrono::milliseconds;

void say(const json& line) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::cout << line.dump() << std::endl;
}

json refusal(const Error& error) {
    return {{"refused", std::string(error.name())}, {"message", error.message}};
}

JetStream::Options optionsOf(const json& args) {
    JetStream::Options options;
    options.cluster = args.at("cluster");
    options.node = args.at("node");
    options.servers = args.at("servers");
    options.caFile = args.value("ca", "");
    options.replicas = args.value("replicas", 3);
    options.streamBytes = args.value("streamBytes", std::uint64_t{64} << 20U);
    options.appendTimeout = milliseconds(args.value("timeoutMs", 2000));
    return options;
}

const char* nameOf(Append append) {
    switch (append) {
        case Append::taken: return "taken";
        case Append::refused: return "refused";
        case Append::unknown: break;
    }
    return "unknown";
}

json messageJson(const StreamMessage& message) {
    return {{"sequence", message.sequence}, {"id", message.id}, {"text", message.bytes}};
}

class Probe {
public:
    explicit Probe(JetStream& stream) : stream_(stream) {}

    json answer(const json& request) {
        const std::string call = request.at("call");
        if (call == "make") return made();
        if (call == "append") return append(request);
        if (call == "write") return write(request);
        if (call == "time") return time(request);
        if (call == "read") return read(request.at("sequence"), request.value("led", false));
        if (call == "collect") return collect(request.at("from"), request.at("to"));
        if (call == "ends") return ends();
        if (call == "follow") return follow(request.at("from"));
        if (call == "send") return send(request);
        if (call == "listen") return listen(request.at("subject"));
        if (call == "connected") return {{"connected", stream_.connected()}};
        return {{"refused", "unknown call"}};
    }

private:
    json made() {
        const auto done = stream_.makeStream();
        return done ? json{{"made", true}} : refusal(done.error());
    }

    json append(const json& request) {
        const std::string id = request.at("id");
        // `size`: a long text, without sending it through the pipe.
        const auto size = request.value("size", std::size_t{0});
        const auto text = size > 0 ? std::string(size, '\xff') : request.value("text", "");
        return {{"append", nameOf(stream_.append(request.at("last"), id, text))}};
    }

    /// One message after another, each until it is known what became of it, as a leader does.
    json write(const json& request) {
        std::uint64_t last = request.at("last");
        const std::uint64_t count = request.at("count");
        int unknown = 0;
        for (std::uint64_t i = 0; i < count; ++i, ++last) {
            const auto id = request.at("name").get<std::string>() + std::to_string(last);
            auto done = Append::unknown;
            while ((done = stream_.append(last, id, "text of " + id)) == Append::unknown) {
                ++unknown;
                std::this_thread::sleep_for(milliseconds(50));
            }
            if (done == Append::refused) return {{"refusedAfter", last}, {"unknown", unknown}};
            if ((i + 1) % 50 == 0) say({{"event", "written"}, {"last", last + 1}});
        }
        return {{"last", last}, {"unknown", unknown}};
    }

    /// How long appends of one size take, one after another: percentiles in microseconds.
    json time(const json& request) {
        std::uint64_t last = request.at("last");
        const std::uint64_t count = request.at("count");
        const std::string text(request.at("size").get<std::size_t>(), 'x');
        std::vector<std::int64_t> times;
        for (std::uint64_t i = 0; i < count; ++i, ++last) {
            const auto began = std::chrono::steady_clock::now();
            const auto done = stream_.append(last, "timed-" + std::to_string(last), text);
            if (done != Append::taken) return {{"refused", nameOf(done)}, {"last", last}};
            times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(
                                std::chrono::steady_clock::now() - began)
                                .count());
        }
        std::sort(times.begin(), times.end());
        return {{"p50Us", times[times.size() / 2]}, {"p99Us", times[times.size() * 99 / 100]}};
    }

    json read(std::uint64_t sequence, bool isLed) {
        const auto found = isLed ? stream_.readLed(sequence) : stream_.read(sequence);
        if (!found) return refusal(found.error());
        if (!*found) return {{"message", nullptr}};
        return messageJson(**found);
    }

    /// The ids from one sequence to another, as a node that follows reads them.
    json collect(std::uint64_t from, std::uint64_t to) {
        json ids = json::array();
        int waited = 0;
        while (from <= to) {
            const auto before = news_.load();
            const auto found = stream_.read(from);
            if (found && *found) {
                ids.push_back((*found)->id);
                ++from;
                continue;
            }
            ++waited;
            // News is the reason to look again, and the time is for a stream that is away.
            if (news_.load() == before) news_.wait(before);
        }
        return {{"ids", ids}, {"waited", waited}};
    }

    json ends() {
        const auto found = stream_.ends();
        if (!found) return refusal(found.error());
        return {{"exists", found->exists},
                {"first", found->first},
                {"last", found->last},
                {"bytes", found->bytes}};
    }

    json follow(std::uint64_t from) {
        stream_.follow(from, [this] {
            news_.fetch_add(1);
            news_.notify_all();
        });
        return {{"follows", from}};
    }

    json send(const json& request) {
        const std::string subject = request.at("subject");
        const std::string text = request.at("text");
        stream_.send(subject, text);
        return {{"sent", true}};
    }

    json listen(const std::string& subject) {
        stream_.listen(subject, [](std::string_view on, std::string_view bytes) {
            say({{"event", "heard"}, {"subject", std::string(on)}, {"text", std::string(bytes)}});
        });
        return {{"listens", subject}};
    }

    JetStream& stream_;
    std::atomic<std::uint64_t> news_{0};
};

}  // namespace

int main(int, char** argv) {
    setUpLogging("info");
    const SystemClock clock;
    auto stream = JetStream::connect(optionsOf(json::parse(argv[1])), clock);
    if (!stream) {
        say(refusal(stream.error()));
        return 1;
    }
    say({{"connected", (*stream)->connected()}});
    Probe probe(**stream);
    for (std::string line; std::getline(std::cin, line);) say(probe.answer(json::parse(line)));
    (*stream).reset();
    return 0;
}
