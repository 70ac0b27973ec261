#!/usr/bin/env bash
# guest.sh DIRECTORY ROUNDS: measures the snaps of the programs in DIRECTORY beside those of other programs, with cameras
# of several sizes. To be run by Tests/Guest/run; the rows come out as $RESULTS/rows.json.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=Tests/Guest/lib.sh
. "$here/../Guest/lib.sh"

# Slower where a faster one would take the emulated processor from those who are measured.
cameras=()
for camera in MJPG,1280,720,30 MJPG,1920,1080,30 MJPG,3840,2160,10 YUYV,1280,720,10; do
    IFS=, read -r layout width height rate <<<"$camera"
    device=$(loopback_camera "$layout" "$width" "$height" "$rate")
    cameras+=("$device,$layout,$width,$height")
done
/usr/bin/python3 "$here/snaps.py" "$1" "$2" "$RESULTS/rows.json" "${cameras[@]}"
