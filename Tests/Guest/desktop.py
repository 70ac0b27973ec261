"""What a session's worker reaches from its sandbox: a Wayland compositor, an X server that wants to see a cookie, a sound server."""
from expectations import expect, wait_until
from practice import PATIENCE
from recordings import MICROPHONE, PLAYED, judged, play, session_recorded
from session import SETTINGS, THERE, USER, painter, start_x

BLUE, ORANGE = '2060c0', 'e08020'
# The lines that sway's own documentation has for systemd.
SWAY = f"""output HEADLESS-1 mode --custom 640x480 bg #{BLUE} solid_color
xwayland disable
exec "systemctl --user import-environment WAYLAND_DISPLAY SWAYSOCK; systemctl --user start sway-session.target"
"""
TARGET = """[Unit]
BindsTo=graphical-session.target
Wants=graphical-session-pre.target
After=graphical-session-pre.target
"""
HEADLESS = 'WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1'


def desktop(box):
    settings = {**SETTINGS, 'capabilities': {**SETTINGS['capabilities'], **MICROPHONE['capabilities']}}
    packages = ['sway', 'swaybg', 'pulseaudio', 'pulseaudio-utils', 'xvfb', 'xauth', 'x11-xserver-utils']
    with painter(box, settings, *packages) as user:
        play(user)
        wayland(box, user)
        x11(box, user)


def wayland(box, user):
    user(f"mkdir -p .config/sway .config/systemd/user && echo '{SWAY}' >.config/sway/config"
         f" && echo '{TARGET}' >.config/systemd/user/sway-session.target")
    user('systemctl --user daemon-reload && systemctl --user enable clawnode-session')
    user(f'systemd-run --user --quiet --unit=sway env {HEADLESS} sway')
    box.wait_until('the worker has come with sway', THERE)
    expect('which has told where it listens', 'WAYLAND_DISPLAY' in environment(box), environment(box))
    screens = box.gateway.invoke('screen.list')
    listed = [(screen['name'], screen['width'], screen['height']) for screen in (screens.get('payload') or {}).get('screens', [])]
    expect('sway\'s screen is listed', listed == [('HEADLESS-1', 640, 480)], screens)
    shown(box, 'its screen is shown', BLUE)
    session_recorded(box)
    recording = box.gateway.invoke('screen.record', {'durationMs': 3000}, seconds=180)
    judged(box, recording, 'a recording of it, with what the session plays', BLUE, PLAYED)

    again(box, user, 'unset-environment WAYLAND_DISPLAY')
    expect('nobody tells where sway listens', 'WAYLAND_DISPLAY' not in environment(box), environment(box))
    shown(box, 'the only compositor is found', BLUE)
    user('systemctl --user stop sway-session.target sway')
    box.wait_until('with the session its worker goes', f'! {THERE}')


def x11(box, user):
    """An X server that knows its user by a cookie, wherever display managers put that."""
    folder = user('echo $XDG_RUNTIME_DIR')
    gdm, sddm = f'{folder}/gdm/Xauthority', f'{folder}/xauth_Ab12Cd'
    user(f'xauth -q -f {sddm} add :7 . $(mcookie) && mkdir {folder}/gdm && cp {sddm} {gdm}')
    user(f'systemctl --user set-environment XAUTHORITY={gdm}')
    start_x(user, f'-auth {sddm}')
    box.wait_until('the worker has come with the X server', THERE)
    user(f'DISPLAY=:7 XAUTHORITY={sddm} xsetroot -solid "#{ORANGE}"')
    shown(box, 'with a cookie where GDM has it the screen is shown', ORANGE)

    user(f'mv {gdm} .Xauthority')
    again(box, user, 'unset-environment XAUTHORITY')
    shown(box, 'with a cookie where LightDM has it, too', ORANGE)

    again(box, user, f'set-environment XAUTHORITY={sddm}')
    refused = box.gateway.invoke('screen.snapshot')
    expect('where SDDM has it it is out of reach, and what helps is said', 'xhost +si:localuser' in str(refused), refused)
    user(f'DISPLAY=:7 XAUTHORITY={sddm} xhost +si:localuser:{USER}')
    shown(box, 'that helps, and Debian\'s X sessions begin with it', ORANGE)
    user('systemctl --user stop desktop')


def again(box, user, change):
    """The worker, in an environment that has changed."""
    user(f'systemctl --user {change} && systemctl --user stop clawnode-session')
    box.wait_until('the worker has gone', f'! {THERE}')
    user('systemctl --user start clawnode-session')
    box.wait_until('the worker has come again', THERE)


def environment(box):
    return box.run(f"tr '\\0' '\\n' </proc/$(pgrep -x -u {USER} clawnode-media)/environ")


def shown(box, sentence, colour):
    """Once it is: nobody tells when a desktop has drawn its background."""
    def is_shown():
        answer = box.gateway.invoke('screen.snapshot')
        expect('there is a picture', answer['ok'], answer)
        return box.shows(answer, colour)

    wait_until(sentence, is_shown, PATIENCE)
