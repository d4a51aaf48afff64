#pragma once

#include "app/folder_options.h"

namespace parley::app {

/// `parley rebuild --audit`: builds audit.db anew from the log. Refuses while another process owns
/// the folder: its follower writes the file. Returns the exit status.
int rebuildAudit(const FolderOptions& options);

/// `parley rebuild --audit --check`: compares audit.db with one built anew, also beside a server.
int checkAudit(const FolderOptions& options);

}  // namespace parley::app
