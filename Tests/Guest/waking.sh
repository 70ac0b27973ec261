#!/usr/bin/env bash
# waking.sh [PROGRAMS]: the release-built daemon, while it waits for a gateway that is not there, as the clock is set to and
# fro. To be run by Tests/Guest/run: nobody else's clock is touched.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
programs=${1:-$here/../../.build/release}

said() { grep -q "$1" "$state/log"; }

echo '{}' >"$state/clawnode.json"
"$programs/clawnode" run --gateway ws://127.0.0.1:9 --config "$state/clawnode.json" --state-dir "$state/state" \
    --runtime-dir "$state/run" --log-level debug 2>"$state/log" &
daemon=$!
# Long enough a wait that the next attempt is not its own idea.
wait_for 60 'it waits for eight seconds' said 'seconds=\(8\|9\|10\)\.'
date --set='+1 day' >/dev/null
wait_for 30 'it tries again' said 'Trying again early because="the time of day was set by 86[34][09][09] s"'
date --set='1975-01-01' >/dev/null
wait_for 30 'it tries again' said 'Trying again early because="the time of day was set by -'
kill -TERM "$daemon"
expect 'it stops as if nothing had been' wait "$daemon"
