"""A node of one user, without root: the packages' user units under a real `systemd --user`."""
import re
import shlex

from expectations import expect
from recordings import user_media

USER = 'gardener'
HOME = f'/home/{USER}'
STATE = f'{HOME}/.local/state/clawnode'


def user_node(box):
    """An ordinary user joins, is approved, and has pictures; the machine's own node rests meanwhile."""
    def user(command):
        return box.run(box.by(USER, command))

    def fact(unit, name):
        return user(f'systemctl --user show -P {name} {unit}')

    machines = box.device
    box.run('systemctl stop clawnode "clawnode-media@*"')
    # What only root can give: the cameras' group, and a service manager before and after the user is logged in.
    box.run(f'useradd --create-home --shell /bin/bash --groups video {USER} && loginctl enable-linger {USER}')
    box.wait_until('the user has a service manager', f'systemctl is-active user@$(id -u {USER})')
    user('systemctl --user enable --now clawnode')
    expect('it waits for somebody to join', fact('clawnode', 'StatusText').startswith('not-joined: '),
           fact('clawnode', 'StatusText'))
    box.device = box.join(USER)
    expect('it is another node than the machine\'s', box.device != machines)
    box.expect_picture('the first picture of a user\'s node shows the camera')
    box.wait_until('join has ended', 'test -e join.status')
    expect('join says that it is connected', box.run('cat join.status') == '0', box.run('cat join.txt'))
    rights = box.run(f'stat -c "%U %a" {STATE} {STATE}/identity.json')
    expect('the state is the user\'s alone', rights == f'{USER} 700\n{USER} 600', rights)

    # The worker as a unit of its own.
    user('mkdir -p .config/clawnode/config.d && echo \'{"workers": {"media": "socket"}}\' >.config/clawnode/config.d/workers.json')
    user('systemctl --user enable --now clawnode-media.socket')
    since = box.gateway.now
    user('systemctl --user restart clawnode')
    box.expect_return('a user\'s daemon is restarted by its user, the same node, still paired', since)
    box.expect_picture('a worker that the user\'s service manager started takes pictures')
    # At once: with nothing to do it goes after ten seconds.
    unit, quota = box.run('group=$(cut -d : -f 3 /proc/$(pgrep -x clawnode-media)/cgroup)'
                          ' && echo "$group" && cat "/sys/fs/cgroup$group/cpu.max"').splitlines()
    expect('it is a unit of its own', re.search(r'/user@\d+\.service/.*clawnode-media@', unit), unit)
    expect('with a limit on its share of the processor', quota == '200000 100000', quota)
    status, found = box.machine.try_run(box.by(USER, 'clawnode doctor'))
    expect('the doctor finds nothing worse than a note', status == 0, found)

    sandbox(box, user, fact)
    user_media(box, user)

    since = box.gateway.now
    box.run(f'kill -9 {fact("clawnode", "MainPID")}')
    box.expect_return('a user\'s daemon that was killed comes back, the same node, still paired', since)
    since = box.gateway.now
    box.run(f'systemctl restart user@$(id -u {USER})')
    box.expect_return('it comes back with its user\'s service manager, as when the machine starts', since)
    box.expect_picture('and takes pictures')

    since = box.gateway.now
    box.remove_user(USER)
    box.device = machines
    box.run('systemctl start clawnode')
    box.expect_return('the machine\'s own node is back, the same, still paired', since)


def sandbox(box, user, fact):
    """Hostile code in the worker's place: as far as a user's service manager can confine it."""
    daemon = fact('clawnode', 'MainPID')
    script = '/run/hostile.pl'
    box.run(f'install -m 644 /mnt/hostile.pl {script}')
    words = f'{script} {daemon} {box.run(f"head -c 12 /proc/{daemon}/maps")} {HOME}'
    free = box.attempts(user(f'perl {words}'))
    stop = 'systemctl --user stop "clawnode-media@*"'
    folder = '.config/systemd/user/clawnode-media@.service.d'
    drop_in = f'[Service]\nBindReadOnlyPaths={script}\nExecStart=\nExecStart=/usr/bin/perl {words}\n'
    user(f'mkdir -p {folder} && printf %s {shlex.quote(drop_in)} >{folder}/test.conf && systemctl --user daemon-reload && {stop}')
    answer = box.snap()
    heard = box.wait_until('the hostile worker has tried all',
                           f"journalctl -b -o cat -t perl _UID=$(id -u {USER}) | grep -B 99 -x over")
    user(f'rm -r {folder} && systemctl --user daemon-reload && {stop}')
    tried = box.attempts(heard)
    expect('it sees the camera, which is its work', tried.pop('camera') == 'done')
    # Its service manager can hide neither whose processes there are nor how many files they have open; its /root is empty.
    allowed = {'signal:daemon', f'list:/proc/{daemon}/fd', 'list:/root'}
    granted = {name for name, end in tried.items() if end not in box.REFUSALS} - allowed
    expect(f'hostile code in a user\'s worker is refused everything else: {tried}', not granted, granted)
    gained = {name for name, end in free.items() if end == 'done'} - allowed - {'camera'}
    expect(f'among it what its user may: {gained}', any(f'{HOME}/.bashrc' in name for name in gained) and
           any('systemd/private' in name for name in gained) and any('identity.json' in name for name in gained), free)
    expect('who asked for the picture is told that there is none', not answer['ok'], answer)
    box.expect_picture('with the real worker there are pictures again')
