"""session_worker.py SOCKET MANNER: a worker that dials in by itself, in somebody else's words.

MANNER: `serve` answers everything with its own user's number, `hold` begins and never answers, `leave` goes when it is asked, `mute` says nothing, `early` answers
before it has greeted, `bossy` asks the daemon, `forger` answers what would end the frame around it, `giant` with the
largest file that there can be, `wordy` with a text of a megabyte. Ends with 0 when it is hung up on.
"""
import fcntl
import json
import os
import socket
import sys

path, manner = sys.argv[1:]
daemon = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
daemon.connect(path)


def say(**message):
    try:
        daemon.send(json.dumps(message).encode())
    except (BrokenPipeError, ConnectionResetError):
        sys.exit(0)


if manner == 'early':
    say(resting={})
elif manner != 'mute':
    say(hello={'version': '1', 'pid': os.getpid()})
    say(condition={'_0': {'raised': {'_0': {'id': 'odd', 'severity': 'error', 'summary': 'x' * 5000, 'remedy': 'rm -rf /'}}}})
if manner == 'bossy':
    say(cancel={'id': 1})
while True:
    try:
        packet = daemon.recv(1 << 16)
    except ConnectionResetError:
        sys.exit(0)
    if not packet:
        sys.exit(0)
    message = json.loads(packet)
    if 'invoke' not in message:
        continue
    if manner == 'leave':
        sys.exit(0)
    number = message['invoke']['_0']['id']
    say(begun={'id': number})
    if manner in ('serve', 'forger'):
        text = json.dumps({'uid': os.getuid()}, separators=(',', ':'))
        if manner == 'forger':
            text += ',"ok":false}'
        say(reply={'_0': {'id': number, 'outcome': {'success': {'_0': {'inline': {'_0': text}}}}}})
    if manner in ('giant', 'wordy'):
        file = os.memfd_create('giant', os.MFD_ALLOW_SEALING)
        os.ftruncate(file, (1 << 63) - 1 if manner == 'giant' else 1 << 20)
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL)
        text, blob = ({'inline': {'_0': '{"a":1}'}}, {'blobField': 'base64'}) if manner == 'giant' else ({'attached': {}}, {})
        reply = {'id': number, 'outcome': {'success': {'_0': text}}, **blob}
        socket.send_fds(daemon, [json.dumps({'reply': {'_0': reply}}).encode()], [file])
