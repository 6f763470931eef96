/* Preloaded into a Python process: fails chosen calls on files below one folder, and writes down the calls that change
 * them. The process arms it through ctypes (see shim.py); until then every call passes. Linux with glibc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { OPEN = 1, READ = 2, WRITE = 4, FSYNC = 8, RENAME = 16, CLOSE = 32, STAT = 64 };
enum { SHORT = -1, NOTHING = -2 }; /* in the place of an errno: half the bytes; none of them and no error */
enum { FILES = 4096, LOG = 1 << 20 };

static char folder[PATH_MAX];
static unsigned char watched[FILES];
static int kinds, nth, error_code, persistent, seen, hits;
static char calls[LOG];
static size_t calls_used;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void faults_watch(const char *path) {
  snprintf(folder, sizeof folder, "%s", path);
  calls_used = 0;
  calls[0] = 0;
}
void faults_arm(int which, int n, int code, int from_then_on) {
  kinds = 0;
  nth = n;
  error_code = code;
  persistent = from_then_on;
  seen = hits = 0;
  kinds = which;
}
int faults_disarm(void) {
  kinds = 0;
  return hits;
}
const char *faults_calls(void) { return calls; }

static int below(const char *path) { return folder[0] && path && strncmp(path, folder, strlen(folder)) == 0; }
static int ours(int fd) { return fd >= 0 && fd < FILES && watched[fd]; }

static void note(const char *format, ...) {
  const int kept = errno;
  va_list values;
  va_start(values, format);
  pthread_mutex_lock(&lock);
  const int size = vsnprintf(calls + calls_used, LOG - calls_used, format, values);
  if (size > 0 && calls_used + (size_t)size < LOG) calls_used += (size_t)size;
  pthread_mutex_unlock(&lock);
  va_end(values);
  errno = kept;
}

/* 0: let it pass; 1: fail with errno set; SHORT and NOTHING as above */
static int fault(int kind) {
  if (!(kinds & kind)) return 0;
  pthread_mutex_lock(&lock);
  ++seen;
  const int now = persistent ? seen >= nth : seen == nth;
  hits += now;
  pthread_mutex_unlock(&lock);
  if (!now) return 0;
  if (error_code < 0) return error_code;
  errno = error_code;
  return 1;
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static int opened(int fd, const char *path, int flags) {
  if (fd >= 0 && fd < FILES) {
    watched[fd] = (unsigned char)below(path);
    if (watched[fd]) note("open %d %s %s\n", fd, flags & O_CREAT ? "new" : flags & O_DIRECTORY ? "dir" : "old", path);
  }
  return fd;
}

#define OPENER(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (below(path) && fault(OPEN) == 1) return -1; \
    return opened(real(path, flags, mode), path, flags); \
  }
OPENER(open)
OPENER(open64)

#define OPENER_AT(name) \
  int name(int at, const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (below(path) && fault(OPEN) == 1) return -1; \
    return opened(real(at, path, flags, mode), path, flags); \
  }
OPENER_AT(openat)
OPENER_AT(openat64)

ssize_t read(int fd, void *bytes, size_t size) {
  REAL(read);
  const int failed = ours(fd) ? fault(READ) : 0;
  if (failed == 1) return -1;
  return real(fd, bytes, failed == SHORT && size > 1 ? size / 2 : size);
}
ssize_t __read_chk(int fd, void *bytes, size_t size, size_t room) {
  (void)room;
  return read(fd, bytes, size);
}
#define READER_AT(name, offset_type) \
  ssize_t name(int fd, void *bytes, size_t size, offset_type from) { \
    REAL(name); \
    const int failed = ours(fd) ? fault(READ) : 0; \
    if (failed == 1) return -1; \
    return real(fd, bytes, failed == SHORT && size > 1 ? size / 2 : size, from); \
  }
READER_AT(pread, off_t)
READER_AT(pread64, off64_t)

ssize_t write(int fd, const void *bytes, size_t size) {
  REAL(write);
  if (!ours(fd)) return real(fd, bytes, size);
  const int failed = fault(WRITE);
  if (failed == 1) return -1;
  if (failed == NOTHING) return 0;
  const ssize_t written = real(fd, bytes, failed == SHORT && size > 1 ? size / 2 : size);
  note("write %d %zd\n", fd, written);
  return written;
}

#define FLUSHER(name) \
  int name(int fd) { \
    REAL(name); \
    if (ours(fd) && fault(FSYNC) == 1) return -1; \
    const int result = real(fd); \
    if (ours(fd)) note("fsync %d\n", fd); \
    return result; \
  }
FLUSHER(fsync)
FLUSHER(fdatasync)

int rename(const char *from, const char *to) {
  REAL(rename);
  if (below(to) && fault(RENAME) == 1) return -1;
  const int result = real(from, to);
  if (below(to)) note("rename %s\t%s\n", from, to);
  return result;
}

int close(int fd) {
  REAL(close);
  if (!ours(fd)) return real(fd);
  watched[fd] = 0;
  note("close %d\n", fd);
  const int failed = fault(CLOSE);
  const int code = errno;
  const int result = real(fd); /* Linux closes the number whatever it answers */
  if (failed == 1) {
    errno = code;
    return -1;
  }
  return result;
}

#define ASKER_PATH(name, type) \
  int name(const char *restrict path, type *restrict out) { \
    REAL(name); \
    if (below(path) && fault(STAT) == 1) return -1; \
    return real(path, out); \
  }
ASKER_PATH(stat, struct stat)
ASKER_PATH(stat64, struct stat64)
ASKER_PATH(lstat, struct stat)
ASKER_PATH(lstat64, struct stat64)

int fstat(int fd, struct stat *out) {
  REAL(fstat);
  if (ours(fd) && fault(STAT) == 1) return -1;
  return real(fd, out);
}
int fstat64(int fd, struct stat64 *out) {
  REAL(fstat64);
  if (ours(fd) && fault(STAT) == 1) return -1;
  return real(fd, out);
}
int fchmod(int fd, mode_t mode) {
  REAL(fchmod);
  if (ours(fd) && fault(STAT) == 1) return -1;
  return real(fd, mode);
}
int access(const char *path, int mode) {
  REAL(access);
  if (below(path) && fault(STAT) == 1) return -1;
  return real(path, mode);
}
ssize_t readlink(const char *restrict path, char *restrict out, size_t size) {
  REAL(readlink);
  if (below(path) && fault(STAT) == 1) return -1;
  return real(path, out, size);
}
