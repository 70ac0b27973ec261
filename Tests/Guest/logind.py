"""A logind that only says what it is told to: python3-dbusmock's, on a system bus of its own."""
import subprocess

from expectations import wait_until

SERVICE = 'org.freedesktop.login1', '/org/freedesktop/login1'


class Logind:
    def __init__(self, row):
        path = f'{row.folder}/bus'
        self.address = f'unix:path={path}'
        # With the session's rules everybody may be logind.
        row.help('node', 'dbus-daemon', '--session', '--nofork', f'--address={self.address}')
        wait_until('there is a bus', lambda: self.call('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'GetId'), 120)
        row.help('node', 'env', f'DBUS_SYSTEM_BUS_ADDRESS={self.address}', '/usr/bin/python3', '-m', 'dbusmock', '--system',
                 '--template', 'logind')
        wait_until('there is a logind', lambda: self.call(*SERVICE, 'org.freedesktop.login1.Manager', 'CanSuspend'), 120)

    def call(self, *words):
        return subprocess.run(['busctl', f'--address={self.address}', 'call', *words], capture_output=True).returncode == 0

    def prepare_for_sleep(self, begins):
        """The signal of logind's that comes before the machine sleeps, and after."""
        if not self.call(*SERVICE, 'org.freedesktop.DBus.Mock', 'EmitSignal', 'sssav', 'org.freedesktop.login1.Manager',
                         'PrepareForSleep', 'b', '1', 'b', 'true' if begins else 'false'):
            raise SystemExit('FAILED: the signal was not sent')
