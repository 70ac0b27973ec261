#!/usr/bin/env bash
# cameras.sh [PROGRAMS]: the release-built programs with real drivers, to be run by Tests/Guest/run. The demo pairs a node
# with its gateway and takes pictures of vivid (which offers every raw layout, so the program chooses) and of v4l2loopback
# (MJPEG, and vivid's own picture as YUYV and as NV12, each alone); then the refusals that cameras give. A picture of each
# is kept in $RESULTS.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
programs=${1:-$here/../../.build/release}
configuration=$state/clawnode.json
echo '{"capabilities": {"camera": true}}' >"$configuration"

invoke() { "$programs/clawnode" invoke "$@" --config "$configuration"; }

picture() { /usr/bin/python3 "$here/picture.py" "$@"; }

# Reading and writing does without: who has mapped the device has it stream.
captures() { grep -qsF "$1" /proc/[0-9]*/maps; }

is_busy() { invoke camera.list | grep -q '"busy":true'; }

differ() { ! cmp -s "$1" "$2"; }

moved() {
    invoke camera.snap '{"deviceId":"'"$chart"'","delayMs":0}' --save "$RESULTS/later.jpg" >&2 &&
        differ "$RESULTS/loopback-mjpeg.jpg" "$RESULTS/later.jpg"
}

vivid=$(vivid_camera YUYV)
chart=$(loopback_camera MJPG 1280 720 15)
packed=$(loopback_camera YUYV 640 480 10 "$vivid")
planar=$(loopback_camera NV12 640 480 10 "$vivid")

# The whole way: gateway, approvals, pictures of every camera.
(cd "$RESULTS" && "$programs/clawnode-demo") >&2
expect 'the report shows every camera twice' test "$(grep -c '<img alt="\(a picture\|another one\)' "$RESULTS/clawnode-demo/report.html")" -eq 8

# Each kind of frame, and what is in the picture.
invoke camera.snap '{"deviceId":"'"$vivid"'","maxWidth":1280,"delayMs":0}' --save "$RESULTS/vivid.jpg" >&2
expect 'vivid shows its bars' picture "$RESULTS/vivid.jpg" 1280 720 bars
sleep 1 # the next picture is to be a second younger; vivid writes its clock into each
invoke camera.snap '{"deviceId":"'"$vivid"'","maxWidth":1280,"delayMs":0}' --save "$RESULTS/vivid-later.jpg" >&2
expect 'a second later the picture is another' differ "$RESULTS/vivid.jpg" "$RESULTS/vivid-later.jpg"
invoke camera.snap '{"deviceId":"'"$chart"'","delayMs":0}' --save "$RESULTS/loopback-mjpeg.jpg" >&2
expect 'the MJPEG camera shows its chart' picture "$RESULTS/loopback-mjpeg.jpg" 1280 720 chart
invoke camera.snap '{"deviceId":"'"$packed"'","delayMs":0}' --save "$RESULTS/loopback-yuyv.jpg" >&2
expect "the YUYV camera shows vivid's bars" picture "$RESULTS/loopback-yuyv.jpg" 640 480 bars
invoke camera.snap '{"deviceId":"'"$planar"'","delayMs":0}' --save "$RESULTS/loopback-nv12.jpg" >&2
expect "the NV12 camera shows vivid's bars" picture "$RESULTS/loopback-nv12.jpg" 640 480 bars
invoke camera.snap '{"deviceId":"'"$chart"'","maxWidth":320,"delayMs":0}' --save "$RESULTS/small.jpg" >&2
expect 'a smaller picture is scaled' picture "$RESULTS/small.jpg" 320 180 chart
# What is played has 22 frames and comes again and again, so two pictures may be the same by chance.
wait_for 30 'a later picture is another' moved

# Refusals.
refused INVALID_REQUEST 'no camera' invoke camera.snap '{"deviceId":"video77"}'
refused CAMERA_DISABLED 'capabilities' "$programs/clawnode" invoke camera.snap
v4l2-ctl -d "$vivid" --stream-mmap --stream-count=100000 --stream-to=/dev/null >/dev/null 2>&1 &
holder=$!
wait_for 10 'another program streams' is_busy
refused CAMERA_UNAVAILABLE 'busy' invoke camera.snap '{"deviceId":"'"$vivid"'"}'
kill "$holder"
wait "$holder" || true # it was killed
answer=$state/unplugged.json
invoke camera.snap '{"deviceId":"'"$vivid"'","delayMs":9000}' >"$answer" 2>/dev/null &
snap=$!
wait_for 10 'the capture streams' is_busy
unplug_vivid
if wait "$snap"; then fail 'a picture of an unplugged camera'; fi
expect 'a camera that is unplugged is said to be gone' grep -q CAMERA_UNAVAILABLE "$answer"
chmod 0 "$chart"
refused CAMERA_PERMISSION_REQUIRED 'usermod' setpriv --reuid=nobody --regid=nogroup --clear-groups \
    "$programs/clawnode" invoke camera.snap '{"deviceId":"'"$chart"'"}' --config "$configuration"
answer=$state/starved.json
invoke camera.snap '{"deviceId":"'"$planar"'","delayMs":2000}' --timeout 15000 >"$answer" 2>/dev/null &
snap=$!
wait_for 10 'the capture streams' captures "$planar"
starve "$planar"
if wait "$snap"; then fail 'a picture of a camera that gives none'; fi
expect 'a camera that gives no pictures any more is said to' grep -q 'CAMERA_UNAVAILABLE.*no pictures' "$answer"
feed_again "$planar"
invoke camera.snap '{"deviceId":"'"$planar"'","delayMs":0}' --save "$RESULTS/fed-again.jpg" >&2
expect 'and when it gives them again, they are taken' picture "$RESULTS/fed-again.jpg" 640 480 bars
