// FFmpeg's libraries, the functions that 5.1 and 7.1 share: macros that Swift cannot import, and where the two differ.
#ifndef CLAWNODE_CLIBAV_H
#define CLAWNODE_CLIBAV_H

#include <errno.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// Whether a video node takes pictures in one form and gives them in another.
static inline int CN_is_codec(int fd) {
    struct v4l2_capability capability;
    if (ioctl(fd, VIDIOC_QUERYCAP, &capability) != 0) return 0;
    __u32 all = capability.capabilities;
    __u32 own = all & V4L2_CAP_DEVICE_CAPS ? capability.device_caps : all;
    return (own & (V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_M2M_MPLANE)) != 0;
}

// From now on memory comes in small pages: of large ones, which x264 asks for and many kernels give to everybody, a part is
// never used.
static inline void CN_use_small_pages(void) { prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); }

static const int64_t CN_NOPTS = AV_NOPTS_VALUE;
static const int CN_EOF = AVERROR_EOF;
static const int CN_AGAIN = AVERROR(EAGAIN);
static const int CN_NO_SPACE = AVERROR(ENOSPC);
static const int CN_FILE_TOO_LARGE = AVERROR(EFBIG);
static const int CN_NO_MEMORY = AVERROR(ENOMEM);

// How a track is to be turned; it moved from the stream to its parameters.
static inline int32_t *CN_display_matrix(AVStream *stream) {
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    AVPacketSideData *data = av_packet_side_data_new(
        &stream->codecpar->coded_side_data, &stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX,
        9 * sizeof(int32_t), 0);
    return data ? (int32_t *)data->data : NULL;
#else
    return (int32_t *)av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(int32_t));
#endif
}

#endif
