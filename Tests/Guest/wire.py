"""Two machines and the wire between them, each pair a world of its own: network namespaces."""
import itertools
import os
import subprocess

GATEWAY, ELSEWHERE, NODE = '10.0.0.2', '10.0.0.3', '10.0.0.1'
CONNECTED, LISTENING = '01', '0A'
numbers = itertools.count()


def run(*command):
    subprocess.run(command, check=True)


class Wire:
    def __init__(self):
        number = next(numbers)
        self.ends = {'node': f'node{number}', 'gateway': f'gateway{number}'}
        for name in self.ends.values():
            run('ip', 'netns', 'add', name)
        self.prepare('node', f'link add wire type veth peer wire netns {self.ends["gateway"]}', NODE)
        self.prepare('gateway', 'link show wire', GATEWAY, ELSEWHERE)

    def prepare(self, end, first, *addresses):
        lines = [first] + [f'address add {address}/24 dev wire' for address in addresses]
        lines += ['link set wire up', 'link set lo up']
        # All in one process: in an emulated machine it is starting one that takes time.
        subprocess.run(['ip', '-n', self.ends[end], '-batch', '-'], input='\n'.join(lines), text=True, check=True,
                       stdout=subprocess.DEVNULL)

    def on(self, end, *command):
        """The words that run a command on that machine, in place of the process that says them."""
        return ['ip', 'netns', 'exec', self.ends[end], *command]

    def names_by(self, server):
        """Where the node's resolver asks."""
        folder = f'/etc/netns/{self.ends["node"]}'
        os.makedirs(folder, exist_ok=True)
        with open(f'{folder}/resolv.conf', 'w') as file:
            file.write(f'nameserver {server}\n')

    def shape(self, *discipline):
        """What becomes of packets, in either direction: arguments of `tc qdisc`."""
        for end in self.ends.values():
            run('tc', '-n', end, 'qdisc', 'replace', 'dev', 'wire', 'root', *discipline)

    def lose_all(self):
        self.shape('netem', 'loss', '100%')

    def mend(self):
        for end in self.ends.values():
            run('tc', '-n', end, 'qdisc', 'delete', 'dev', 'wire', 'root')

    def unplug(self):
        """What the node's own kernel knows of."""
        run('ip', '-n', self.ends['node'], 'link', 'set', 'wire', 'down')

    def plug(self):
        run('ip', '-n', self.ends['node'], 'link', 'set', 'wire', 'up')

    def ports(self, end, state):
        """A machine's own ports of the TCP sockets that it believes to be in that state (proc_pid_net(5))."""
        told = subprocess.run(self.on(end, 'cat', '/proc/net/tcp'), check=True, capture_output=True, text=True)
        lines = [line.split() for line in told.stdout.splitlines()[1:]]
        return [int(line[1].split(':')[1], 16) for line in lines if line[3] == state]

    def forget(self, port):
        """As a router does that has forgotten a connection: its packets vanish, both ways, and nobody is told."""
        for end, side in ('node', 'sport'), ('gateway', 'dport'):
            run('ip', '-n', self.ends[end], 'rule', 'add', 'priority', '1', 'ipproto', 'tcp', side, str(port), 'blackhole')
