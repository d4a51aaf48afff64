# shellcheck shell=bash
# Installs the Debian packages of packages.txt that are missing. Needs common.sh.

: "${root:?source common.sh first}"

readonly package_list="$root/scripts/lib/packages.txt"
readonly node_major_min=18

# The packages of the groups named, in the order of the list.
packages_of() {
    awk -v wanted=" $* " '!/^#/ && NF && index(wanted, " " $1 " ") && !seen[$2]++ { print $2 }' \
        "$package_list"
}

node_is_usable() {
    local version
    version=$(node --version 2>/dev/null) || return 1
    version=${version#v}
    [[ ${version%%.*} =~ ^[0-9]+$ ]] && ((${version%%.*} >= node_major_min))
}

is_installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Node and npm often come from elsewhere (NodeSource's nodejs conflicts with Debian's npm, and
# version managers know nothing of dpkg): there the commands count, not the packages.
is_there() {
    case $1 in
        nodejs) node_is_usable ;;
        npm) npm --version >/dev/null 2>&1 ;;
        *) is_installed "$1" ;;
    esac
}

# Sets `missing` to those of the arguments that are not there.
find_missing() {
    local package
    missing=()
    for package in "$@"; do
        is_there "$package" || missing+=("$package")
    done
}

# Runs apt-get as root. It asks nothing, reads no stdin, and waits for another apt-get to finish.
apt_get() {
    local command=(env DEBIAN_FRONTEND=noninteractive apt-get -y -q
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@")
    if ((EUID != 0)); then command=(sudo "${command[@]}"); fi
    "${command[@]}" </dev/null
}

require_root_for() {
    if ((EUID == 0)); then return; fi
    local advice=("As root: apt-get update && apt-get install --no-install-recommends $*"
        "Then run this again.")
    command -v sudo >/dev/null || die "Missing packages, and neither root nor sudo to install them: $*" \
        "${advice[@]}"
    # Only somebody at a terminal can type a password.
    if [[ ! -t 0 ]]; then
        sudo -n true 2>/dev/null || die "Missing packages, and sudo wants a password here: $*" \
            "${advice[@]}"
    elif ! sudo -v; then
        die "Missing packages, and sudo refuses: $*" "${advice[@]}"
    fi
}

# Installs what is missing of the groups named; touches nothing when all is there.
install_packages() {
    local wanted missing now package
    command -v dpkg-query >/dev/null || die "This is not Debian: it has no dpkg-query." \
        "Parley is built and tested on Debian 12; what it needs is listed in $package_list"
    mapfile -t wanted < <(packages_of "$@")
    find_missing "${wanted[@]}"
    if ((${#missing[@]} == 0)); then return; fi

    say "Installing missing packages (${#missing[@]}): ${missing[*]}"
    require_root_for "${missing[@]}"
    apt_get update || note "apt-get update failed; going on with the package lists there are"
    # npm goes last: the nodejs that was just installed may have brought it, and then conflicts.
    now=()
    for package in "${missing[@]}"; do
        [[ $package == npm ]] || now+=("$package")
    done
    if ((${#now[@]} > 0)); then
        apt_get install --no-install-recommends "${now[@]}" || die_of_apt "${now[@]}"
        hash -r
        find_missing "${wanted[@]}"
    fi
    if ((${#missing[@]} > 0)); then
        apt_get install --no-install-recommends "${missing[@]}" || die_of_apt "${missing[@]}"
        hash -r
        find_missing "${wanted[@]}"
    fi
    ((${#missing[@]} == 0)) || die "Installed, but still not usable: ${missing[*]}" \
        "node must be version $node_major_min or later; an older one may come first in PATH."
}

die_of_apt() {
    die "apt-get could not install: $*" "Its own words are above (no network? not Debian 12? disk full?)."
}
