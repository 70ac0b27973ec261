// What Swift's Glibc module does not offer: headers it leaves out, macros it cannot import, calls with C's varargs.
#ifndef CLAWNODE_CLINUX_H
#define CLAWNODE_CLINUX_H

// Not _GNU_SOURCE: with it glibc's own structures look different from what Swift's Glibc module has seen. What only it would
// declare is called by number.
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/rtnetlink.h>
#include <malloc.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint32_t CN_EPOLLIN = EPOLLIN;
static const uint32_t CN_EPOLLOUT = EPOLLOUT;
static const uint32_t CN_EPOLLRDHUP = EPOLLRDHUP;
static const uint32_t CN_EPOLLHUP = EPOLLHUP;
static const uint32_t CN_EPOLLERR = EPOLLERR;
static const uint32_t CN_EPOLLET = EPOLLET;

// It ends with ECANCELED when the clock it counts by is set, or the machine resumes (timerfd_create(2)).
static const int CN_TFD_TOLD_OF_SETTING = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

static const unsigned CN_MFD_FLAGS = MFD_CLOEXEC | MFD_ALLOW_SEALING;
static const int CN_F_SEALS = 0x2 | 0x4 | 0x8;  // F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE of linux/fcntl.h

static inline int cn_memfd_create(const char *name) { return (int)syscall(SYS_memfd_create, name, CN_MFD_FLAGS); }
// And F_SEAL_SEAL: that no more may be added is what the journal insists on, and no receiver of ours.
static inline int cn_add_seals(int fd) { return fcntl(fd, 1033 /* F_ADD_SEALS */, CN_F_SEALS | 0x1); }
static const int CN_F_SIZE_SEALS = 0x2 | 0x4;  // F_SEAL_SHRINK | F_SEAL_GROW
static inline int cn_seal_size(int fd) { return fcntl(fd, 1033 /* F_ADD_SEALS */, CN_F_SIZE_SEALS | 0x1); }
static inline int cn_get_seals(int fd) { return fcntl(fd, 1034 /* F_GET_SEALS */); }
static inline int cn_duplicate(int fd, int least) { return fcntl(fd, F_DUPFD_CLOEXEC, least); }
static inline int cn_replace(int fd, int number) { return (int)syscall(SYS_dup3, fd, number, O_CLOEXEC); }
// A connection that was aborted while it waited is none: the next one is taken.
static inline int cn_accept(int fd) {
    int accepted;
    do accepted = (int)syscall(SYS_accept4, fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (accepted < 0 && errno == ECONNABORTED);
    return accepted;
}
// Asks only. The kernel's word for whether somebody keeps its clock right: 0 or 1, negative when it does not say.
static inline int cn_clock_is_kept(void) {
    struct timex clock = {.modes = 0};
    return adjtimex(&clock) < 0 ? -1 : (clock.status & STA_UNSYNC) == 0;
}
static inline void cn_trim_heap(void) { malloc_trim(0); }
static inline int cn_pipe(int ends[2]) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }
static inline int cn_set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? flags : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static inline int cn_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
static inline pid_t cn_child_pid(const siginfo_t *info) { return info->si_pid; }
static inline int cn_exit_status(const siginfo_t *info) { return info->si_status; }
static inline int cn_exited(const siginfo_t *info) { return info->si_code == CLD_EXITED; }

// Success also when something of that name is there already.
static inline int cn_mkdir(const char *path, mode_t mode) { return mkdir(path, mode) == 0 || errno == EEXIST ? 0 : -1; }
static inline int cn_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int cn_window_size(int fd, uint16_t *columns, uint16_t *rows) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}
// By SIGKILL, which reaches a process that is stopped, too.
static inline void cn_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }
static inline void cn_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

static inline int cn_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

// One message with at most two descriptors, and back. `count` is in/out on receive; -2 says that control data was cut off.
static inline ssize_t cn_send_with_descriptors(int fd, const void *bytes, size_t size, const int *descriptors, int count) {
    struct iovec io = {(void *)bytes, size};
    union { char space[CMSG_SPACE(2 * sizeof(int))]; struct cmsghdr align; } control;
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};
    if (count > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        memcpy(CMSG_DATA(head), descriptors, (size_t)count * sizeof(int));
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

// With whose process it is that sends, for a peer that wants to know. struct ucred and SCM_CREDENTIALS are GNU's (see above).
static inline ssize_t cn_send_with_credentials(int fd, const void *bytes, size_t size) {
    struct { pid_t pid; uid_t uid; gid_t gid; } own = {getpid(), getuid(), getgid()};
    struct iovec io = {(void *)bytes, size};
    union { char space[CMSG_SPACE(sizeof own)]; struct cmsghdr align; } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = 2; // SCM_CREDENTIALS
    head->cmsg_len = CMSG_LEN(sizeof own);
    memcpy(CMSG_DATA(head), &own, sizeof own);
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

// Whose process is at the other end of a local socket: who it was that connected.
static inline int cn_peer_user(int fd, uid_t *user) {
    struct { pid_t pid; uid_t uid; gid_t gid; } peer;
    socklen_t size = sizeof peer;
    int failed = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    *user = peer.uid;
    return failed;
}

static inline ssize_t cn_receive_with_descriptors(int fd, void *bytes, size_t size, int *descriptors, int *count, int *cut) {
    struct iovec io = {bytes, size};
    union { char space[CMSG_SPACE(2 * sizeof(int))]; struct cmsghdr align; } control;
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    *count = 0;
    *cut = 0;
    if (got < 0) return got;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        *count = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(descriptors, CMSG_DATA(head), (size_t)*count * sizeof(int));
    }
    *cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    return got;
}

#endif
