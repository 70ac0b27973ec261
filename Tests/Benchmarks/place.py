"""How long it takes to learn where the machine is from a gpsd that knows, beside gpsd's own client."""
import contextlib, functools, operator, shutil, socket, subprocess, threading, time

MS = 1000


def sentence(text):
    return f'${text}*{functools.reduce(operator.xor, text.encode()):02X}\r\n'


def measurement():
    """What a receiver in Munich says (NMEA 0183)."""
    now = time.gmtime()
    clock, day, place = time.strftime('%H%M%S.00', now), time.strftime('%d%m%y', now), '4808.2440,N,01134.5300,E'
    return ''.join(map(sentence, (f'GPGGA,{clock},{place},1,08,0.9,519.4,M,46.9,M,,',
                                  'GPGSA,A,3,04,05,09,12,24,,,,,,,,2.5,1.3,2.1',
                                  f'GPRMC,{clock},A,{place},010.0,084.4,{day},,,A'))).encode()


def tell(listener):
    """Once a second, as receivers do, to whoever comes."""
    while True:
        try:
            peer = listener.accept()[0]
        except OSError:
            return              # closed
        with contextlib.suppress(OSError), peer:
            while True:
                peer.sendall(measurement())
                time.sleep(1)


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as held:
        return held.getsockname()[1]


@contextlib.contextmanager
def gpsd():
    """The port of one that listens to its receiver all the time."""
    receiver, port = socket.create_server(('127.0.0.1', 0)), free_port()
    threading.Thread(target=tell, args=(receiver,), daemon=True).start()
    process = subprocess.Popen(['/usr/sbin/gpsd', '-N', '-n', '-S', str(port), f'tcp://127.0.0.1:{receiver.getsockname()[1]}'],
                               stderr=subprocess.DEVNULL)
    try:
        while ask(port) is None:
            time.sleep(0.1)     # between two looks at whether it knows
        yield port
    finally:
        process.terminate()
        process.wait()
        receiver.close()


def ask(port):
    """What it tells first of a place; None when it does not within five seconds."""
    with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', port), 5) as peer:
        peer.settimeout(5)
        peer.sendall(b'?WATCH={"enable":true,"json":true};\n')
        return next((line for line in peer.makefile() if '"TPV"' in line and '"lat"' in line), None)


def gpspipe(port):
    """Milliseconds from its start until it has told the place; None where it is not installed (gpsd-clients)."""
    if not shutil.which('gpspipe'):
        return None
    began = time.perf_counter()
    process = subprocess.Popen(['gpspipe', '-w', f'127.0.0.1:{port}'], stdout=subprocess.PIPE, text=True)
    next(line for line in process.stdout if '"TPV"' in line and '"lat"' in line)
    took = (time.perf_counter() - began) * MS
    process.terminate()
    process.wait()
    process.stdout.close()
    return took
