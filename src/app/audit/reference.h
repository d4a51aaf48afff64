#pragma once

#include <string>

namespace parley::app::audit {

/// docs/audit.md without the outputs of its examples, which its test adds: what `parley audit`
/// does, and every question with its columns.
std::string auditReference();

}  // namespace parley::app::audit
