"""installed.py SUITE DEBS PRACTICE-GATEWAY [--power-cuts N] [SCENARIO…]

The packages in the folder DEBS, installed by apt on a pristine Debian (bookworm, trixie) with systemd as PID 1, a camera
and a gateway; everything in the sandbox it ships in. All scenarios below in this order, or the named ones; the first,
`install`, comes in any case."""
import random
import re
import sys
import tempfile
import time

from box import Box, PACKAGES
from desktop import desktop
from examination import doctor
from expectations import expect
from join_links import links
from geoclue import geoclue
from machine import Failed
from recordings import media
from session import session
from user_node import user_node

FILES = '/var/full'


def install(box):
    """Installed, joined, approved, asked, as the README has it."""
    box.start()
    box.before = box.belongings()
    box.install()
    expect('it runs once it is installed', box.fact('clawnode', 'ActiveState') == 'active')
    expect('it waits for somebody to join', box.fact('clawnode', 'StatusText').startswith('not-joined: '),
           box.fact('clawnode', 'StatusText'))
    expect('systemd listens for the media worker', box.fact('clawnode-media.socket', 'ActiveState') == 'active')
    box.device = box.join()
    box.expect_picture('the first picture after install, join and approve shows the camera')
    snap = box.begin_snap()
    user = box.run(f'ps -o user:20= -p {box.wait_for_worker()}')
    expect('the worker was started by systemd, as a user of its own', user == 'clawnode-media', user)
    expect('and takes the next picture, too', box.gateway.answer(snap)['ok'])
    box.wait_until('join has ended', 'test -e join.status')
    expect('join says that it is connected', box.run('cat join.status') == '0', box.run('cat join.txt'))
    rights = box.run('stat -c "%U %a" /var/lib/clawnode /var/lib/clawnode/identity.json')
    expect('the state is the daemon\'s alone', rights == 'clawnode 700\nclawnode 600', rights)


def sandbox(box):
    """Hostile code in the media worker's place."""
    daemon = box.daemon
    since = box.gateway.now
    stop = 'systemctl stop "clawnode-media@*"'      # the last picture's may be warm
    box.run(f'cp /mnt/hostile.pl /run; {stop}')
    words = f'{daemon} $(head -c 12 /proc/{daemon}/maps)'
    attempted = box.run(f'perl /run/hostile.pl {words}')
    free = box.attempts(attempted)
    expect('each attempt is a real one: root succeeds', set(free.values()) == {'done'},
           {name: end for name, end in free.items() if end != 'done'})
    with box.changed('clawnode-media@.service', f'BindReadOnlyPaths=/run/hostile.pl\nExecStart=\n'
                     f'ExecStart=/usr/bin/perl /run/hostile.pl {box.run("echo " + words)}'):
        box.run(stop)
        answer = box.snap()
        heard = box.wait_until('the hostile worker has tried all', "journalctl -b -o cat -u 'clawnode-media@*' | grep -B 99 -x over")
    tried = box.attempts(heard)
    expect('the hostile worker has tried everything', tried.keys() == free.keys(), free.keys() ^ tried.keys())
    expect('it sees the camera, which is its work', tried.pop('camera') == 'done')
    granted = {name: end for name, end in tried.items() if end not in box.REFUSALS}
    expect(f'hostile code in the media worker is refused everything else: {tried}', not granted, granted)
    expect('it was given the standard descriptors and the connection, and nothing else', 'holds 0 1 2 3\n' in heard,
           re.findall('^holds.*', heard, re.M))
    expect('who asked for the picture is told that there is none', not answer['ok'], answer)
    expect('the daemon lives on', box.daemon == daemon)
    expect('and has kept its connection', box.kept_connection(since))
    box.expect_picture('with the real worker there are pictures again')


def kills(box):
    """kill -9 of each process."""
    since = box.gateway.now
    before = box.daemon
    box.run(f'kill -9 {before}')
    box.expect_return('a daemon that was killed comes back, the same node, still paired', since)
    box.expect_picture('and takes pictures')

    since = box.gateway.now
    before = box.daemon
    snap = box.begin_snap(delayMs=8000)
    box.run(f'kill -9 {box.wait_for_worker()}')
    answer = box.gateway.answer(snap)
    expect('a worker that is killed in the middle of a capture is told of', answer.get('code') == 'UNAVAILABLE' or
           answer.get('code') == 'CAMERA_UNAVAILABLE', answer)
    expect('the daemon lives on', box.daemon == before)
    box.expect_picture('the next picture is a new worker\'s')
    expect('with the connection kept', box.kept_connection(since))


