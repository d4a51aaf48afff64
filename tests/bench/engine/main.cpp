#include "log_bench.h"

#include <parley/core/logging.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

namespace {

constexpr const char* usage = R"(parley-log-bench TASK FOLDER [options]

Measures the storage side alone and prints one line of JSON.

Tasks
  build-log        fills FOLDER with a log of --events N (10,000,000), unless it holds one
  replay           builds the projections of the log in FOLDER anew
  append-engine    messages through the whole engine, --in-flight N (64) of them at a time
  append-raw       the same rows and indexes through SQLite's C API alone
  append-file      the same bytes into a plain file, with fdatasync

  --measure S      seconds measured (4)
  --messages N     append-engine: this many messages instead, to count instructions of a fixed run
)";

using Json = nlohmann::ordered_json;

using parley::bench::AppendLength;

struct Task {
    std::string name, folder;
    std::int64_t events = 10'000'000;
    std::size_t inFlight = 64;
    AppendLength length;
};

Json run(const Task& task) {
    using namespace parley::bench;
    if (task.name == "build-log") return buildLog(task.folder, task.events);
    if (task.name == "replay") return replay(task.folder);
    if (task.name == "append-engine") return appendEngine(task.folder, task.inFlight, task.length);
    if (task.name == "append-raw") {
        return appendRawSqlite(task.folder, task.inFlight, task.length.seconds);
    }
    if (task.name == "append-file")
        return appendFile(task.folder, task.inFlight, task.length.seconds);
    throw std::runtime_error("there is no task \"" + task.name + "\"");
}

Task parse(int argc, char** argv) {
    if (argc < 3) throw std::runtime_error("which task, in which folder?");
    Task task;
    task.name = argv[1];
    task.folder = argv[2];
    for (int i = 3; i + 1 < argc; i += 2) {
        const std::string_view flag = argv[i];
        if (flag == "--events") {
            task.events = std::stoll(argv[i + 1]);
        } else if (flag == "--in-flight") {
            task.inFlight = std::stoul(argv[i + 1]);
        } else if (flag == "--measure") {
            task.length.seconds = std::stod(argv[i + 1]);
        } else if (flag == "--messages") {
            task.length.messages = std::stoll(argv[i + 1]);
        } else {
            throw std::runtime_error("unknown option " + std::string(flag));
        }
    }
    return task;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        parley::setUpLogging("warn");
        std::printf("%s\n", run(parse(argc, argv)).dump().c_str());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "parley-log-bench: %s\n\n%s", error.what(), usage);
        return 2;
    }
}
