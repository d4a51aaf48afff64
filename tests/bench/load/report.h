#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace parley::bench {

/// The result of a scenario. Printed as one line of JSON.
struct Report {
    nlohmann::ordered_json figures;
    std::string problem;  ///< empty if every delivery was right
};

}  // namespace parley::bench
