# shellcheck shell=bash
# For scripts that Tests/Guest/run runs: cameras without hardware, and expectations. To be sourced:
#   . "$(dirname "$0")/lib.sh"
# Functions that make a camera print its device.
set -euo pipefail
shopt -s inherit_errexit
trap 'echo "FAILED: $0, line $LINENO: $BASH_COMMAND" >&2' ERR

# Where this run keeps what it must remember. Forgotten with the guest.
state=/run/guest

fail() {
    echo "FAILED: $*"
    exit 1
} >&2

# refused CODE WORDS COMMAND…: the command ends with 1, and its answer holds the code and the words.
refused() {
    local code=$1 words=$2 answer
    shift 2
    if answer=$("$@" 2>/dev/null); then fail "not refused: $*"; fi
    grep -q "\"code\":\"$code\"" <<<"$answer" && grep -q "$words" <<<"$answer" || fail "$answer instead of $code: $words"
    echo "ok: $code: $words" >&2
}

# expect SENTENCE COMMAND…: says the sentence if the command succeeds, else ends the script.
expect() {
    local sentence=$1
    shift
    "$@" || fail "$sentence ($*)"
    echo "ok: $sentence" >&2
}

# wait_for SECONDS SENTENCE COMMAND…: until the command succeeds; ends the script if it does not in that time.
wait_for() {
    local sentence=$2 end=$((SECONDS + $1))
    shift 2
    until "$@"; do
        ((SECONDS < end)) || fail "in vain waited for: $sentence"
        sleep 0.05 # between two looks; what is waited for is the command
    done
}

set_format() {
    local device=$1 pixel_format=$2 width=$3 height=$4
    v4l2-ctl -d "$device" --set-fmt-video="width=$width,height=$height,pixelformat=$pixel_format"
}

# grab DEVICE COUNT FILE: COUNT frames one after the other. v4l2-ctl succeeds even when its stream breaks off, so what
# counts is what it says of each frame: their sizes in bytes are printed, one a line.
grab() {
    local device=$1 count=$2 file=$3 told sizes
    told=$(v4l2-ctl -d "$device" --stream-mmap --stream-count="$count" --stream-to="$file" --verbose 2>&1) || true
    sizes=$(sed -n 's/.*cap dqbuf.* bytesused: *\([0-9]*\).*/\1/p' <<<"$told")
    if [[ $(wc -w <<<"$sizes") -ne $count ]]; then
        echo "$device did not give $count frames: $(tail -n 3 <<<"$told")" >&2
        return 1
    fi
    echo "$sizes"
}

vivid_devices() {
    local node
    for node in /sys/devices/platform/vivid.0/video4linux/video*; do
        [[ -e $node ]] && echo "/dev/${node##*/}"
    done
}

# vivid_camera PIXELFORMAT [COUNT [WIDTH HEIGHT]]: COUNT cameras (1) set to that layout and size (1280×720): colour bars
# with a running clock, at most 12.5 frames a second. They offer every other layout too: a program that sets its own
# gets that.
vivid_camera() {
    local pixel_format=$1 count=${2:-1} width=${3:-1280} height=${4:-720} types device devices
    types=$(printf '0x1,%.0s' $(seq "$count")) # video capture, without radio, overlay, touch …
    modprobe vivid n_devs="$count" node_types="${types%,}"
    devices=$(vivid_devices)
    for device in $devices; do set_format "$device" "$pixel_format" "$width" "$height"; done
    echo "$devices"
}

# As if the cable of every vivid camera were pulled: their nodes vanish, and streams break off.
unplug_vivid() { echo -n vivid.0 >/sys/bus/platform/drivers/vivid/unbind; }

# Plugs them in again. Their layout is what the driver starts with.
replug_vivid() { echo -n vivid.0 >/sys/bus/platform/drivers/vivid/bind; }

loopback_devices() {
    local node
    for node in /sys/devices/virtual/video4linux/video*; do echo "/dev/${node##*/}"; done
}

streams() {
    grab "$1" 1 /dev/null >/dev/null 2>&1
}

# ffmpeg's arguments for a layout.
layout() {
    case $1 in
        MJPG) echo -c:v mjpeg -huffman default ;;
        # As cameras do: frames in order, a key frame twice a second, the parameters before each.
        H264) echo -c:v libx264 -preset ultrafast -bf 0 -g 15 -x264-params repeat-headers=1 -pix_fmt yuv420p ;;
        NV12) echo -c:v rawvideo -pix_fmt nv12 ;;
        YUYV) echo -c:v rawvideo -pix_fmt yuyv422 ;;
        *) fail "there is no camera of $1" ;;
    esac
}

# loopback_camera PIXELFORMAT WIDTH HEIGHT RATE [CAMERA]: a camera that offers this layout (MJPG, H264, NV12 or YUYV), size and
# rate, and no other. It shows 1.5 s of ffmpeg's test picture, or of what CAMERA shows, over and over: what is a second
# apart differs. Four can be had.
loopback_camera() {
    local pixel_format=$1 width=$2 height=$3 rate=$4 device clip source
    # exclusive_caps: as with a real camera, a node is for capture only. The ones without a picture are for output only.
    modprobe v4l2loopback devices=4 exclusive_caps=1,1,1,1
    touch "$state/fed"
    device=$(loopback_devices | grep -vxF -f "$state/fed") || fail "all loopback cameras are taken"
    device=${device%%$'\n'*}
    echo "$device" >>"$state/fed"

    source=(-f lavfi -i "testsrc=size=${width}x$height:rate=$rate")
    if [[ $# -gt 4 ]]; then source=(-f v4l2 -video_size "${width}x$height" -i "$5" -r "$rate"); fi
    # Encoded beforehand: an emulated processor does not keep up with a camera.
    clip=$state/${device##*/}.nut
    # Unquoted: the layout is several arguments.
    # shellcheck disable=SC2046
    ffmpeg -v error -nostdin "${source[@]}" -frames:v $((rate * 3 / 2)) $(layout "$pixel_format") "$clip"
    v4l2-ctl -d "$device" --set-output-parm="$rate" >/dev/null
    feed "$device"
    echo "$device"
}

# feed DEVICE: plays the clip of a loopback camera into it, until `starve` or the guest's end.
feed() {
    local name=${1##*/}
    ffmpeg -v error -nostdin -stream_loop -1 -re -i "$state/$name.nut" -c copy -f v4l2 "$1" >"$state/$name.log" 2>&1 &
    echo $! >"$state/$name.pid"
    wait_for 60 "$1 streams" streams "$1"
}

# starve DEVICE: kills what plays into a loopback camera.
starve() { kill -KILL "$(<"$state/${1##*/}.pid")"; }

# feed_again DEVICE: plays into a camera that was starved, and ends all other loopback cameras: v4l2loopback 0.12 has to be
# loaded anew before it takes a writer in place of one that died.
feed_again() {
    local pid
    for pid in "$state"/*.pid; do kill -KILL "$(<"$pid")" 2>/dev/null || true; done # one was killed before
    wait_for 20 'nobody uses v4l2loopback' modprobe -qr v4l2loopback
    modprobe v4l2loopback devices=4 exclusive_caps=1,1,1,1
    feed "$1"
}

# loopback_mjpeg_camera WIDTH HEIGHT RATE
loopback_mjpeg_camera() { loopback_camera MJPG "$@"; }
