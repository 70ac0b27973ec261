"""Daemons that live through years of reconnecting and asking in a few minutes; see run."""
import argparse, os, sys, tempfile, time

from gateway import CLOSE, Certificate, Gateway, check
from process import Process

MB = 1e6
RESTARTING = (1012).to_bytes(2, 'big')
WARM_UP = 500  # rounds until caches and free lists have the size that they keep
ALLOWED = 0.5 * MB  # what the allocator may hold back more at one time than at another


class Soak:
    def __init__(self, program, scratch, kind):
        self.kind = kind
        certificate = Certificate(scratch) if kind == 'TLS' else None
        self.gateway = Gateway(certificate)
        folder = f'{scratch}/{kind}'
        os.mkdir(folder)
        with open(f'{folder}/clawnode.json', 'w') as file:
            file.write('{}')
        self.log = f'{folder}/log'
        pin = ['--tls-fingerprint', certificate.fingerprint] if certificate else []
        self.process = Process(
            [program, 'run', '--gateway', self.gateway.url, '--state-dir', f'{folder}/state',
             '--runtime-dir', f'{folder}/run', '--config', f'{folder}/clawnode.json', '--log-level', 'error', *pin],
            self.log)
        self.node = self.gateway.accept()

    def reconnect(self):
        """The gateway restarts, and says that it is back at once."""
        self.node.wire.send({'type': 'event', 'event': 'shutdown',
                             'payload': {'reason': 'restart', 'restartExpectedMs': 0}})
        self.node.wire.socket.sendall(self.node.wire.frame(CLOSE, RESTARTING))
        self.node.closed()
        self.node = self.gateway.accept()
        self.invoke()

    def invoke(self):
        self.node.invoke('device.info')

    def state(self):
        """The least of several looks: the thread that writes the status comes and goes."""
        folder = f'/proc/{self.process.pid}'
        looks = []
        for _ in range(10):
            looks.append((self.process.memory('RssAnon'), len(os.listdir(folder + '/fd')),
                          len(os.listdir(folder + '/task'))))
            time.sleep(0.05)
        return dict(zip(('RssAnon', 'descriptors', 'threads'), map(min, zip(*looks))))

    def round(self, name, count, action):
        """Whether the process is after `count` times `action` what it was before."""
        for _ in range(WARM_UP):
            action()
        before, began = self.state(), time.perf_counter()
        for _ in range(count):
            action()
        after, seconds = self.state(), time.perf_counter() - began
        growth = after['RssAnon'] - before['RssAnon']
        flat = growth <= ALLOWED and all(after[key] == before[key] for key in ('descriptors', 'threads'))
        print(f'{"ok    " if flat else "FAILED"} {self.kind}: {count} {name} in {seconds:.0f} s: RssAnon '
              f'{before["RssAnon"] / MB:.2f} → {after["RssAnon"] / MB:.2f} MB, descriptors {before["descriptors"]} → '
              f'{after["descriptors"]}, threads {before["threads"]} → {after["threads"]}', flush=True)
        return flat

    def run(self, reconnects, invokes):
        try:
            flat = [self.round('reconnects', reconnects, self.reconnect),
                    self.round('invocations', invokes, self.invoke)]
            self.process.stop()
            self.node.closed()
            check(self.process.wait() == 0, f'exit code {self.process.status} after SIGTERM')
            return all(flat)
        finally:
            self.process.kill()
            with open(self.log) as log:
                sys.stdout.writelines(log)


def main():
    parser = argparse.ArgumentParser(prog='Tests/Soak/run')
    parser.add_argument('--reconnects', type=int, default=10_000)
    parser.add_argument('--invokes', type=int, default=100_000)
    parser.add_argument('program')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        flat = [Soak(options.program, scratch, kind).run(options.reconnects // share, options.invokes // share)
                for kind, share in (('plain', 1), ('TLS', 10))]
    return 0 if all(flat) else 1


sys.exit(main())
