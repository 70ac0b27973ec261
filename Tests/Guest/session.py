"""The desktop of a user who is logged in, shown by the machine's own node through the worker of that session."""
import contextlib
import json

from expectations import expect, wait_until
from practice import PATIENCE
from recordings import switched_on

USER = 'painter'
SETTINGS = {'capabilities': {'screen': True}, 'sessions': {'allow': [USER]}}
# What the status says of the worker.
THERE = f"clawnode status --json | grep -q '\"user\" *: *\"{USER}\"'"
LOGIN = '/run/systemd/system/getty@tty1.service.d/login.conf'
# As desktops do it: what shows the screen brings the target with it.
DESKTOP = """[Unit]
BindsTo=graphical-session.target
Before=graphical-session.target

[Service]
ExecStart=/usr/bin/Xvfb :7 -noreset -nolisten tcp -screen 0 640x480x24 OPTIONS
ExecStartPost=/bin/sh -c 'until test -S /tmp/.X11-unix/X7; do sleep 0.1; done'
"""


@contextlib.contextmanager
def painter(box, settings, *packages):
    """A user with a service manager, beside packages that show something, and a node with these settings. What has a command run by that
    user, logged in."""
    box.run(f'useradd --create-home --shell /bin/bash {USER} && loginctl enable-linger {USER}')
    box.wait_until('the user has a service manager', f'systemctl is-active user@$(id -u {USER})')
    with box.with_encoder(*packages):
        path = '/etc/clawnode/config.d/session.json'
        with switched_on(box, box.run, settings, path, 'systemctl restart clawnode'):
            yield lambda command: box.run(box.by(USER, command))
    box.remove_user(USER)


def start_x(user, options=''):
    user('mkdir -p .config/systemd/user && cat >.config/systemd/user/desktop.service <<"END"\n'
         + DESKTOP.replace('OPTIONS', options) + 'END')
    user('systemctl --user daemon-reload && systemctl --user set-environment DISPLAY=:7')
    user('systemctl --user enable clawnode-session && systemctl --user start desktop')


def session(box):
    def members():
        return json.loads(box.run('clawnode status --json')).get('sessions')

    with painter(box, {**SETTINGS, 'device': {'presence': True}}, 'xvfb') as user:
        alone = box.gateway.invoke('screen.list')
        expect('nobody is logged in, and that is said', not alone['ok'] and 'nothing is shown' in str(alone), alone)
        status, found = box.machine.try_run('clawnode doctor')
        expect('the doctor has the line', 'systemctl --user enable --now clawnode-session' in found, found)

        start_x(user)
        box.wait_until('the session\'s worker has come by itself', THERE)
        unit = box.run(f'cat /proc/$(pgrep -x -u {USER} clawnode-media)/cgroup')
        expect('it is the user\'s unit', f'/user@{box.run(f"id -u {USER}")}.service/' in unit and 'clawnode-session' in unit, unit)
        shown(box, 'its screen is shown')

        since = box.gateway.now
        box.run('systemctl restart clawnode')
        box.expect_return('the daemon is restarted', since)
        box.wait_until('the worker comes to the next daemon', THERE)
        shown(box, 'which shows the screen, too')
        # The folder of its socket goes, and another comes in its place.
        since = box.gateway.now
        box.run('systemctl stop clawnode && systemctl start clawnode')
        box.expect_return('the daemon is stopped, and started again', since)
        box.wait_until('the worker comes to that one', THERE, 300)
        shown(box, 'which shows the screen, too')

        presence(box)

        user('systemctl --user stop desktop')
        box.wait_until('with the session its worker goes', f'! {THERE}')
        expect('and nobody is left', members() == [], members())


def presence(box):
    def told(sentence, since, is_told):
        def news():
            return [event['payload'] for event in box.gateway.events[since:] if event['event'] == 'node.presence.activity']
        wait_until(sentence, lambda: any(map(is_told, news())), PATIENCE)

    since = box.gateway.now
    box.run(f'''mkdir -p $(dirname {LOGIN}) && cat >{LOGIN} <<"END"
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin {USER} --noclear %I linux
END
systemctl daemon-reload && systemctl restart getty@tty1''')
    told('somebody logs in at the machine, which the gateway is told', since, lambda news: news.get('idleSeconds', 900) < 900)
    since = box.gateway.now
    box.run(f'systemctl stop getty@tty1 && rm {LOGIN} && systemctl daemon-reload')
    told('and that nobody is there any more', since, lambda news: news == {'action': 'clear'})


def shown(box, sentence):
    answer = box.gateway.invoke('screen.snapshot')
    payload = answer.get('payload') or {}
    expect(sentence, answer['ok'] and (payload['width'], payload['height']) == (640, 480), {**answer, 'payload': '…'})
