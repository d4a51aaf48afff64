# shellcheck shell=bash
# Runs test suites, each with a time limit, and adds up their results. Needs common.sh.
#
# A suite's numbers come from its own output, but its exit status decides: a suite that stops before
# its summary, or prints nothing, never counts as success.

: "${root:?source common.sh first}"

ctest_logs=
passed_total=0
failed_total=0
failed_suites=()
suite_pid=
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
trap 'stop_suite 130' INT
trap 'stop_suite 143' TERM

stop_suite() {
    trap '' INT TERM
    if [[ -n $suite_pid ]]; then
        # To `timeout`, which forwards it to its process group: the suite and its servers.
        kill -TERM "$suite_pid" 2>/dev/null || true
        wait "$suite_pid" 2>/dev/null || true
    fi
    exit "$1"
}

# run_suite NAME SECONDS COUNTER COMMAND...
# COUNTER is a function that reads the suite's output on stdin and prints "PASSED FAILED".
run_suite() {
    local name=$1 seconds=$2 counter=$3 log status=0 passed failed shown begun=$SECONDS
    shift 3
    log=$(mktemp "$logs/XXXXXX")
    say "$name (at most $seconds s)"
    # In the background, as a process group, so that processes that outlive the suite can be killed.
    timeout --kill-after=20 "$seconds" "$@" >"$log" 2>&1 </dev/null &
    suite_pid=$!
    tail -n +1 -s 0.2 -f --pid="$suite_pid" "$log" &
    shown=$!
    wait "$suite_pid" || status=$?
    kill -KILL -- "-$suite_pid" 2>/dev/null || true
    wait "$shown" || true
    suite_pid=
    read -r passed failed < <("$counter" <"$log") || true
    passed=${passed:-0} failed=${failed:-0}
    if ((status == 124 || status == 137)); then note "stopped: it took longer than $seconds s"; fi
    if ((failed == 0 && (status != 0 || passed == 0))); then
        failed=1
        note "it counted no failure, but exited with status $status and $passed passed"
    fi
    record_suite "$name" "$passed" "$failed"
    note "it took $((SECONDS - begun)) s"
}

record_suite() {
    note "$1: $2 passed, $3 failed"
    passed_total=$((passed_total + $2))
    failed_total=$((failed_total + $3))
    if (($3 > 0)); then failed_suites+=("$1"); fi
}

# The last line of the run is the summary and nothing else.
finish_suites() {
    local name
    say "All suites"
    for name in "${failed_suites[@]}"; do note "failed: $name"; done
    echo "$passed_total passed, $failed_total failed"
    ((failed_total == 0)) || exit 1
    exit 0
}

# node:test: "# pass 3" (TAP) or "ℹ pass 3" (spec). A cancelled test has not passed.
# Output of the tests themselves comes earlier or is indented, so the last such line counts.
count_node_test() {
    awk '!/^(#|ℹ) [a-z]+ [0-9]+$/ { next }
         { figure[$2] = $3 }
         END { print figure["pass"] + 0, figure["fail"] + figure["cancelled"] }'
}

# "N passed, N failed" on a line of its own; the last one counts.
count_plain() {
    awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed = $1; failed = $3 }
         END { print passed + 0, failed + 0 }'
}

# ctest shows the output of failed programs only; its logs in `ctest_logs` have the output of all
# programs and the list of failed ones. (LastTest.log alone is not enough: it calls a program that
# was never built "Passed".) A Catch2 program counts its test cases; any other program is one test.
# If a program's own numbers show no failure, ctest's verdict decides.
forget_ctest() { rm -f "$ctest_logs"/LastTest{,sFailed}.log; }

count_ctest() {
    local failed="$ctest_logs/LastTestsFailed.log"
    if [[ ! -f $ctest_logs/LastTest.log ]]; then return; fi
    if [[ ! -f $failed ]]; then failed=/dev/null; fi
    awk -v list="$failed" 'function close_program() {
             if (!open) return
             if (!counted && ok) cases_passed = 1
             if (!ok && cases_failed == 0) cases_failed = 1
             if (ok && empty) cases_failed = 1
             passed += cases_passed; failed += cases_failed
             open = 0
         }
         BEGIN { while ((getline line < list) > 0) { sub(/^[0-9]+:/, "", line); bad[line] = 1 } }
         /^[0-9]+\/[0-9]+ Testing: / {
             close_program()
             name = $0; sub(/^[0-9]+\/[0-9]+ Testing: /, "", name)
             open = 1; ok = 0; counted = 0; empty = 0; cases_passed = 0; cases_failed = 0
         }
         /^All tests passed \([0-9]+ assertions? in [0-9]+ test cases?\)/ {
             counted = 1; cases_passed = $7
         }
         /^No tests ran/ { counted = 1; empty = 1 }
         # "test cases: 9 | 7 passed | 1 failed | 1 failed as expected"
         /^test cases: / {
             counted = 1; cases_passed = 0; cases_failed = 0
             n = split($0, part, "|")
             for (i = 2; i <= n; i++) {
                 split(part[i], word, " ")
                 if (word[2] == "passed" || word[3] == "as") cases_passed += word[1]
                 else cases_failed += word[1]
             }
         }
         /^Test Passed\.$/ { ok = !(name in bad) }
         END { close_program(); print passed + 0, failed + 0 }' "$ctest_logs/LastTest.log"
}
