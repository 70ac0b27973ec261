#!/usr/bin/env bash
# Packaging/test.sh
#
# Installs what the tests need, builds everything, runs every test: on this machine, with real drivers under Debian's own
# kernel, installed from packages on a pristine Debian, and with Debian 13's compiler. One line a step; a step's output
# only when it fails. Exit 0 when all passed. Tests/Guest/full tries more.
set -euo pipefail
shopt -s inherit_errexit
if [[ $# -gt 0 ]]; then
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2
    exit 64
fi
cd "$(dirname "$0")/.."

# All tests at once would be more daemons, compositors and watches of directories than a small machine has time and room for.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=16

log=$(mktemp)
trap 'rm -f "$log" "$log".*' EXIT
passed=0 failed=0

# step SENTENCE COMMAND…
step() {
    local sentence=$1 began=$SECONDS
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        printf 'ok     %4d s  %s\n' $((SECONDS - began)) "$sentence"
    else
        failed=$((failed + 1))
        printf 'FAILED %4d s  %s\n' $((SECONDS - began)) "$sentence"
        # Failed tests first: others end after them.
        grep '✘' "$log" | head -n 50 || true
        tail -n 200 "$log"
    fi
}

formatted() { swift format lint --strict --recursive Sources Tests Package.swift; }

# The frameworks' own closing lines, so that nobody has to believe ours, and what was left out. Root lacks nothing that a
# test could need, so with it nothing may be.
unit_tests() {
    swift test --disable-xctest >"$log.tests" 2>&1 || { grep -vE '^(◇|✔|➜)' "$log.tests" && return 1; }
    grep -E 'Test run with|^➜ .* skipped' "$log.tests" | tee -a "$log.summary"
    [[ $EUID -ne 0 ]] || ! grep -qE '^➜ .* skipped' "$log.tests"
}

# What chance finds is mended by a commit, and does not judge one.
fuzz() { Tests/Fuzz/run --seconds 10 --seed 1 | tee "$log.fuzz"; }

programs() {
    local program
    for program in clawnode clawnode-media clawnode-encode clawnode-demo; do
        swift build --configuration release --static-swift-stdlib --product "$program" || return
    done
}

packages() { Packaging/build-deb --suite "$1" --arch "$2"; }

judged() { Tests/Packages/run "$1" "$2" ".build/debs/$1-$2"; }

identical() {
    Packaging/build-deb --suite bookworm --arch "$arch" --output .build/debs/again
    diff --recursive ".build/debs/bookworm-$arch" .build/debs/again
}

Packaging/dependencies build test guest disk root
arch=$(dpkg --print-architecture)

step 'the sources are formatted' formatted
step 'everything builds' swift build --build-tests
step 'unit, peer and end-to-end tests' unit_tests
[[ -e $log.summary ]] && sed 's/^/                 /' "$log.summary"
step 'no data race' Tests/Sanitizers/run thread
step 'no memory error' Tests/Sanitizers/run address
step 'the fuzz targets, ten seconds each' fuzz
[[ -e $log.fuzz ]] && sed 's/^/                 /' "$log.fuzz"
step 'the release programs build' programs
step 'ten thousand reconnects and a hundred thousand invocations cost no memory' Tests/Soak/run .build/release/clawnode
step 'the guest gives cameras' Tests/Guest/run Tests/Guest/selftest.sh
step 'real drivers in the guest' Tests/Guest/run Tests/Guest/cameras.sh
step 'layouts and faults of cameras in the guest' Tests/Guest/run Tests/Guest/camera-faults.sh
step 'clips of cameras, and their faults, in the guest' Tests/Guest/run Tests/Guest/clips.sh
step 'a microphone is recorded, busy, forbidden and unplugged, in the guest' Tests/Guest/run Tests/Guest/sound.sh
step 'a console is seen and read, dark, covered and gone, in the guest' Tests/Guest/run Tests/Guest/console.sh
step 'a daemon wakes when the clock is set, in the guest' Tests/Guest/run Tests/Guest/waking.sh
step 'a USB camera comes, is pointed, misbehaves and goes, in the guest' Tests/Guest/run Tests/Guest/uvc.sh
step 'the link outlives what networks, gateways and clocks do, in the guest' Tests/Guest/run Tests/Guest/link-faults.sh
step 'it compiles on Debian 13, with its own compiler, and so do its tests' Tests/Debian13/run
step 'the packages for Debian 12 build' packages bookworm "$arch"
step 'and once more, to the last bit' identical
step 'they come, stay, go and are judged in a fresh Debian 12' judged bookworm "$arch"
step 'installed on a pristine Debian 12: joined, sandboxed, killed, upgraded, three times without power' \
    Tests/Guest/installed bookworm --debs ".build/debs/bookworm-$arch" sandbox kills upgrade power_cuts
step 'the packages for Debian 13 build' packages trixie "$arch"
step 'they come, stay, go and are judged in a fresh Debian 13' judged trixie "$arch"
step 'so do those for a Raspberry Pi, by this machine'\''s compiler' packages trixie arm64
step 'their programs, emulated, pair with a gateway and take a picture' judged trixie arm64

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
