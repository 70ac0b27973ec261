#!/usr/bin/perl
# time_server.pl SECONDS: tells on UDP port 123 of this machine what time it is (RFC 5905), whatever its own clock says. It
# was so many seconds after 1970 when this was started.
use strict;
use warnings;
use Socket;

sub uptime { open(my $in, '<', '/proc/uptime') or die "no uptime: $!"; return (split ' ', <$in>)[0] }

my $start = $ARGV[0] - uptime();
socket(my $wire, AF_INET, SOCK_DGRAM, 0) && bind($wire, sockaddr_in(123, INADDR_LOOPBACK)) or die "cannot serve: $!";
while (my $from = recv($wire, my $asked, 48, 0)) {
    my $now = $start + uptime() + 2_208_988_800;    # they count from 1900
    my $stamp = pack('NN', int $now, ($now - int $now) * 2**32);
    # Version 4, a server; of the first stratum, by its own clock. The asker's own time goes back to it.
    send($wire, pack('CCcc x4 x4 a4', 4 << 3 | 4, 1, 4, -10, 'LOCL') . $stamp . substr($asked, 40, 8) . $stamp x 2, 0, $from);
}
