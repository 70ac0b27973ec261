"""The doctor on an installed box: nothing is wrong where nothing is, and of what is wrong it tells the line that mends it."""
import contextlib
import json
import re
import time

from box import URL
from expectations import expect


def examine(box, user='root'):
    """The exit status, and what was found."""
    status, text = box.machine.try_run(box.by(user, 'clawnode doctor --json') + ' 2>/dev/null')
    return status, json.loads(text)


def expect_health(box, sentence, user='root'):
    status, answer = examine(box, user)
    worse = [finding for finding in answer['findings'] if finding['verdict'] in ('warning', 'error')]
    expect(f'{sentence} the doctor finds nothing worse than a note', status == 0 and not worse, worse)


def expect_finding(box, topic, line):
    """That there is an error about `topic` with this line (regular expressions, both). The line."""
    status, answer = examine(box)
    errors = [finding for finding in answer['findings'] if finding['verdict'] == 'error']
    found = [finding for finding in errors if re.fullmatch(topic, finding['check'])]
    expect(f'the doctor finds an error: {topic}', status == 1 and found, errors)
    lines = [finding['remedy'] for finding in found if re.fullmatch(line, finding['remedy'])]
    expect(f'with its line: {(lines or found)[0]}', lines, found)
    return lines[0]


def expect_mended(box, fault):
    """After the line was run, which may take a moment."""
    box.wait_until(f'after its line the doctor finds nothing of {fault}', 'clawnode doctor')
    box.expect_picture(f'there are pictures again after {fault}')


def mend(box, fault, topic, line):
    box.run(expect_finding(box, topic, line))
    expect_mended(box, fault)


@contextlib.contextmanager
def time_server(box):
    """A server on the machine itself that knows the time."""
    box.run(f'cp /mnt/time_server.pl /run; (perl /run/time_server.pl {time.time():.3f} >/dev/null & echo $! >/run/time_server.pid);'
            ' mkdir -p /run/systemd/timesyncd.conf.d;'
            ' printf "[Time]\\nNTP=127.0.0.1\\n" >/run/systemd/timesyncd.conf.d/test.conf')
    try:
        yield
    finally:
        box.run('kill $(cat /run/time_server.pid); rm -r /run/systemd/timesyncd.conf.d')


def doctor(box):
    """Healthy, and then everything that can be done to it."""
    for look in (health, gateway_gone, wrong_certificate, missing_permission, full_disk, wrong_clock, masked_units):
        look(box)


def health(box):
    box.run('systemctl stop "clawnode-media@*"')
    expect_health(box, 'while the worker is not needed')
    box.expect_picture('a worker is used')
    expect_health(box, 'while a worker is used')
    box.run('useradd --create-home visitor')
    expect_health(box, 'asked by an ordinary user', 'visitor')
    box.remove_user('visitor')


def gateway_gone(box):
    box.gateway.do('goDown')
    # What fails depends on who stands between: QEMU takes the connection before it knows that nobody is there.
    # The line is for the gateway's machine, and shows what has to be started there.
    expect_finding(box, 'gateway.t(cp|ls)', 'openclaw gateway status')
    box.gateway.do('comeBack')
    expect_mended(box, 'a gateway that was gone')


def wrong_certificate(box):
    status, told = box.machine.try_run(f'clawnode join {URL} --tls-fingerprint {"0" * 64} 2>&1')
    expect('join ends with 76 where the certificate is not the one', status == 76, told)
    line = expect_finding(box, 'gateway.tls', f'compare .*: sudo clawnode join {URL} --tls-fingerprint \\S+')
    box.run(line.split(', then: ')[1])
    expect_mended(box, 'a wrong certificate')


def missing_permission(box):
    with box.changed('clawnode-media@.service', 'SupplementaryGroups='):
        # The package has made it a member, too.
        box.run('gpasswd --delete clawnode-media video && systemctl stop "clawnode-media@*"')
        mend(box, 'a missing permission', 'camera.access', 'sudo usermod -aG video clawnode-media')


def full_disk(box):
    room = 'sudo apt clean; sudo journalctl --vacuum-size=50M; df -h '
    box.fill_disk('/var/cache/apt/archives/full')
    mend(box, 'a full disk', 'disk.state', room + '/var/lib/clawnode')
    if not box.has_tmp_in_memory:
        # One that stops leaves room behind for the next one's folders.
        box.run('systemctl stop clawnode')
        box.fill_disk('/var/cache/apt/archives/full')
        box.machine.try_run('systemctl start clawnode')
        mend(box, 'a sandbox without room', 'units.service', room + '/tmp')


def wrong_clock(box):
    with time_server(box):
        box.run('timedatectl set-ntp false && date -s @7200')
        mend(box, 'a clock in 1970', 'clock', 'sudo timedatectl set-ntp true')


def masked_units(box):
    for unit, start in [('clawnode.service', 'enable --now clawnode.service'),
                        ('clawnode-media.socket', 'enable --now clawnode-media.socket'),
                        ('clawnode-media@.service', 'restart clawnode-media.socket')]:
        box.run(f'systemctl mask {unit} && systemctl stop "{unit.replace("@", "@*")}"')
        line = re.escape(f'sudo systemctl unmask {unit} && sudo systemctl {start}')
        mend(box, f'a masked {unit}', 'units.(service|socket)', line)
