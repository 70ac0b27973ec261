"""A box with a camera, a gateway it can reach, and the packages that are to be installed on it."""
import base64
import contextlib
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import time

from certificate import Authority
from expectations import expect
from machine import GATEWAY, HERE, PATIENCE, Machine
from practice import Gateway
from tone import write_tone

ALLOWED = ['device.info', 'camera.list', 'camera.snap', 'camera.clip', 'audio.list', 'audio.record', 'location.get',
           'screen.list', 'screen.snapshot', 'screen.record']
OTHER, GOCLAW = '10.0.2.101', '10.0.2.102'
URL = f'wss://{GATEWAY}:18789'
PACKAGES = ['clawnode', 'clawnode-media']
ENCODER = 'clawnode-encode'
# What apt, dpkg and systemd keep for themselves; `.#`: what systemd-sysusers was writing when the power was cut.
KEPT = r'/(var/(lib/(dpkg|apt|systemd|private)|cache|log|tmp)|root|run|proc|sys|dev|tmp|mnt)(/.*)?|/etc/(ld\.so\.cache|.*-|\.#.*)'


def next_version(deb, folder):
    """The same package with a higher version."""
    tree = f'{folder}/next'
    subprocess.run(['dpkg-deb', '-R', deb, tree], check=True)
    with open(f'{tree}/DEBIAN/control') as file:
        control = file.read()
    version = next(line.split(' ', 1)[1] for line in control.splitlines() if line.startswith('Version: '))
    with open(f'{tree}/DEBIAN/control', 'w') as file:
        # In the dependencies on each other, too.
        file.write(control.replace(f'Version: {version}', f'Version: {version}+next').replace(f'= {version})',
                                                                                              f'= {version}+next)'))
    subprocess.run(['dpkg-deb', '-Zgzip', '--root-owner-group', '-b', tree, folder], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(['rm', '-r', tree], check=True)


class Box:
    # How a sandbox says no.
    REFUSALS = ['EACCES', 'EPERM', 'ENOENT', 'EROFS', 'EAFNOSUPPORT', 'ESRCH']

    def __init__(self, suite, debs, program, folder):
        """`debs`: a folder with the packages. `program`: practice-gateway. `folder`: an empty one, for this box alone."""
        share = f'{folder}/share'
        names = [*PACKAGES, ENCODER]
        packages = [found for name in names for found in glob.glob(f'{debs}/{name}_*_amd64.deb')]
        if len(packages) != len(names):
            raise SystemExit(f'in {debs} is not one package each of {names}')
        for place in ('now', 'next', 'clips'):
            os.makedirs(f'{share}/{place}')
        *usual, encoder = packages
        for deb in usual:
            subprocess.run(['cp', deb, f'{share}/now'], check=True)
            next_version(deb, f'{share}/next')
        subprocess.run(['cp', encoder, f'{share}/clips'], check=True)
        write_tone(f'{share}/tone.wav')
        subprocess.run(['cp', *(f'{HERE}/{name}.pl' for name in ('hostile', 'time_server', 'camera')), share], check=True)
        image = subprocess.run([f'{HERE}/disk', suite, *packages], check=True, stdout=subprocess.PIPE, text=True)
        self.folder = folder
        self.gateway = Gateway(program, *ALLOWED)
        # Those that only join_links joins.
        self.authority = Authority(f'{folder}/authority')
        certificate = self.authority.issue(f'{folder}/certificate', OTHER)
        self.other = Gateway(program, json.dumps({'approves': True, 'certificate': certificate.settings}), *ALLOWED)
        self.goclaw = Gateway(program, '{"goclaw": "core"}')
        gateways = {GATEWAY: self.gateway.port, OTHER: self.other.port, GOCLAW: self.goclaw.port}
        self.machine = Machine(image.stdout.strip(), folder, gateways, share)
        self.run = self.machine.run
        self.device = None

    def close(self):
        self.machine.close()
        self.gateway.close()
        # Its owner's doing: join_links has one joined twice with the same.
        self.other.close('uses a setup code again')
        self.goclaw.close()

    # What its owner and the gateway's operator do.

    def start(self, *options):
        self.machine.start(*options)
        self.machine.ready()
        # Who is told so early is there before the camera is, and on a busy machine systemd gives up loading it.
        self.run('modprobe vivid && udevadm settle')

    def install(self, version='now'):
        """As the README says it."""
        self.run('mountpoint -q /mnt || mount -t 9p -o ro,trans=virtio packages /mnt')
        self.run(f'mkdir -p /root/{version} && cp /mnt/{version}/*.deb /root/{version}')
        return self.run(f'apt-get install --yes /root/{version}/*.deb')

    def belongings(self):
        """Files, accounts and groups; without what is apt's own."""
        files = self.run('find / -xdev -printf "%p\\n"').splitlines()
        names = self.run('cut -d : -f 1 /etc/passwd; cut -d : -f 1 /etc/group').splitlines()
        return {name for name in files + names if not re.fullmatch(KEPT, name)}

    def with_encoder(self, *others):
        """The package that encodes beside Debian's named ones."""
        return self.with_packages(ENCODER, *others)

    @contextlib.contextmanager
    def with_packages(self, *names):
        """For as long as the body takes. What they leave behind is not ours."""
        there = self.belongings()
        wanted = ' '.join('/mnt/clips/*.deb' if name == ENCODER else name for name in names)
        # A hundred libraries take an emulated processor longer than anything else that it is told.
        apt = ('apt-get install --yes --no-install-recommends -o Dpkg::Options::=--force-unsafe-io'
               ' -o Dir::Cache::archives=/var/local/packages')
        self.run(f'rm -f apt.*; ({apt} {wanted} >apt.txt 2>&1 </dev/null; echo $? >apt.status) &')
        self.wait_until('apt has ended', 'test -e apt.status', 4 * PATIENCE)
        expect(f'{", ".join(names)} is installed', self.run('cat apt.status') == '0', self.run('tail -n 20 apt.txt'))
        self.before |= self.belongings() - there
        yield
        self.run(f'apt-get purge --yes --autoremove {" ".join(names)}')

    def join(self, user='root'):
        """The lines of the README that `user` types, and the operator's part. The device's id."""
        since = self.gateway.now
        self.run(self.by(user, f'umask 77; echo {self.gateway.token} >token.txt'))
        # Not waited for: meanwhile the operator approves.
        join = (f'clawnode join {URL} --token-file token.txt --tls-fingerprint {self.gateway.fingerprint}'
                ' --enable camera')
        self.run(f'rm -f join.*; ({self.by(user, join)} >join.txt 2>&1 </dev/null; echo $? >join.status) &')
        if not self.wait_until('join says what to do', 'test -e join.status || grep approve join.txt'):
            raise SystemExit(f'FAILED: join has ended: {self.run("cat join.txt")}')
        return self.approve(since)

    @staticmethod
    def by(user, command):
        """What has a command run by that user, logged in."""
        return command if user == 'root' else f'runuser -l {user} -c {shlex.quote(command)}'

    def approve(self, since):
        """The operator's part: a device that is new since then, and what it offers. The device's id."""
        pairing = self.gateway.wait('pairingRequested', since)
        self.gateway.do('approveDevice', id=pairing['id'])
        self.approve_commands(since)
        return pairing['device']

    def approve_commands(self, since):
        """What a node has offered since then, and not before."""
        surface = self.gateway.wait('surfaceRequested', since)
        # The request is made on the way to the hello, and a node has its commands only after that.
        self.gateway.wait('hello', self.gateway.events.index(surface))
        self.gateway.do('approveSurface', id=surface['id'])

    # What it is asked, and what is seen of it.

    def snap(self, **params):
        return self.gateway.invoke('camera.snap', {'maxWidth': 1280, 'delayMs': 0, **params})

    def begin_snap(self, **params):
        return self.gateway.begin_invoke('camera.snap', {'maxWidth': 1280, **params})

    def shows(self, answer, what='bars'):
        """Whether it is a picture of vivid's, or of something else, as picture.py calls it."""
        if not answer['ok']:
            return False
        path = f'{self.folder}/picture.jpg'
        payload = answer['payload']
        with open(path, 'wb') as file:
            file.write(base64.b64decode(payload['base64']))
        size = [str(payload['width']), str(payload['height'])]
        return subprocess.run([sys.executable, f'{HERE}/picture.py', path, *size, what]).returncode == 0

    def expect_picture(self, sentence, **params):
        answer = self.snap(**params)
        shown = {**answer, 'payload': '…'} if answer['ok'] else answer
        expect(sentence, self.shows(answer), shown)

    def expect_return(self, sentence, since):
        """That the node connects, is the same, and needs no approval."""
        hello = self.gateway.wait('hello', since)
        asked = [event for event in self.gateway.events[since:] if event['event'] == 'pairingRequested']
        expect(sentence, hello['device'] == self.device and not asked, [hello, *asked])
        return hello

    def kept_connection(self, since):
        events = self.gateway.events[since:]
        return not any(event['event'] == 'closed' and event.get('device') == self.device for event in events)

    def fact(self, unit, name):
        return self.run(f'systemctl show -P {name} {unit}')

    @property
    def has_tmp_in_memory(self):
        """Debian 13 has; before, systemd itself cannot start a service with a sandbox on a full disk."""
        return self.machine.try_run('findmnt -n -o FSTYPE /tmp')[1].strip() == 'tmpfs'

    @property
    def daemon(self):
        """Its process id."""
        return self.fact('clawnode', 'MainPID')

    def last_words(self):
        """For who has to find out what went wrong."""
        if not self.machine.runs:
            return 'the machine is off'
        return self.machine.try_run("journalctl -b -n 30 --no-pager -o short-monotonic -u 'clawnode*'")[1]

    def wait_until(self, sentence, command, seconds=PATIENCE):
        """Until the command succeeds in the machine."""
        end = time.monotonic() + seconds
        while True:
            status, output = self.machine.try_run(command)
            if status == 0:
                return output.strip()
            if time.monotonic() > end:
                expect(f'in time: {sentence}', False, output)
            time.sleep(0.2)    # between two looks; what is waited for is the command

    def remove_user(self, name):
        """With all that runs for that user."""
        self.run(f'loginctl disable-linger {name}; systemctl stop user@$(id -u {name})')
        # Who comes next may get the same number, and would be taken for one who is about to leave.
        self.wait_until('logind has forgotten the user', f'loginctl terminate-user {name}; ! loginctl show-user {name}')
        self.run(f'userdel --remove {name}')

    @staticmethod
    def attempts(heard):
        """How each of those of hostile.pl ended."""
        return dict(re.findall(r'^attempt (\S+) (\S+)$', heard, re.M))

    def fill_disk(self, files):
        """Not a byte is left: what root may have beyond the others is taken too, and the last block's rest. `files`: how
        the paths of what fills it begin."""
        self.run(f'fallocate -l $(stat -f -c "%f * %S - (1 << 20)" / | {{ read -r sum; echo $((sum)); }}) {files}_1_all.deb;'
                 f' cat /dev/zero >{files}_2_all.deb 2>/dev/null; sync; test $(stat -f -c %a /) -eq 0')

    def wait_for_worker(self):
        """Until the camera streams: whoever has mapped it has it stream. The worker's process id."""
        found = self.wait_until('a worker takes a picture', 'grep -l /dev/video /proc/[0-9]*/maps 2>/dev/null')
        return found.split('/')[2]

    @contextlib.contextmanager
    def changed(self, unit, text):
        """A drop-in for a unit, for as long as the body takes."""
        folder = f'/run/systemd/system/{unit}.d'
        self.run(f"mkdir -p {folder} && cat >{folder}/test.conf <<'END' && systemctl daemon-reload\n[Service]\n{text}\nEND")
        try:
            yield
        finally:
            self.run(f'rm -r {folder} && systemctl daemon-reload')
