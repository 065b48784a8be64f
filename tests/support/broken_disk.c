/*
 * Preloaded into a process, lets one call to the disk below a directory fail,
 * makes writes short, and moves the clock of the wall.
 *
 * FAULT_STATE names a file of three numbers of 64 bits, shared with whoever
 * started the process: seconds that are added to the clock, calls that were
 * counted, and whether the fatal one was reached (then its kind: 1, or 2 when
 * content may be missing because of it). FAULT_DIR is where calls count, FAULT_AT
 * is the number of the one that fails, FAULT_ERRNO with what; FAULT_SHORT has
 * every write of more than a byte write half of it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *state;
static const char *dir;
static size_t dir_length;
static int64_t fail_at = -1;
static int fail_errno;
static int short_writes;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void) {
  const char *path = getenv("FAULT_STATE");
  const char *at = getenv("FAULT_AT");
  const char *number = getenv("FAULT_ERRNO");
  dir = getenv("FAULT_DIR");
  dir_length = dir ? strlen(dir) : 0;
  short_writes = getenv("FAULT_SHORT") != NULL;
  if (at) fail_at = atoll(at);
  if (number) fail_errno = atoi(number);
  if (!path) return;
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *shared = mmap(NULL, 24, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared != MAP_FAILED) state = shared;
  syscall(SYS_close, fd);
}

static int below(const char *path) {
  pthread_once(&once, prepare);
  return state && dir && path && strncmp(path, dir, dir_length) == 0 &&
         (path[dir_length] == '/' || path[dir_length] == 0);
}

/* Whether this call is the one that fails. */
static int fails(const char *path, int keeps) {
  if (!below(path)) return 0;
  int64_t number = __atomic_fetch_add(&state[1], 1, __ATOMIC_SEQ_CST);
  if (number != fail_at) return 0;
  /* What is tried out in a directory of probes is no content. */
  state[2] = keeps && !strstr(path, ".probe_") ? 2 : 1;
  errno = fail_errno;
  return 1;
}

static const char *path_of(int fd, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, buffer, PATH_MAX);
  buffer[length < 0 ? 0 : length] = 0;
  return buffer;
}

static int fd_fails(int fd, int keeps) {
  char buffer[PATH_MAX + 1];
  pthread_once(&once, prepare);
  return state && dir && fd > 2 && fails(path_of(fd, buffer), keeps);
}

#define NEXT(name)                                         \
  static __typeof__(name) *next;                           \
  if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define BY_PATH(type, name, params, args, path, keeps) \
  type name params {                                   \
    NEXT(name);                                        \
    if (fails(path, keeps)) return -1;                 \
    return next args;                                  \
  }
#define BY_FD(type, name, params, args, keeps) \
  type name params {                           \
    NEXT(name);                                \
    if (fd_fails(fd, keeps)) return -1;        \
    return next args;                          \
  }

BY_PATH(int, mkdir, (const char *p, mode_t m), (p, m), p, 0)
BY_PATH(int, rmdir, (const char *p), (p), p, 0)
BY_PATH(int, unlink, (const char *p), (p), p, 0)
BY_PATH(int, unlinkat, (int d, const char *p, int f), (d, p, f), p, 0)
BY_PATH(int, rename, (const char *p, const char *q), (p, q), p, 0)
BY_PATH(int, link, (const char *p, const char *q), (p, q), q, 0)
BY_PATH(int, linkat, (int d, const char *p, int e, const char *q, int f),
        (d, p, e, q, f), q, 0)
BY_PATH(int, symlink, (const char *p, const char *q), (p, q), q, 0)
BY_PATH(int, chmod, (const char *p, mode_t m), (p, m), p, 0)
BY_PATH(int, lchown, (const char *p, uid_t u, gid_t g), (p, u, g), p, 0)
BY_PATH(ssize_t, readlink, (const char *p, char *b, size_t n), (p, b, n), p, 0)
BY_PATH(int, utimensat,
        (int d, const char *p, const struct timespec t[2], int f),
        (d, p, t, f), p, 0)
BY_PATH(int, statx,
        (int d, const char *p, int f, unsigned int m, struct statx *s),
        (d, p, f, m, s), p, 0)
BY_FD(int, fchmod, (int fd, mode_t m), (fd, m), 0)
BY_FD(int, fsync, (int fd), (fd), 1)
BY_FD(int, fdatasync, (int fd), (fd), 1)
BY_FD(int, ftruncate, (int fd, off_t n), (fd, n), 1)
BY_FD(int, ftruncate64, (int fd, off64_t n), (fd, n), 1)
BY_FD(ssize_t, read, (int fd, void *b, size_t n), (fd, b, n), 0)
BY_FD(ssize_t, pread64, (int fd, void *b, size_t n, off64_t o), (fd, b, n, o), 0)

static size_t cut(int fd, size_t n) {
  char buffer[PATH_MAX + 1];
  pthread_once(&once, prepare);
  if (!short_writes || n < 2 || fd < 3) return n;
  return below(path_of(fd, buffer)) ? n / 2 : n;
}

ssize_t write(int fd, const void *b, size_t n) {
  NEXT(write);
  if (fd_fails(fd, 1)) return -1;
  return next(fd, b, cut(fd, n));
}

ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
  NEXT(pwrite64);
  if (fd_fails(fd, 1)) return -1;
  return next(fd, b, cut(fd, n), o);
}

ssize_t writev(int fd, const struct iovec *v, int n) {
  NEXT(writev);
  if (fd_fails(fd, 1)) return -1;
  return next(fd, v, n);
}

/* A new file that cannot be made is no content that is missing. */
static mode_t mode_from(int flags, va_list list) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
}

#define OPEN(name)                               \
  int name(const char *p, int flags, ...) {      \
    NEXT(name);                                  \
    va_list list;                                \
    va_start(list, flags);                       \
    mode_t mode = mode_from(flags, list);        \
    va_end(list);                                \
    if (fails(p, 0)) return -1;                  \
    return next(p, flags, mode);                 \
  }
OPEN(open)
OPEN(open64)

DIR *opendir(const char *p) {
  NEXT(opendir);
  return fails(p, 0) ? NULL : next(p);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  NEXT(clock_gettime);
  int result = next(clock, now);
  pthread_once(&once, prepare);
  if (state && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += state[0];
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  NEXT(gettimeofday);
  int result = next(now, zone);
  pthread_once(&once, prepare);
  if (state && now) now->tv_sec += state[0];
  return result;
}