def memory(box):
    """A worker that takes all the memory it can."""
    since = box.gateway.now
    daemon = box.daemon
    hunger = "my @taken; push @taken, 'x' x (1 << 20) while 1"
    with box.changed('clawnode-media@.service', f'ExecStart=\nExecStart=/usr/bin/perl -e "{hunger}"'):
        box.run('systemctl stop "clawnode-media@*"')
        answer = box.snap()
        box.wait_until('the kernel has ended the worker',
                       "journalctl -b -u 'clawnode-media@*' | grep -q 'oom-kill'")
    expect('who asked the worker that ran out of memory is told that there is no picture', not answer['ok'], answer)
    expect('the daemon lives on', box.daemon == daemon)
    box.expect_picture('with the real worker there are pictures again')
    expect('with the connection kept', box.kept_connection(since))


def watchdog(box):
    """A daemon that hangs."""
    with box.changed('clawnode.service', 'WatchdogSec=10'):
        since = box.gateway.now
        box.run('systemctl restart clawnode')
        box.gateway.wait('hello', since)
        since = box.gateway.now
        box.run(f'kill -STOP {box.daemon}')
        box.expect_return('a daemon that hangs is replaced, by the same node, still paired', since)
        expect('by the watchdog', 'Watchdog timeout' in box.run('journalctl -b -u clawnode'))
    since = box.gateway.now
    box.run('systemctl restart clawnode')
    box.gateway.wait('hello', since)
    box.expect_picture('and takes pictures')


def full_disk(box):
    """Not a byte is left, and then there is room again."""
    box.fill_disk(FILES)
    since = box.gateway.now
    box.gateway.do('rotateToken', id=box.device)
    box.expect_return('with a full disk it connects, the same node, still paired', since)
    box.expect_picture('with a full disk it takes pictures')
    told = box.wait_until('the status tells', 'clawnode status --json | grep -o state-unwritable')
    expect('the status says that the state cannot be saved', told)
    in_memory = box.has_tmp_in_memory
    if not in_memory:
        box.run('mount -t tmpfs tmpfs /tmp')
    since = box.gateway.now
    box.run('systemctl restart clawnode')
    box.expect_return('it starts with a full disk, the same node, still paired', since)
    box.expect_picture('and takes pictures')
    box.run(f'rm {FILES}*')
    box.wait_until('the state is saved', '! clawnode status --json | grep -q state-unwritable')
    since = box.gateway.now
    box.run('systemctl restart clawnode')
    hello = box.expect_return('with room again it starts, the same node, still paired', since)
    expect('what could not be saved has been saved since', hello['credential'] == 'deviceToken', hello)
    if not in_memory:
        box.run('umount -l /tmp')
        box.fill_disk(FILES)
        status, _ = box.machine.try_run('systemctl restart clawnode')
        expect('with /tmp full systemd cannot make the sandbox', status)
        since = box.gateway.now
        box.run(f'rm {FILES}*')
        box.expect_return('with room again it is back by itself, the same node, still paired', since)


def clock(box):
    """A box without a battery: its clock begins in 1970."""
    since = box.gateway.now
    # Later than the machine has been up, or the kernel refuses.
    box.run('date -s @7200 && systemctl restart clawnode')
    box.expect_return('in 1970 it connects, the same node, still paired', since)
    box.expect_picture('in 1970 it takes pictures')
    since = box.gateway.now
    box.run(f'date -s @{int(time.time())}')
    box.expect_picture('and after the clock has been set')
    expect('with the connection kept', box.kept_connection(since))


def upgrade(box):
    """The next version comes while a picture is taken."""
    since = box.gateway.now
    snap = box.begin_snap(delayMs=9000)
    box.wait_for_worker()
    box.install('next')
    answer = box.gateway.answer(snap)
    expect('a picture that is being taken when the upgrade comes arrives, or its end is told', box.shows(answer)
           or not answer['ok'] and answer['code'], answer)
    box.expect_return('after the upgrade it connects, the same node, still paired', since)
    versions = box.run("dpkg-query -W -f '${Version}\\n' " + ' '.join(PACKAGES)).splitlines()
    expect('the next version is there', all(version.endswith('+next') for version in versions), versions)
    box.expect_picture('and takes pictures')


