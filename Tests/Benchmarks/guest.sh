#!/usr/bin/env bash
# guest.sh DIRECTORY ROUNDS: measures the snaps of the programs in DIRECTORY beside those of other programs, with a
# camera of 1280×720 MJPEG at 30 frames a second. To be run by Tests/Guest/run; the rows come out as $RESULTS/rows.json.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=Tests/Guest/lib.sh
. "$here/../Guest/lib.sh"

camera=$(loopback_mjpeg_camera 1280 720 30)
/usr/bin/python3 "$here/snaps.py" "$1" "$2" "$camera" "$RESULTS/rows.json"
