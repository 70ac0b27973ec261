#!/usr/bin/env bash
# The guest's cameras are what lib.sh says they are. To be run by Tests/Guest/run.
. "$(dirname "$0")/lib.sh"

layouts() { v4l2-ctl -d "$1" --list-formats | sed -n "s/.*\]: '\(....\)'.*/\1/p"; }
offers() { [[ $(layouts "$1") == *"$2"* ]]; }
offers_only() { [[ $(layouts "$1") == "$2" ]]; }
byte_at() { od -A n -t u1 -j "$2" -N 1 "$1" | tr -d ' '; }
differ() { ! cmp -s "$1" "$2"; }
five_of() { [[ $(sort -u <<<"$1") == "$2" && $(wc -l <<<"$1") -eq 5 ]]; }

# vivid's bars: white at the left, black at the right; bytes per pixel of the first plane.
has_bars() {
    local middle=$((360 * 1280))
    [[ $(byte_at "$1" $(((middle + 80) * $2))) -gt 160 && $(byte_at "$1" $(((middle + 1200) * $2))) -lt 40 ]]
}

all_jpeg() {
    local offset=0 size
    for size in $2; do
        [[ $(od -A n -t x1 -j "$offset" -N 3 "$1" | tr -d ' ') == ffd8ff ]] || return 1
        offset=$((offset + size))
    done
    [[ $(stat -c %s "$1") -eq $offset ]]
}

decoded_frames() { ffmpeg -v error -xerror -nostdin -f mjpeg -i "$1" -f framecrc - | grep -vc '^#'; }

expect "the guest runs Debian's kernel" grep -q -- -amd64 /proc/sys/kernel/osrelease
expect "the loopback interface is up" test $(($(</sys/class/net/lo/flags) & 1)) -eq 1
expect "the host's files are there" cmp "$0" "$(dirname "$0")/selftest.sh"
echo kept >"$RESULTS/kept"

camera=$(vivid_camera YUYV)
expect "vivid offers YUYV" offers "$camera" YUYV
expect "vivid offers NV12" offers "$camera" NV12
sizes=$(grab "$camera" 5 /tmp/yuyv)
expect "vivid gives five YUYV frames" five_of "$sizes" $((1280 * 720 * 2))
expect "they show the bars" has_bars /tmp/yuyv 2

set_format "$camera" NV12 1280 720
sizes=$(grab "$camera" 5 /tmp/nv12)
expect "vivid gives five NV12 frames" five_of "$sizes" $((1280 * 720 * 3 / 2))
expect "they show the bars" has_bars /tmp/nv12 1

v4l2-ctl -d "$camera" --stream-mmap --stream-to=/tmp/endless >/tmp/stream 2>&1 &
stream=$!
wait_for 10 "the stream runs" test -s /tmp/endless
unplug_vivid
wait "$stream" || true
# Asking for a frame or giving back its buffer, whichever it was at.
expect "unplugging ends a running stream" grep -q 'QBUF: failed' /tmp/stream
expect "the unplugged camera is gone" test ! -e "$camera"
replug_vivid
camera=$(vivid_camera YUYV 1 640 480)
sizes=$(grab "$camera" 5 /tmp/yuyv)
expect "it works again when replugged" five_of "$sizes" $((640 * 480 * 2))

camera=$(loopback_mjpeg_camera 1280 720 30)
expect "the loopback camera offers MJPG only" offers_only "$camera" MJPG
sizes=$(grab "$camera" 5 /tmp/mjpeg)
expect "it gives five frames, each a JPEG" all_jpeg /tmp/mjpeg "$sizes"
expect "all five can be decoded" test "$(decoded_frames /tmp/mjpeg)" -eq 5
sizes=$(grab "$camera" 31 /tmp/second)
head -c "$(head -n 1 <<<"$sizes")" /tmp/second >/tmp/first.jpg
tail -c "$(tail -n 1 <<<"$sizes")" /tmp/second >/tmp/last.jpg
expect "frames a second apart differ" differ /tmp/first.jpg /tmp/last.jpg
cp /tmp/last.jpg "$RESULTS/mjpeg.jpg"

camera=$(loopback_camera NV12 640 480 15)
expect "a second loopback camera offers NV12 only" offers_only "$camera" NV12
sizes=$(grab "$camera" 5 /tmp/nv12)
expect "it gives five frames" five_of "$sizes" $((640 * 480 * 3 / 2))

for module in snd-aloop uvcvideo usb_f_uvc dummy_hcd; do expect "$module can be loaded" modprobe "$module"; done
expect "dummy_hcd gives a port for gadgets" test -e /sys/class/udc/dummy_udc.0
echo "All as it should be, $(cut -d ' ' -f 1 /proc/uptime) s after the kernel's start."
