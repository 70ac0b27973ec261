#!/usr/bin/env bash
# link-faults.sh [PROGRAMS [PRACTICE-GATEWAY [ROW…]]]: what networks, gateways and clocks do to the connection of the
# release-built daemon, to be run by Tests/Guest/run. Each row of link_faults.py has a machine for the node, one for the
# gateway and a wire of its own, and ends connected. Without ROW, all of them.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
programs=${1:-$here/../../.build/release}
gateway=${2:-$here/../../.build/debug/practice-gateway}
shift $(($# < 2 ? $# : 2))

modprobe -a veth sch_netem sch_tbf
modprobe v4l2loopback devices=1 exclusive_caps=1
camera=$(loopback_devices)
# Noise, because a picture of something would be small.
ffmpeg -v error -f lavfi -i nullsrc=size=1280x720,noise=alls=100 -frames:v 1 -c:v mjpeg -huffman default -q:v 2 \
    -pix_fmt yuvj420p -f mjpeg "$state/noise.jpg"
exec /usr/bin/python3 -B "$here/link_faults.py" "$programs/clawnode" "$gateway" "$camera" "$state/noise.jpg" "$@"
