#include <parley/core/error.h>

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace parley;

namespace {

const std::set<std::string> kOperatorsAlone{
#define PARLEY_OPERATOR_ERROR(name, exit, meaning) #name,
#include <parley/core/operator_errors.def>
};

const std::set<std::string> kShared{
#define PARLEY_SHARED_ERROR(name, exit, meaning) #name,
#include <parley/core/operator_errors.def>
};

}  // namespace

TEST_CASE("clients are told of no code that only an operator can get") {
    std::set<std::string> clients;
    for (const auto& row : clientErrors()) clients.emplace(row.name);
    for (const auto& name : kOperatorsAlone) CHECK_FALSE(clients.contains(name));
    for (const auto& name : kShared) CHECK(clients.contains(name));
    CHECK(clients.size() == clientErrors().size());
}

TEST_CASE("every code has its row") {
    for (std::size_t i = 0; i < clientErrors().size(); ++i) {
        CHECK(&errorInfo(static_cast<ErrorCode>(i)) == &clientErrors()[i]);
    }
    CHECK(errorInfo(ErrorCode::storage_owned).name == "storage_owned");
    CHECK(errorInfo(ErrorCode::invalid_setting).name == "invalid_setting");
    CHECK(errorInfo(ErrorCode::address_in_use).httpStatus == 500);
}
