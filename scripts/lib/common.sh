# shellcheck shell=bash
# What every script shares. Source it first; it sets `root`, the top folder of the repository.

# shellcheck disable=SC2034  # read by those who source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# One language for the output that scripts read back, and UTF-8 for those who write it.
export LC_ALL=C.UTF-8
# ccache and npm keep their caches below HOME and stop without it; service managers leave it out.
export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"

say() { printf '\n== %s\n' "$*"; }

note() { printf '   %s\n' "$*"; }

# Says what is wrong, then each further argument on a line of its own (what to do about it).
die() {
    printf '\n!! %s\n' "$1" >&2
    shift
    if (($# > 0)); then printf '   %s\n' "$@" >&2; fi
    exit 1
}

# The comment at the top of the calling script is its help.
print_help() { sed -n '2,/^[^#]/ s/^# \{0,1\}//p' "$0"; }