def boot_alone(box):
    """It starts and nobody is there: no gateway, and a clock that begins in 1970."""
    box.gateway.do('goDown')
    box.machine.power_off()
    box.start('-rtc', 'base=1970-01-01')
    box.wait_until('it runs', 'systemctl is-active clawnode')
    told = box.wait_until('it says that it waits', "systemctl show -P StatusText clawnode | grep waiting-to-retry")
    expect('without a gateway it waits, and says for what', told)
    since = box.gateway.now
    box.gateway.do('comeBack')
    box.expect_return('when the gateway is there it connects, the same node, still paired', since)
    box.expect_picture('and takes pictures')


def power_cuts(box, count):
    """The plug is pulled while a token is saved, during an upgrade, and just so."""
    moments = random.Random(count)
    for number in range(count):
        kind = ['token', 'upgrade', 'running'][number % 3]
        if kind == 'token':
            since = box.gateway.now
            box.gateway.do('rotateToken', id=box.device)
            box.gateway.wait('hello', since)
            wait = moments.uniform(0, 0.3)
        elif kind == 'upgrade':
            version = ['now', 'next'][number % 2]
            box.run(f'(dpkg --install --force-downgrade /root/{version}/*.deb >/dev/null 2>&1) &')
            wait = moments.uniform(0, 15)
        else:
            box.begin_snap(delayMs=500)
            wait = moments.uniform(0, 2)
        time.sleep(wait)        # the moment is random: there is nothing to wait for
        since = box.gateway.now
        box.machine.cut_power()
        box.start()
        cut = f'power cut {number + 1}, {wait:.2f} s into: {kind}'
        box.expect_return(f'{cut}: the same node, still paired', since)
        box.expect_picture(f'{cut}: a picture')
        # An upgrade that was cut off is ended as dpkg asks for it, which may be to begin it again.
        if box.machine.try_run('dpkg --configure -a')[0]:
            box.run(f'dpkg --install --force-downgrade /root/{version}/*.deb')


def purge(box):
    """Nothing is left of it."""
    box.run(f'apt-get purge --yes --autoremove {" ".join(PACKAGES)}')
    left = box.belongings() - box.before
    # Packages of Debian leave these, so that nobody gets their numbers and with them a file that was overlooked.
    expect('purge leaves nothing but two accounts', left == set(PACKAGES), sorted(left))
    shells = box.run(f'getent passwd {" ".join(PACKAGES)} | cut -d : -f 7')
    expect('in which nobody can log in', shells == '/usr/sbin/nologin\n/usr/sbin/nologin', shells)


SCENARIOS = [install, sandbox, kills, memory, watchdog, full_disk, clock, doctor, links, media, geoclue, user_node, session, desktop, upgrade,
             boot_alone, power_cuts, purge]


def main(suite, debs, program, *words):
    words = list(words)
    cuts = 3
    if '--power-cuts' in words:
        at = words.index('--power-cuts')
        cuts = int(words[at + 1])
        del words[at:at + 2]
    names = [scenario.__name__ for scenario in SCENARIOS]
    if set(words) - set(names):
        sys.exit(f'there is no scenario {set(words) - set(names)}, only {names}')
    with tempfile.TemporaryDirectory(prefix='clawnode-guest-') as folder:
        box = Box(suite, debs, program, folder)
        failed = []
        try:
            for scenario in SCENARIOS:
                if scenario is not install and scenario.__name__ not in (words or names):
                    continue
                began = time.monotonic()
                try:
                    scenario(*[box, cuts][:scenario.__code__.co_argcount])
                except (SystemExit, Failed) as failure:
                    print(failure, box.last_words(), sep='\n', file=sys.stderr, flush=True)
                    failed.append(scenario.__name__)
                    # The others may tell more of it; without the first there are none, and none without a machine.
                    if scenario is install or not box.machine.runs:
                        break
                print(f'{scenario.__name__}: {time.monotonic() - began:.0f} s', flush=True)
        finally:
            box.close()
        if failed:
            sys.exit(f'FAILED: {" ".join(failed)}')


main(*sys.argv[1:])
