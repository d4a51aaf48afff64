# shellcheck shell=bash
# Common to all scripts. Source it first; it sets `root`, the top folder of the repository.

# shellcheck disable=SC2034  # read by the sourcing script
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# A fixed language for output that scripts parse, and UTF-8 for programs that write it.
export LC_ALL=C.UTF-8
# ccache and npm keep their caches below HOME and fail without it; service managers do not set it.
export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"

say() { printf '\n== %s\n' "$*"; }

note() { printf '   %s\n' "$*"; }

# die MESSAGE [ADVICE...]: prints the message, then each piece of advice on its own line.
die() {
    printf '\n!! %s\n' "$1" >&2
    shift
    if (($# > 0)); then printf '   %s\n' "$@" >&2; fi
    exit 1
}

# The comment at the top of the calling script is its help.
print_help() { sed -n '2,/^[^#]/ s/^# \{0,1\}//p' "$0"; }
