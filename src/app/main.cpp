#include <csignal>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "app/commands.h"

namespace {

using Command = int (*)(const std::vector<std::string>&);

struct Row {
    Command run;
    const char* arguments;
    const char* what;
};

const std::map<std::string, Row>& commands() {
    using namespace parley::app;
    static const std::map<std::string, Row> table{
        {"serve",
         {serve, "[--host localhost] [--port 3500] [--data data/run] ...", "run the server"}},
        {"rebuild",
         {rebuild, "[--check] [--data data/run]",
          "build the views anew, or compare them with a rebuild"}},
        {"verify",
         {verify, "[--data data/run]",
          "check the file's structure, the log's hash chain and the views"}},
        {"export", {exportLog, "[--data data/run]", "the log as JSON lines on standard output"}},
        {"backup",
         {backup, "FILE [--force] [--data data/run]",
          "a verified copy, also while the server runs"}},
        {"restore",
         {restore, "FILE [--data data/run]", "put a backup into a folder that has no database"}},
        {"vacuum",
         {vacuum, "[--data data/run]",
          "write the database anew, densely; the server must be stopped"}},
        {"demo",
         {demo, "[--url http://localhost:3500] [--pace SECONDS] [--samples DIR] [--force]",
          "fill an empty server with a support day"}},
        {"docs", {docs, "errors|configuration", "a generated reference"}},
    };
    return table;
}

int usage(std::ostream& out, int status) {
    out << "parley: a persistent, event-sourced chat server\n\n";
    for (const auto& [name, row] : commands()) {
        out << "  parley " << name << ' ' << row.arguments << ": " << row.what << '\n';
    }
    out << "\nEvery setting of serve: parley docs configuration\n";
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGXFSZ, SIG_IGN);  // beyond a file-size limit a write fails with an error
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.empty()) return usage(std::cerr, parley::app::kExitUsage);
    if (arguments[0] == "--help" || arguments[0] == "help") return usage(std::cout, 0);
    const auto known = commands().find(arguments[0]);
    if (known == commands().end()) {
        std::cerr << "parley: there is no command \"" << arguments[0] << "\"\n\n";
        return usage(std::cerr, parley::app::kExitUsage);
    }
    return known->second.run({arguments.begin() + 1, arguments.end()});
}
