#!/usr/bin/env bash
# Tests/Guest/console.sh [PROGRAMS]: the release-built programs on a machine without a session, to be run by Tests/Guest/run: the
# picture of its console, by a graphics driver's framebuffer, and its text. Then what comes in front of it, or takes it away. What
# was seen is kept in $RESULTS.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
programs=${1:-$here/../../.build/release}
configuration=$state/clawnode.json
echo '{"capabilities": {"screen": true}}' >"$configuration"

# An emulated processor may be slow.
invoke() { "$programs/clawnode" invoke "$@" --timeout 300000 --config "$configuration"; }

# The colours of a picture's or a clip's pixels, as ffmpeg sees them: three bytes each.
pixels() { ffmpeg -v error -nostdin -i "$1" -frames:v 1 -f rawvideo -pix_fmt rgb24 "$2"; }

# paint RED GREEN BLUE: the whole framebuffer.
paint() {
    /usr/bin/python3 - "$@" <<'END'
import sys
red, green, blue = map(int, sys.argv[1:])
with open('/dev/fb0', 'r+b', buffering=0) as framebuffer:
    left = memoryview(bytes([blue, green, red, 0]) * (1280 * 800))
    while left:
        left = left[framebuffer.write(left):]
END
}

# is_framebuffer FILE [turned]: the picture is the framebuffer, pixel for pixel; or what is there, upright, where the kernel turns
# its text by a quarter with the clock.
is_framebuffer() {
    /usr/bin/python3 - "$@" <<'END'
import sys
seen = open(sys.argv[1], 'rb').read()
memory = open('/dev/fb0', 'rb').read()
wanted = bytearray(1280 * 800 * 3)
wanted[0::3], wanted[1::3], wanted[2::3] = memory[2::4], memory[1::4], memory[0::4]
if len(sys.argv) > 2:
    lying = bytes(wanted)
    for colour in range(3):
        wanted[colour::3] = b''.join(lying[3 * x + colour::3 * 1280] for x in reversed(range(1280)))
sys.exit(None if seen == wanted else f'{len(seen)} bytes, the first that differs is '
         f'{next((i for i, (a, b) in enumerate(zip(seen, wanted)) if a != b), "none")}')
END
}

# at FILE NUMBER: the three bytes of that pixel.
at() { od -A n -t u1 -j $((3 * $2)) -N 3 "$1" | tr -s ' ' | sed 's/^ //'; }

# shows_last FILE: a recording ends with blue, as far as an encoder keeps colours.
shows_last() {
    local red green blue
    ffmpeg -v error -nostdin -y -sseof -0.5 -i "$1" -update 1 "$state/last.png"
    pixels "$state/last.png" "$state/last"
    read -r red green blue <<<"$(at "$state/last" 512640)"
    [[ $red -lt 60 && $green -lt 60 && $blue -gt 200 ]] || fail "the last picture is $red $green $blue"
}

lasts() {
    local seconds
    seconds=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$1")
    /usr/bin/python3 -c "import sys; sys.exit(not 2.8 < $seconds < 3.3)"
}

# write_console TEXT: on the first console, from its upper left corner on.
write_console() { printf '\033[2J\033[H%b' "$1" >/dev/tty1; }

# Before there is a graphics card.
refused INVALID_REQUEST 'nothing is shown here' invoke screen.snapshot

modprobe bochs
wait_for 60 'the framebuffer is there' test -e /dev/fb0
expect 'the framebuffer is listed' grep -q '"height":800,"index":0,"main":true,"name":"fb0","width":1280' <<<"$(invoke screen.list)"

