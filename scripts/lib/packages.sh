# shellcheck shell=bash
# Installs the Debian packages of packages.txt that are missing. Needs common.sh.

: "${root:?source common.sh first}"

readonly package_list="$root/scripts/lib/packages.txt"
readonly node_major_min=18
# Packages of which only the programs are wanted, not the services that they bring.
readonly service_packages=(nginx haproxy prometheus nats-server)
readonly service_policy=/usr/sbin/policy-rc.d

# Prints the packages of the given groups, in the order of the list.
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

# Node and npm often come from another source (NodeSource's nodejs conflicts with Debian's npm, and
# version managers do not use dpkg), so the commands are checked, not the packages.
is_there() {
    case $1 in
        nodejs) node_is_usable ;;
        npm) npm --version >/dev/null 2>&1 ;;
        *) is_installed "$1" ;;
    esac
}

# Sets `missing` to those of the given packages that are not installed.
find_missing() {
    local package
    missing=()
    for package in "$@"; do
        is_there "$package" || missing+=("$package")
    done
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# Runs apt-get as root, without questions or stdin; waits for another apt-get to finish.
apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@" </dev/null
}

# Installs packages, none of which is installed yet. The services of service_packages are not
# started, now or at boot; services that are there already are left alone. In a subshell, for its
# trap.
install_without_services() (
    local package services=() pattern
    for package in "$@"; do
        if [[ " ${service_packages[*]} " == *" $package "* ]]; then services+=("$package"); fi
    done
    # A policy that the machine has already stays, and decides.
    if ((${#services[@]} > 0)) && [[ ! -e $service_policy ]]; then
        pattern=$(IFS='|' && echo "${services[*]}")
        trap 'as_root rm -f "$service_policy"' EXIT
        # 101: packages may not start this service.
        # shellcheck disable=SC2016  # the policy's own $1
        printf '#!/bin/sh\ncase ${1%%.service} in %s) exit 101 ;; esac\n' "$pattern" |
            as_root tee "$service_policy" >/dev/null
        as_root chmod 755 "$service_policy"
    fi
    apt_get install --no-install-recommends "$@" || exit
    for package in "${services[@]}"; do as_root update-rc.d "$package" disable; done
)

require_root_for() {
    if ((EUID == 0)); then return; fi
    local advice=("As root: apt-get update && apt-get install --no-install-recommends $*"
        "Then run this again.")
    command -v sudo >/dev/null || die "Packages are missing, and installing them needs root or sudo: $*" \
        "${advice[@]}"
    # A password can be typed only at a terminal.
    if [[ ! -t 0 ]]; then
        sudo -n true 2>/dev/null || die "Packages are missing, and sudo needs a password: $*" \
            "${advice[@]}"
    elif ! sudo -v; then
        die "Packages are missing, and sudo refused: $*" "${advice[@]}"
    fi
}

# Installs the missing packages of the given groups; does nothing if none is missing.
install_packages() {
    local wanted missing now package
    command -v dpkg-query >/dev/null || die "This is not Debian: dpkg-query is missing." \
        "Parley is built and tested on Debian 12; $package_list lists the packages it needs"
    mapfile -t wanted < <(packages_of "$@")
    find_missing "${wanted[@]}"
    if ((${#missing[@]} == 0)); then return; fi

    say "Installing missing packages (${#missing[@]}): ${missing[*]}"
    require_root_for "${missing[@]}"
    apt_get update || note "apt-get update failed; continuing with the existing package lists"
    # npm goes last: the nodejs installed before may include it, and would then conflict with it.
    now=()
    for package in "${missing[@]}"; do
        [[ $package == npm ]] || now+=("$package")
    done
    if ((${#now[@]} > 0)); then
        install_without_services "${now[@]}" || die_of_apt "${now[@]}"
        hash -r
        find_missing "${wanted[@]}"
    fi
    if ((${#missing[@]} > 0)); then
        install_without_services "${missing[@]}" || die_of_apt "${missing[@]}"
        hash -r
        find_missing "${wanted[@]}"
    fi
    ((${#missing[@]} == 0)) || die "Installed, but not usable: ${missing[*]}" \
        "node must be version $node_major_min or later; an older one may come first in PATH."
}

die_of_apt() {
    die "apt-get could not install: $*" "See its output above (no network? not Debian 12? disk full?)."
}
