#!/usr/bin/env bash
# sound.sh [PROGRAMS]: the release-built programs with a real sound driver and no sound server, to be run by
# Tests/Guest/run. A tone is played into one end of snd-aloop and recorded at the other; then the refusals that
# microphones give. What was recorded is kept in $RESULTS.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
programs=${1:-$here/../../.build/release}
configuration=$state/clawnode.json
echo '{"capabilities": {"microphone": true}}' >"$configuration"
source=hw:CARD=Loopback,DEV=1

invoke() { "$programs/clawnode" invoke "$@" --config "$configuration"; }

# tone FILE SECONDS RATE CHANNELS: a WAV file of so long, to a frame, that holds 1 kHz all the time, half as loud as can be.
tone() { /usr/bin/python3 "$here/tone.py" "$@"; }

# recorded SENTENCE NAME SECONDS RATE CHANNELS [COMMAND…]: what is recorded in that format, while the command runs beside it, is the
# tone from beginning to end. A machine that is too busy to record or to play loses sound, and says so: then it is recorded again.
recorded() {
    local sentence=$1 file=$RESULTS/$2.wav seconds=$3 rate=$4 channels=$5 said log=$state/recorder _
    local params='{"deviceId":"'$source'","durationMs":'$((seconds * 1000))',"format":"wav","sampleRate":'$rate',"channels":'$channels'}'
    shift 5
    for _ in {1..5}; do
        invoke audio.record "$params" --save "$file" 2>"$log" >&2 &
        record=$!
        "$@"
        wait "$record"
        cat "$log" >&2
        if said=$(tone "$file" "$seconds" "$rate" "$channels" 2>&1); then
            echo "ok: $sentence" >&2
            return
        fi
        grep -q 'Sound was lost' "$log" || grep -q underrun "$state/player" || fail "$sentence ($said)"
        quiet
        start_player
    done
    fail "$sentence (this machine is too busy: $said)"
}

# pause_worker: leaves it without a processor for a second, as long as a machine may have something else to do.
pause_worker() {
    wait_for 60 'the recording runs' is_open
    /usr/bin/python3 - <<'END'
import os, signal, subprocess, time
worker = int(subprocess.check_output(['pgrep', '-x', 'clawnode-media']))
os.kill(worker, signal.SIGSTOP)
time.sleep(1)
os.kill(worker, signal.SIGCONT)
END
}

# play RATE CHANNELS: a 1 kHz tone into the loop's other end, again and again.
play() {
    local wave='0.5*sin(2000*PI*t)'
    if [[ $2 -eq 2 ]]; then wave+="|$wave"; fi
    ffmpeg -nostdin -loglevel error -y -f lavfi -i "aevalsrc=$wave:s=$1:d=60" "$state/tone.wav"
    start_player
}

start_player() {
    : >"$state/player"
    aplay -q --buffer-time=2000000 -D hw:CARD=Loopback,DEV=0 "$state/tone.wav" 2>>"$state/player" &
    player=$!
    wait_for 60 'the tone is played' grep -q RUNNING /proc/asound/Loopback/pcm0p/sub0/status
}

quiet() {
    kill "$player"
    wait "$player" || true # it was killed
}

is_open() { grep -q owner_pid /proc/asound/Loopback/pcm1c/sub0/status; }

# One at a time, as with a microphone; the driver has eight unless told.
modprobe snd-aloop pcm_substreams=1
wait_for 60 'the card is there' test -e /proc/asound/Loopback
answer=$(invoke audio.list)
expect 'the card is listed with an id that stays' grep -q "\"id\":\"$source\"" <<<"$answer"

# The loop has the rate and the channels that are played.
for format in '48000 2' '44100 1' '16000 1'; do
    read -r rate channels <<<"$format"
    play "$rate" "$channels"
    recorded "a device of $rate Hz is recorded as 16 kHz" "tone-$rate" 2 16000 1 true
    quiet
done
play 48000 2
recorded 'and as it is where that is asked for' tone-stereo 1 48000 2 true
recorded 'a recorder that gets no processor for a second loses nothing' tone-paused 3 16000 1 pause_worker
answer=$(invoke audio.level '{"deviceId":"'"$source"'"}')
expect 'its level is told' grep -qE '"peakDb":-6\.[0-2].*"rmsDb":-9\.[0-1]' <<<"$answer"

# Refusals.
refused INVALID_REQUEST 'hw:CARD=Loopback,DEV=0' invoke audio.record '{"deviceId":"file:/etc/passwd"}'
refused MIC_DISABLED 'capabilities' "$programs/clawnode" invoke audio.record
arecord -q -D "$source" -f S16_LE -r 48000 -c 2 /dev/null &
holder=$!
wait_for 60 'another program records' is_open
refused MIC_UNAVAILABLE "uses $source (arecord, pid $holder)" invoke audio.record '{"deviceId":"'"$source"'"}'
kill "$holder"
wait "$holder" || true # it was killed
invoke audio.record '{"deviceId":"'"$source"'","durationMs":250}' >/dev/null
expect 'and then it is free again' true
refused MIC_PERMISSION_REQUIRED 'usermod -aG audio nobody' setpriv --reuid=nobody --regid=nogroup --clear-groups \
    "$programs/clawnode" invoke audio.record --config "$configuration"
answer=$state/gone.json
invoke audio.record '{"deviceId":"'"$source"'","durationMs":20000}' >"$answer" 2>/dev/null &
record=$!
wait_for 60 'the recording runs' is_open
quiet
echo -n snd_aloop.0 >/sys/bus/platform/drivers/snd_aloop/unbind
if wait "$record"; then fail 'a recording of an unplugged microphone'; fi
expect 'a microphone that is unplugged is said to be gone' grep -q 'MIC_UNAVAILABLE.*unplugged' "$answer"
refused MIC_UNAVAILABLE 'no microphone found' invoke audio.record
