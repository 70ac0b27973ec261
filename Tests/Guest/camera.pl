#!/usr/bin/perl
# camera.pl DEVICE LAYOUT WIDTH HEIGHT RATE FOLDER: feeds a v4l2loopback camera with the frames of the folder, a file each, in
# the order of their names, over and over. In Perl because a pristine Debian has it.
use strict;
use warnings;
use Fcntl;

my ($device, $layout, $width, $height, $rate, $folder) = @ARGV;
my $output = 2;    # V4L2_BUF_TYPE_VIDEO_OUTPUT
my @frames = map { local (@ARGV, $/) = $_; <> } sort glob "$folder/*";
sysopen(my $camera, $device, O_RDWR) or die "$device: $!";

# VIDIOC_S_PARM: the type, what it can and how, then the time of a frame as a fraction.
my $pace = pack('L L2 L2 x184', $output, 0, 0, 1, $rate);
ioctl($camera, 0xC0CC5616, $pace) or die "$device: rate: $!";
# VIDIOC_S_FMT: the type, padding to eight bytes, then width, height, pixelformat, field, bytesperline, sizeimage.
my $format = pack('L x4 L2 a4 L3 x176', $output, $width, $height, $layout, 1, 0, 1 << 18);
ioctl($camera, 0xC0D05605, $format) or die "$device: format: $!";
while (1) {
    for my $frame (@frames) {
        syswrite($camera, $frame) or die "$device: $!";
        select(undef, undef, undef, 1 / $rate);
    }
}