# Text.
write_console 'grüß Gott ─ 12 %\n\n  login: '
answer=$(invoke console.snapshot)
expect 'the text of the console in front is told' grep -q '"lines":\["grüß Gott ─ 12 %","","  login:","",' <<<"$answer"
expect 'with the cursor and the size' grep -q '"columns":160,"console":1,"cursorColumn":9,"cursorRow":2,.*"rows":50' <<<"$answer"
echo elsewhere >/dev/tty2
expect 'another one is told as well' grep -q '"lines":\["elsewhere"' <<<"$(invoke console.snapshot '{"console": 2}')"
refused INVALID_REQUEST 'no console 40; console is one of: 1, 2' invoke console.snapshot '{"console": 40}'
refused PERMISSION_MISSING 'usermod -aG tty nobody' setpriv --reuid=nobody --regid=nogroup --clear-groups \
    "$programs/clawnode" invoke console.snapshot --config "$configuration"

# Pictures. The cursor would blink between two looks.
echo 0 >/sys/class/graphics/fbcon/cursor_blink
invoke screen.snapshot '{"format": "png", "maxWidth": 1280}' --save "$RESULTS/console.png" >/dev/null
pixels "$RESULTS/console.png" "$state/console"
expect 'a snapshot has each pixel of the console' is_framebuffer "$state/console"
echo 1 >/sys/class/graphics/fbcon/rotate
write_console 'standing'
expect 'a screen on its side is high' grep -q '"height":1280,.*"width":800' <<<"$(invoke screen.list)"
invoke screen.snapshot '{"format": "png", "maxWidth": 1280}' --save "$RESULTS/turned.png" >/dev/null
pixels "$RESULTS/turned.png" "$state/turned"
expect 'and its picture upright' is_framebuffer "$state/turned" turned
echo 0 >/sys/class/graphics/fbcon/rotate
paint 200 100 50
invoke screen.snapshot '{"format": "png", "maxWidth": 1280}' --save "$RESULTS/painted.png" >/dev/null
pixels "$RESULTS/painted.png" "$state/painted"
expect 'and of what is painted there' is_framebuffer "$state/painted"
expect 'which is the colour that was painted' test "$(at "$state/painted" 512640)" = '200 100 50'

# A recording, in which something changes once it has begun.
paint 250 20 20
invoke screen.record '{"durationMs": 3000, "includeAudio": false}' --save "$RESULTS/console.mp4" >/dev/null 2>"$state/recorder" &
record=$!
wait_for 60 'the recording runs' pgrep -x clawnode-encode >/dev/null
paint 20 20 250
wait "$record" || fail "no recording: $(<"$state/recorder")"
expect 'a recording of 3 s lasts 3 s' lasts "$RESULTS/console.mp4"
expect 'and its last picture is what was painted meanwhile' shows_last "$RESULTS/console.mp4"

# Refusals: never a picture that nobody sees.
refused PERMISSION_MISSING 'usermod -aG video nobody' setpriv --reuid=nobody --regid=nogroup --clear-groups \
    "$programs/clawnode" invoke screen.snapshot --config "$configuration"
echo 4 >/sys/class/graphics/fb0/blank
refused INVALID_REQUEST 'fb0 cannot be seen: it is switched off' invoke screen.snapshot
expect 'but its text is told' grep -q elsewhere <<<"$(invoke console.snapshot '{"console": 2}')"
echo 0 >/sys/class/graphics/fb0/blank
invoke screen.snapshot >/dev/null
exec {card}<>/dev/dri/card0 # who opens it first has the display, as desktops do
refused INVALID_REQUEST 'is in front of the console fb0' invoke screen.snapshot
refused INVALID_REQUEST 'is in front of the console fb0' invoke screen.list
exec {card}>&-
invoke screen.snapshot >/dev/null
invoke screen.record '{"durationMs": 20000, "includeAudio": false}' >"$state/gone.json" 2>/dev/null &
record=$!
wait_for 60 'the recording runs' pgrep -x clawnode-encode >/dev/null
basename "$(readlink -f /sys/class/graphics/fb0/device)" | tr -d '\n' >/sys/bus/pci/drivers/bochs-drm/unbind
if wait "$record"; then fail 'a recording of a card that has gone'; fi
expect 'a card that goes leaves no recording' grep -q 'UNAVAILABLE.*fb0 went away' "$state/gone.json"
refused INVALID_REQUEST 'nothing is shown here' invoke screen.snapshot
