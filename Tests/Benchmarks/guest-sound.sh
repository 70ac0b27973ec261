#!/usr/bin/env bash
# guest-sound.sh DIRECTORY ROUNDS: measures recordings of the programs in DIRECTORY from a device of ALSA's beside those of arecord.
# To be run by Tests/Guest/run; the rows come out as $RESULTS/rows.json.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=Tests/Guest/lib.sh
. "$here/../Guest/lib.sh"

modprobe snd-aloop pcm_substreams=1
wait_for 10 'the card is there' test -e /proc/asound/Loopback
ffmpeg -nostdin -loglevel error -f lavfi -i 'aevalsrc=0.5*sin(2000*PI*t)|0.5*sin(2000*PI*t):s=48000:d=300' "$state/tone.wav"
aplay -q --buffer-time=2000000 -D hw:CARD=Loopback,DEV=0 "$state/tone.wav" &
wait_for 10 'the tone is played' grep -q RUNNING /proc/asound/Loopback/pcm0p/sub0/status
/usr/bin/python3 "$here/sound.py" "$1" "$2" "$RESULTS/rows.json" hw:CARD=Loopback,DEV=1
