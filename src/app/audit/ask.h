#pragma once

#include "app/audit/audit_options.h"
#include "app/audit/source.h"
#include "app/audit/statement.h"

#include <functional>
#include <string>

namespace parley::app::audit {

/// Runs one SELECT and prints its rows when all of them are there; nothing on standard output where
/// it fails. Rows of more than kHeldBytes wait in a file in AuditOptions::scratch. Prints the plan
/// instead where that was asked. Returns the exit status: 2 for what is no SQL, 124 beyond the time
/// limit, else that of the error.
int ask(Source& source, const AuditOptions& options, const std::string& sql,
        const Parameters& parameters);

/// Has `print` write rows, and prints them likewise. Returns the exit status.
int printed(Source& source, const AuditOptions& options,
            const std::function<Result<void>(RowWriter&, Statement::Ran&)>& print);

inline constexpr std::size_t kHeldBytes = 16 * 1024 * 1024;

/// Needed where the SQL names a view of audit.db, else none.
AuditUse auditUseOf(const std::string& sql);

/// Prints the error, and returns its exit status.
int failed(const Error& error);

}  // namespace parley::app::audit
