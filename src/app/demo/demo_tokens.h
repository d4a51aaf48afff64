#pragma once

#include "app/demo/script.h"

#include <parley/app/demo.h>
#include <parley/core/result.h>

#include <string>

namespace parley::app::sample {

/// Makes tokens for a server with auth.mode=jwt. All texts are empty where the options name no key:
/// a server without authentication looks at no token.
class DemoTokens {
public:
    /// The reference outlives this.
    explicit DemoTokens(const DemoOptions& options) : options_(options) {}

    Result<std::string> of(const Person& person) const;
    /// Of the company's own back end, which starts conversations for customers.
    Result<std::string> ofBackEnd() const;

private:
    const DemoOptions& options_;
};

}  // namespace parley::app::sample
