#!/usr/bin/env bash
# guest-film.sh DIRECTORY ROUNDS: measures clips of the programs in DIRECTORY beside those of ffmpeg. To be run by
# Tests/Guest/run; the rows come out as $RESULTS/rows.json.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=Tests/Guest/lib.sh
. "$here/../Guest/lib.sh"

camera=$(loopback_camera MJPG 1280 720 30)
/usr/bin/python3 "$here/film.py" "$1" "$2" "$RESULTS/rows.json" "$camera"
