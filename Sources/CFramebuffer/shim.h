// The kernel's framebuffer interface (linux/fb.h): macros and a call with C's varargs that Swift cannot import.
#ifndef CLAWNODE_CFRAMEBUFFER_H
#define CLAWNODE_CFRAMEBUFFER_H

#include <linux/fb.h>
#include <sys/ioctl.h>

static const unsigned long CN_FBIOGET_VSCREENINFO = FBIOGET_VSCREENINFO;
static const unsigned long CN_FBIOGET_FSCREENINFO = FBIOGET_FSCREENINFO;
static const unsigned long CN_FBIOGET_CON2FBMAP = FBIOGET_CON2FBMAP;
static const unsigned long CN_FBIO_WAITFORVSYNC = FBIO_WAITFORVSYNC;

static const __u32 CN_FB_TYPE_PACKED_PIXELS = FB_TYPE_PACKED_PIXELS;
static const __u32 CN_FB_VISUAL_TRUECOLOR = FB_VISUAL_TRUECOLOR;
static const __u32 CN_FB_VISUAL_DIRECTCOLOR = FB_VISUAL_DIRECTCOLOR;

static inline int CN_fb_ioctl(int fd, unsigned long request, void *argument) { return ioctl(fd, request, argument); }

#endif
