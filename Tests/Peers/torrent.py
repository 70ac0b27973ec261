#!/usr/bin/env python3
"""torrent.py SOCKET GREETING AWAITED TORRENT: whoever connects is greeted, has to say what is awaited, and then hears the same over and
over, without a pause; nothing else is read. All three are hexadecimal and may be empty but the last."""
import socket
import sys
import threading

path, *texts = sys.argv[1:]
greeting, awaited, torrent = map(bytes.fromhex, texts)


def serve(connection):
    try:
        connection.sendall(greeting)
        heard = b''
        while awaited not in heard:
            piece = connection.recv(4096)
            if not piece:
                return
            heard += piece
        while True:
            connection.sendall(torrent * (1 + (1 << 16) // len(torrent)))
    except OSError:
        pass    # it was hung up on


listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
