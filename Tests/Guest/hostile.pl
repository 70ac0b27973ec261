#!/usr/bin/perl
# hostile.pl DAEMON ADDRESS [HOME]: what a media worker might try that has been taken over through a camera's bytes. In place of
# clawnode-media it stands in the very sandbox of the unit; run by root it shows that each attempt is a real one. One line
# an attempt: its name, and "done" or the error. DAEMON is the daemon's process id, ADDRESS a mapped one
# of its memory; HOME is there when it is a user's. Not for a machine that matters.
use strict;
use warnings;
no warnings 'portable';    # addresses have 64 bits
use Errno;
use Fcntl;
use POSIX ();
use Socket;

$| = 1;
my ($daemon, $address, $home) = @ARGV;
my $state = defined $home ? "$home/.local/state/clawnode" : '/var/lib/clawnode';
my $own = defined $home ? "/run/user/$<" : '/run';    # where the service manager is
my $runtime = "$own/clawnode";

# What it was given, but for this file and the folder it looks through.
opendir(my $folder, '/proc/self/fd');
my %held = map { $_ => readlink("/proc/self/fd/$_") // '' } grep { /^\d+$/ } readdir($folder);
closedir($folder);
print 'holds ', join(' ', sort grep { $held{$_} !~ m{hostile\.pl$|^/proc/\d+/fd$} } keys %held), "\n";

sub attempt {
    my ($name, $body) = @_;
    $! = 0;
    my $done = $body->();
    my ($error) = grep { $!{$_} } keys %!;
    print "attempt $name ", $done ? 'done' : $error // 'nothing', "\n";
}

# A system call without a name in Perl, by its number on amd64. A copy of the arguments, because Perl wants to be able to
# write to texts.
sub call { my ($number, @arguments) = @_; return syscall($number, @arguments) != -1 }

# The network.
attempt 'gateway', sub {
    socket(my $wire, AF_INET, SOCK_STREAM, 0) or return;
    connect($wire, sockaddr_in(18789, inet_aton('10.0.2.100')));
};
attempt 'loopback', sub {
    socket(my $wire, AF_INET, SOCK_STREAM, 0) or return;
    bind($wire, sockaddr_in(0, inet_aton('127.0.0.1')));
};
attempt 'inet6', sub { socket(my $wire, AF_INET6, SOCK_DGRAM, 0) };
attempt 'netlink', sub { socket(my $wire, 16, SOCK_RAW, 0) };
attempt 'packet', sub { socket(my $wire, 17, SOCK_RAW, 0) };
attempt 'io_uring', sub { my $room = "\0" x 120; call(425, 8, $room) };    # sockets without socket(2)

# The daemon's state and secrets, and places to wait for them.
for my $file ("$state/identity.json", "$state/tokens.json", "$state/gateway.json", "$runtime/status.json",
    "/proc/$daemon/environ", "/proc/$daemon/mem", '/root/token.txt') {
    attempt "read:$file", sub { open(my $in, '<', $file) };
}
for my $folder ($state, $runtime, "/proc/$daemon/fd", '/root') {
    attempt "list:$folder", sub { opendir(my $in, $folder) };
}
for my $file ('/etc/clawnode/clawnode.json', '/usr/libexec/clawnode/clawnode-media', '/etc/shadow') {
    attempt "write:$file", sub { open(my $out, '>>', $file) };
}
for my $folder ('/etc/clawnode', '/usr/bin', $state, '/var/lib', '/run/systemd/system', '/etc/systemd/system') {
    attempt "create:$folder", sub { open(my $out, '>', "$folder/hostile") and unlink("$folder/hostile") };
}
attempt "socket:$own/clawnode-media.sock", sub {
    socket(my $wire, AF_UNIX, SOCK_SEQPACKET, 0) or return;
    connect($wire, sockaddr_un("$own/clawnode-media.sock"));
};
# Who would do for it what it may not: the service manager would start anything, without a sandbox.
for my $socket ("$own/systemd/private", '/run/dbus/system_bus_socket', defined $home ? "$own/bus" : ()) {
    attempt "socket:$socket", sub {
        socket(my $wire, AF_UNIX, SOCK_STREAM, 0) or return;
        connect($wire, sockaddr_un($socket));
    };
}
attempt "read:$home/.bashrc", sub { open(my $in, '<', "$home/.bashrc") } if defined $home;

# The daemon itself, and PID 1. Signal 0 asks for the permission only.
attempt 'signal:daemon', sub { kill(0, $daemon) };
attempt 'signal:init', sub { kill(0, 1) };
attempt 'ptrace', sub { call(101, 0x4206, $daemon + 0, 0, 0) };
attempt 'pidfd_getfd', sub {
    my $process = syscall(434, $daemon + 0, 0);
    $process >= 0 and call(438, $process, 0, 0);
};
attempt 'process_vm_readv', sub {
    my $room = "\0" x 16;
    my ($here, $there) = (pack('PQ', $room, 16), pack('QQ', hex $address, 16));
    call(310, $daemon + 0, $here, 1, $there, 1, 0);
};

# More power.
attempt 'setuid', sub { call(105, 0) };
attempt 'mount', sub { call(165, 'none', '/mnt', 'tmpfs', 0, '') and call(166, '/mnt', 0) };
attempt 'write-and-execute', sub { call(9, 0, 4096, 7, 0x22, -1, 0) };
attempt 'mknod', sub { call(133, '/tmp/hostile', 0060600, 0xfe00) and unlink('/tmp/hostile') };
attempt 'setuid-file', sub { open(my $out, '>', '/tmp/hostile') and call(90, '/tmp/hostile', 04755) and unlink('/tmp/hostile') };
attempt 'clock', sub { my $now = pack('qq', time, 0); call(227, 0, $now) };
my $name = (POSIX::uname())[1];
attempt 'hostname', sub { call(170, $name, length $name) };
attempt 'realtime', sub { my $priority = pack('i', 1); call(144, 0, 1, $priority) and call(144, 0, 0, pack('i', 0)) };
attempt 'keyring', sub { call(250, 0, -3, 1) };
for my $device ('/dev/vda', '/dev/mem', '/dev/port', '/dev/kmsg', '/dev/tty1') {
    attempt "device:$device", sub { sysopen(my $in, $device, O_RDWR) || sysopen(my $out, $device, O_RDONLY) };
}

attempt 'unshare', sub { call(272, 0x10000000) };    # the last one: root has less power in there

# What it may: see a camera, which is what it is for.
attempt 'camera', sub { sysopen(my $in, '/dev/video0', O_RDWR) };
print "over\n";
