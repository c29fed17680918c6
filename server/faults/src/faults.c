/* Stands between a program and the C library, counts what would change the disk below one folder,
 * and lets the counted operations fail, stop half-way or end the process, as a shared page says. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* As in lib.rs. */
enum { COUNT, FIRST, LAST, ERRNO, MODE, KINDS, FIELDS };
enum { FAIL, SHORT, KILL };
enum { WRITE = 1, SYNC = 2, CREATE = 4, RENAME = 8, REMOVE = 16, TRUNCATE = 32, MODIFY = 64 };

static volatile uint64_t *page;
static const char *under;
static size_t under_length;

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void start(void) {
    const char *state = getenv("NOREN_FAULTS_STATE");
    under = getenv("NOREN_FAULTS_UNDER");
    if (!state || !under) return;
    under_length = strlen(under);
    int (*open_)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int fd = open_(state, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *mapped = mmap(NULL, FIELDS * 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) page = mapped;
}

static int is_under(const char *path) {
    return !strncmp(path, under, under_length) && (path[under_length] == '/' || !path[under_length]);
}

static int path_is_under(int folder, const char *path) {
    char full[8192], base[4096];
    if (path[0] == '/') return is_under(path);
    if (folder == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return 0;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return 0;
        base[length] = 0;
    }
    snprintf(full, sizeof full, "%s/%s", base, path);
    return is_under(full);
}

static int fd_is_under(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_under(path);
}

/* Returns whether this operation fails; then errno is set. In MODE SHORT the first one, where it is a
 * write, gives 2: it writes half. */
static int strikes(uint64_t kind, int below) {
    if (!page || !below || !(page[KINDS] & kind)) return 0;
    uint64_t number = __atomic_add_fetch((uint64_t *)&page[COUNT], 1, __ATOMIC_SEQ_CST);
    if (!page[FIRST] || number < page[FIRST] || number > page[LAST]) return 0;
    if (page[MODE] == KILL) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = (int)page[ERRNO];
    return page[MODE] == SHORT && kind == WRITE && number == page[FIRST] ? 2 : 1;
}

#define WRITES(name, arguments, call, half)                                                        \
    ssize_t name arguments {                                                                       \
        REAL(name);                                                                                \
        int struck = strikes(WRITE, fd_is_under(fd));                                              \
        if (!struck) return real call;                                                             \
        int error = errno;                                                                         \
        if (struck == 2 && length > 1) return real half;                                           \
        errno = error;                                                                             \
        return -1;                                                                                 \
    }

WRITES(write, (int fd, const void *bytes, size_t length), (fd, bytes, length), (fd, bytes, length / 2))
WRITES(pwrite, (int fd, const void *bytes, size_t length, off_t at), (fd, bytes, length, at),
       (fd, bytes, length / 2, at))
WRITES(pwrite64, (int fd, const void *bytes, size_t length, off64_t at), (fd, bytes, length, at),
       (fd, bytes, length / 2, at))

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    return strikes(WRITE, fd_is_under(fd)) ? -1 : real(fd, parts, count);
}

ssize_t copy_file_range(int from, off64_t *at, int fd, off64_t *to, size_t length, unsigned flags) {
    REAL(copy_file_range);
    return strikes(WRITE, fd_is_under(fd)) ? -1 : real(from, at, fd, to, length, flags);
}

#define FD_CALL(name, kind, arguments, call)                                                       \
    int name arguments {                                                                           \
        REAL(name);                                                                                \
        return strikes(kind, fd_is_under(fd)) ? -1 : real call;                                    \
    }

FD_CALL(fsync, SYNC, (int fd), (fd))
FD_CALL(fdatasync, SYNC, (int fd), (fd))
FD_CALL(ftruncate, TRUNCATE, (int fd, off_t length), (fd, length))
FD_CALL(ftruncate64, TRUNCATE, (int fd, off64_t length), (fd, length))
FD_CALL(fallocate, TRUNCATE, (int fd, int mode, off_t at, off_t length), (fd, mode, at, length))
FD_CALL(fallocate64, TRUNCATE, (int fd, int mode, off64_t at, off64_t length), (fd, mode, at, length))
FD_CALL(fchmod, MODIFY, (int fd, mode_t mode), (fd, mode))

int posix_fallocate(int fd, off_t at, off_t length) {
    REAL(posix_fallocate);
    return strikes(TRUNCATE, fd_is_under(fd)) ? errno : real(fd, at, length);
}

int posix_fallocate64(int fd, off64_t at, off64_t length) {
    REAL(posix_fallocate64);
    return strikes(TRUNCATE, fd_is_under(fd)) ? errno : real(fd, at, length);
}

#define PATH_CALL(name, kind, arguments, folder, path, call)                                       \
    int name arguments {                                                                           \
        REAL(name);                                                                                \
        return strikes(kind, path_is_under(folder, path)) ? -1 : real call;                        \
    }

PATH_CALL(rename, RENAME, (const char *from, const char *to), AT_FDCWD, to, (from, to))
PATH_CALL(renameat, RENAME, (int old, const char *from, int folder, const char *to), folder, to,
          (old, from, folder, to))
PATH_CALL(renameat2, RENAME, (int old, const char *from, int folder, const char *to, unsigned flags),
          folder, to, (old, from, folder, to, flags))
PATH_CALL(link, RENAME, (const char *from, const char *to), AT_FDCWD, to, (from, to))
PATH_CALL(linkat, RENAME, (int old, const char *from, int folder, const char *to, int flags), folder,
          to, (old, from, folder, to, flags))
PATH_CALL(unlink, REMOVE, (const char *path), AT_FDCWD, path, (path))
PATH_CALL(unlinkat, REMOVE, (int folder, const char *path, int flags), folder, path,
          (folder, path, flags))
PATH_CALL(rmdir, REMOVE, (const char *path), AT_FDCWD, path, (path))
PATH_CALL(mkdir, CREATE, (const char *path, mode_t mode), AT_FDCWD, path, (path, mode))
PATH_CALL(mkdirat, CREATE, (int folder, const char *path, mode_t mode), folder, path,
          (folder, path, mode))
PATH_CALL(chmod, MODIFY, (const char *path, mode_t mode), AT_FDCWD, path, (path, mode))

/* Opening fails where it would make a file; on a file system that is read only, also for writing. */
static int open_strikes(int folder, const char *path, int flags) {
    struct stat found;
    int makes = (flags & O_CREAT) && fstatat(folder, path, &found, 0) != 0;
    int writes = (flags & O_ACCMODE) != O_RDONLY;
    int refused = makes || (writes && page && page[ERRNO] == EROFS) || (flags & O_TMPFILE) == O_TMPFILE;
    return refused && strikes(CREATE, path_is_under(folder, path));
}

#define MODE_OF(flags)                                                                             \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode = va_arg(rest, mode_t);                                                               \
        va_end(rest);                                                                              \
    }

int open(const char *path, int flags, ...) {
    MODE_OF(flags)
    REAL(open);
    return open_strikes(AT_FDCWD, path, flags) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE_OF(flags)
    REAL(open64);
    return open_strikes(AT_FDCWD, path, flags) ? -1 : real(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    MODE_OF(flags)
    REAL(openat);
    return open_strikes(folder, path, flags) ? -1 : real(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
    MODE_OF(flags)
    REAL(openat64);
    return open_strikes(folder, path, flags) ? -1 : real(folder, path, flags, mode);
}

int creat(const char *path, mode_t mode) {
    return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
