"""A receiver at a local socket: nmea.py SOCKET <SENTENCES. It says them to whoever comes, five times a second, and ends when its parent
does."""
import os, socket, sys, threading, time

said = sys.stdin.buffer.read()


def tell(peer):
    try:
        while True:
            peer.sendall(said)
            time.sleep(0.2)
    except OSError:
        pass


server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
server.listen()
while True:
    threading.Thread(target=tell, args=(server.accept()[0],), daemon=True).start()
