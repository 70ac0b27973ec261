"""A machine with a disk of its own: Debian's kernel in QEMU on a copy of an image of Tests/Guest/disk. It can be told
commands, lose its power at any moment, and start again. Its network holds gateways and nothing else."""
import base64
import os
import shlex
import shutil
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 900  # seconds, for an emulated processor on a machine that does other things too
GATEWAY = '10.0.2.100'


def initramfs(kernel, path):
    """busybox, the modules that reach the disk, and disk-init."""
    tree = path + '.tree'
    os.makedirs(tree + '/bin')
    shutil.copy('/bin/busybox', tree + '/bin')
    shutil.copy(f'{HERE}/disk-init', tree + '/init')
    shutil.copy(f'{kernel}/disk-modules', tree)
    with open(f'{kernel}/disk-modules') as modules:
        for module in modules.read().split():
            os.makedirs(os.path.dirname(f'{tree}/{module}'), exist_ok=True)
            shutil.copy(f'{kernel}/{module}', f'{tree}/{module}')
    pack = f'cd {shlex.quote(tree)} && find . | cpio --quiet -o -H newc -R 0:0 >{shlex.quote(path)}'
    subprocess.run(pack, shell=True, check=True)


class Failed(Exception):
    """A command in the machine did not end with 0."""


class Machine:
    def __init__(self, image, folder, gateways, share):
        """`gateways`: their ports on this machine by their addresses in the other's network. `share`: a folder that the machine
        can mount (`packages`)."""
        self.folder, self.gateways, self.share = folder, gateways, share
        self.kernel = subprocess.run([f'{HERE}/kernel'], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self.disk = f'{folder}/disk'
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', image, self.disk], check=True)
        initramfs(self.kernel, f'{folder}/initramfs')
        self.qemu = None
        self.boots = 0

    def start(self, *options):
        """Switches it on; `options` are QEMU's. Whoever wants to talk to it waits with `ready`."""
        self.boots += 1
        remote = f'{self.folder}/remote'
        if os.path.exists(remote):
            os.unlink(remote)
        self.console = f'{self.folder}/console-{self.boots}'
        # Only gateways can be reached: each connection to one is handed to a process that connects to the real one.
        network = 'user,id=wire,restrict=on' + ''.join(
            f',guestfwd=tcp:{address}:18789-cmd:/bin/busybox nc 127.0.0.1 {port}' for address, port in self.gateways.items())
        command = ['qemu-system-x86_64', '-machine', 'pc', '-accel', os.environ.get('GUEST_ACCEL', 'tcg'), '-cpu', 'max',
                   '-smp', '2', '-m', '1G', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
                   '-kernel', f'{self.kernel}/vmlinuz', '-initrd', f'{self.folder}/initramfs',
                   # tsc, no_timer_check: see Tests/Guest/run. net.ifnames: of an interface that udev renames as it comes systemd-networkd
                   # sometimes hears too late, and never configures it. Masked: what takes an emulated processor long and does nothing here.
                   '-append', 'console=ttyS0 quiet tsc=reliable no_timer_check net.ifnames=0 panic=-1 systemd.show_status=0'
                              ' systemd.mask=systemd-hwdb-update.service systemd.mask=ldconfig.service'
                              ' systemd.mask=systemd-journal-catalog-update.service systemd.mask=apt-daily.timer'
                              ' systemd.mask=apt-daily-upgrade.timer systemd.mask=serial-getty@ttyS0.service',
                   '-serial', f'file:{self.console}',
                   '-drive', f'file={self.disk},if=virtio,format=qcow2',
                   '-device', 'virtio-serial-pci',
                   '-chardev', f'socket,id=remote,path={remote},server=on,wait=off',
                   '-device', 'virtserialport,chardev=remote,name=remote',
                   '-netdev', network, '-device', 'virtio-net-pci,netdev=wire',
                   '-device', 'virtio-rng-pci',
                   '-fsdev', f'local,id=packages,path={self.share},security_model=none,readonly=on',
                   '-device', 'virtio-9p-pci,fsdev=packages,mount_tag=packages', *options]
        log = open(f'{self.folder}/qemu.log', 'a')
        self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        self.remote = socket.socket(socket.AF_UNIX)
        self.remote.settimeout(PATIENCE)
        while True:
            try:
                self.remote.connect(remote)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if self.qemu.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f'FAILED: QEMU does not start: {open(log.name).read()}') from None
                time.sleep(0.02)    # between two looks at whether QEMU has made its socket
        self.lines = self.remote.makefile('rb')

    @property
    def runs(self):
        return self.qemu is not None and self.qemu.poll() is None

    def line(self):
        try:
            line = self.lines.readline()
        except TimeoutError:
            line = b''
        if not line:
            # Whatever it was at, it cannot be asked anything more.
            self.close()
            raise SystemExit(f'FAILED: the machine says nothing any more; its console:\n{open(self.console).read()[-4000:]}')
        return line.decode().split()

    def ready(self):
        """Waits until it takes commands."""
        word = self.line()
        assert word[0] == 'ready', word

    def try_run(self, command):
        """(exit status, what it printed) of a command in bash as root. What it leaves running goes on."""
        self.remote.sendall(base64.b64encode(command.encode()) + b'\n')
        answer = self.line()
        output = base64.b64decode(answer[1]) if len(answer) > 1 else b''
        return int(answer[0]), output.decode(errors='replace')

    def run(self, command):
        status, output = self.try_run(command)
        if status:
            raise Failed(f'{command} ended with {status}: {output[-4000:]}')
        return output.strip()

    def cut_power(self):
        """As if the plug were pulled: what the kernel has not handed to the disk is lost."""
        self.qemu.kill()
        self.qemu.wait()
        self.qemu = None
        self.remote.close()

    def power_off(self):
        """As its owner does it, in order."""
        self.remote.sendall(base64.b64encode(b'systemctl poweroff') + b'\n')
        try:
            self.qemu.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise SystemExit(f'FAILED: the machine does not power off:\n{open(self.console).read()[-4000:]}') from None
        self.qemu = None
        self.remote.close()

    def close(self):
        if self.qemu:
            self.cut_power()
