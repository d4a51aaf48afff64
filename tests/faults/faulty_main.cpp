// `parley serve` on a failing disk: the unchanged program with another VFS under SQLite; or with
// failing allocations: with another operator new.
//
//   FAULT_PLAN="sync:60:1:1034" parley-faulty serve --port 0 --data DIR
//
// OP:NTH:TIMES:CODE[:partly], separated by commas. OP is write, sync, truncate, remove, read or
// change (any of the first four); CODE is SQLite's. With FAULT_WHEN=FILE calls count only while
// that file exists.
//
//   FAULT_ALLOCATIONS=300000 parley-faulty serve --port 0 --data DIR
//
// Allocations of that many bytes and more fail in every thread except the first (fault_memory.h).
//
//   FAULT_CLOCK=FILE parley-faulty serve --port 0 --data DIR
//
// The wall clock is shifted by the number of milliseconds in FILE, which is read each time.
#include "app/command_line.h"
#include "faults/fault_disk.h"
#include "faults/fault_memory.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

namespace {

using parley::faults::Failure;
using parley::faults::FaultPlan;
using parley::faults::Op;

const std::map<std::string, Op> kOps{{"write", Op::write},       {"sync", Op::sync},
                                     {"truncate", Op::truncate}, {"remove", Op::remove},
                                     {"read", Op::read},         {"change", Op::change}};

FaultPlan planFrom(const std::string& text, const char* armedBy) {
    FaultPlan plan;
    if (armedBy) plan.armedBy = armedBy;
    std::istringstream failures(text);
    for (std::string one; std::getline(failures, one, ',');) {
        std::istringstream fields(one);
        std::string op, nth, times, code, partly;
        std::getline(fields, op, ':');
        std::getline(fields, nth, ':');
        std::getline(fields, times, ':');
        std::getline(fields, code, ':');
        std::getline(fields, partly, ':');
        plan.failures.push_back({kOps.at(op), std::stoull(nth), std::stoull(times), std::stoi(code),
                                 partly == "partly"});
    }
    return plan;
}

/// The system's clocks, with the wall clock shifted by the number in a file.
class SetClock final : public parley::Clock {
public:
    explicit SetClock(std::string file) : file_(std::move(file)) {}
    parley::UnixMillis now() const override {
        std::int64_t off = 0;
        std::ifstream(file_) >> off;
        return {machine_.now().value + off};
    }
    std::chrono::milliseconds monotonic() const override { return machine_.monotonic(); }

private:
    std::string file_;
    parley::SystemClock machine_;
};

}  // namespace

int main(int argc, char** argv) {
    const char* plan = std::getenv("FAULT_PLAN");
    const char* allocations = std::getenv("FAULT_ALLOCATIONS");
    const char* clock = std::getenv("FAULT_CLOCK");
    if ((!plan && !allocations && !clock) || argc < 2 || std::string(argv[1]) != "serve") {
        std::cerr << "usage: FAULT_PLAN=OP:NTH:TIMES:CODE[:partly],... parley-faulty serve ...\n"
                     "       FAULT_ALLOCATIONS=BYTES parley-faulty serve ...\n"
                     "       FAULT_CLOCK=FILE parley-faulty serve ...\n";
        return parley::app::kExitUsage;
    }
    if (plan)
        parley::faults::FaultDisk::install(planFrom(plan, std::getenv("FAULT_WHEN")),
                                           [] { std::abort(); });
    if (allocations) parley::faults::failAllocationsFrom(std::stoull(allocations));
    const auto line = parley::app::readCommandLine(parley::app::commandTable(),
                                                   std::vector<std::string>(argv + 1, argv + argc));
    if (line.command && clock) return parley::app::serveBy(SetClock(clock), line.given);
    return line.command ? line.command->run(line.given) : parley::app::kExitUsage;
}
