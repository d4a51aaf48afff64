#include "log/system_errors.h"

#include <cerrno>

namespace parley {

ErrorCode folderErrorOf(int number) {
    switch (number) {
        case ENOSPC:
        case EDQUOT: return ErrorCode::storage_full;
        case EACCES:
        case EPERM:
        case EROFS:
        case ENOENT:
        case ENOTDIR:
        case EEXIST:
        case EISDIR:
        case ELOOP:
        case ENAMETOOLONG: return ErrorCode::file_refused;
        default: return ErrorCode::storage_failed;
    }
}

}  // namespace parley
