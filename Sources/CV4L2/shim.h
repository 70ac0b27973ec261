// The kernel's video interface (linux/videodev2.h) and libv4lconvert: macros and calls with C's varargs that Swift cannot import.
#ifndef CLAWNODE_CV4L2_H
#define CLAWNODE_CV4L2_H

#include <libv4l-plugin.h>
#include <libv4lconvert.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

static const unsigned long CN_VIDIOC_QUERYCAP = VIDIOC_QUERYCAP;
static const unsigned long CN_VIDIOC_ENUMINPUT = VIDIOC_ENUMINPUT;
static const unsigned long CN_VIDIOC_ENUM_FMT = VIDIOC_ENUM_FMT;
static const unsigned long CN_VIDIOC_ENUM_FRAMESIZES = VIDIOC_ENUM_FRAMESIZES;
static const unsigned long CN_VIDIOC_ENUM_FRAMEINTERVALS = VIDIOC_ENUM_FRAMEINTERVALS;
static const unsigned long CN_VIDIOC_G_FMT = VIDIOC_G_FMT;
static const unsigned long CN_VIDIOC_S_FMT = VIDIOC_S_FMT;
static const unsigned long CN_VIDIOC_G_PARM = VIDIOC_G_PARM;
static const unsigned long CN_VIDIOC_S_PARM = VIDIOC_S_PARM;
static const unsigned long CN_VIDIOC_QUERYCTRL = VIDIOC_QUERYCTRL;
static const unsigned long CN_VIDIOC_G_CTRL = VIDIOC_G_CTRL;
static const unsigned long CN_VIDIOC_S_CTRL = VIDIOC_S_CTRL;
static const unsigned long CN_VIDIOC_REQBUFS = VIDIOC_REQBUFS;
static const unsigned long CN_VIDIOC_QUERYBUF = VIDIOC_QUERYBUF;
static const unsigned long CN_VIDIOC_QBUF = VIDIOC_QBUF;
static const unsigned long CN_VIDIOC_DQBUF = VIDIOC_DQBUF;
static const unsigned long CN_VIDIOC_STREAMON = VIDIOC_STREAMON;
static const unsigned long CN_VIDIOC_STREAMOFF = VIDIOC_STREAMOFF;

static const __u32 CN_CAP_VIDEO_CAPTURE = V4L2_CAP_VIDEO_CAPTURE;
static const __u32 CN_CAP_VIDEO_CAPTURE_MPLANE = V4L2_CAP_VIDEO_CAPTURE_MPLANE;
static const __u32 CN_CAP_VIDEO_OUTPUT = V4L2_CAP_VIDEO_OUTPUT;
static const __u32 CN_CAP_VIDEO_OUTPUT_MPLANE = V4L2_CAP_VIDEO_OUTPUT_MPLANE;
static const __u32 CN_CAP_VIDEO_M2M = V4L2_CAP_VIDEO_M2M;
static const __u32 CN_CAP_VIDEO_M2M_MPLANE = V4L2_CAP_VIDEO_M2M_MPLANE;
static const __u32 CN_CAP_STREAMING = V4L2_CAP_STREAMING;
static const __u32 CN_CAP_DEVICE_CAPS = V4L2_CAP_DEVICE_CAPS;
static const __u32 CN_CAP_IO_MC = 0x20000000;  // V4L2_CAP_IO_MC, since Linux 5.9
static const __u32 CN_CAP_TIMEPERFRAME = V4L2_CAP_TIMEPERFRAME;

static const __u32 CN_BUF_FLAG_ERROR = V4L2_BUF_FLAG_ERROR;
static const __u32 CN_BUF_FLAG_TIMESTAMP_MASK = V4L2_BUF_FLAG_TIMESTAMP_MASK;
static const __u32 CN_BUF_FLAG_TIMESTAMP_COPY = V4L2_BUF_FLAG_TIMESTAMP_COPY;

static const __u32 CN_CID_PAN_RESET = V4L2_CID_PAN_RESET;
static const __u32 CN_CID_TILT_RESET = V4L2_CID_TILT_RESET;
static const __u32 CN_CID_PAN_ABSOLUTE = V4L2_CID_PAN_ABSOLUTE;
static const __u32 CN_CID_TILT_ABSOLUTE = V4L2_CID_TILT_ABSOLUTE;
static const __u32 CN_CID_ZOOM_ABSOLUTE = V4L2_CID_ZOOM_ABSOLUTE;
static const __u32 CN_CID_BITRATE = V4L2_CID_MPEG_VIDEO_BITRATE;
static const __u32 CN_CID_FORCE_KEY_FRAME = V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME;
static const __u32 CN_CTRL_UNUSABLE = V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_WRITE_ONLY;
static const __u32 CN_CTRL_UNSETTABLE = V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_GRABBED;

static inline int CN_ioctl(int fd, unsigned long request, void *argument) { return ioctl(fd, request, argument); }

#endif
