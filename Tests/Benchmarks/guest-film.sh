#!/usr/bin/env bash
# guest-film.sh DIRECTORY ROUNDS: measures clips of the programs in DIRECTORY beside those of ffmpeg. To be run by
# Tests/Guest/run; the rows come out as $RESULTS/rows.json.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=Tests/Guest/lib.sh
. "$here/../Guest/lib.sh"

# As many a second as the emulated processor can encode: whoever does it cheaper would otherwise only do more of it.
camera=$(loopback_camera MJPG 1280 720 5)
/usr/bin/python3 "$here/film.py" "$1" "$2" "$RESULTS/rows.json" "$camera"
