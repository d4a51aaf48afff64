# shellcheck shell=bash
# Configures and builds a preset of CMakePresets.json. Needs common.sh.

: "${root:?source common.sh first}"

# Memory of one compiler on the heaviest files (JSON, spdlog, Catch2, sanitizers).
readonly compiler_memory_mb=1500

# Prints the memory that builds may use: the machine's free memory, or what the control group
# allows.
available_memory_mb() {
    local free_mb limit used
    free_mb=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null) || true
    free_mb=${free_mb:-$compiler_memory_mb}
    limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null) || true
    used=$(cat /sys/fs/cgroup/memory.current 2>/dev/null) || true
    if [[ $limit =~ ^[0-9]+$ && $used =~ ^[0-9]+$ ]]; then
        limit=$(((limit - used) / 1048576))
        if ((limit < free_mb)); then free_mb=$limit; fi
    fi
    echo "$free_mb"
}

# Prints the number of parallel jobs: all cores, but no more compilers than fit in memory. CMake's
# own variable overrides it.
build_jobs() {
    local cores fit
    cores=$(nproc)
    fit=$(($(available_memory_mb) / compiler_memory_mb))
    if ((fit > cores)); then fit=$cores; fi
    if ((fit < 1)); then fit=1; fi
    echo "${CMAKE_BUILD_PARALLEL_LEVEL:-$fit}"
}

# build PRESET [TARGET...], in a subshell, so that the caller's folder stays.
build() (
    local preset=$1 jobs folder target targets=() fresh=()
    shift
    for target in "$@"; do targets+=(--target "$target"); done
    folder="$root/build/$preset"
    jobs=$(build_jobs)
    cd "$root" || exit
    # CMake refuses a cache that was made when the repository was in another folder.
    if [[ -f $folder/CMakeCache.txt ]] &&
        ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
        fresh=(--fresh)
    fi
    say "Configuring ($preset)"
    cmake --preset "$preset" "${fresh[@]}" </dev/null ||
        die "CMake could not configure $preset; the first error above shows what is missing."
    say "Building ($preset, $jobs at a time)"
    cmake --build --preset "$preset" --parallel "$jobs" "${targets[@]}" </dev/null ||
        die "The build of $preset failed; the first error above shows where."
)
