/*
 * losewrites: shows what a power cut would leave of one directory.
 *
 * Preloaded into a process (LD_PRELOAD) with
 *   LOSEWRITES_DIR     the directory, absolute, flat, written by this process only
 *   LOSEWRITES_SHADOW  where the survivors are kept; made when missing
 *   LOSEWRITES_LEAK    optional seed: parts of unsynced writes survive too, as they may on a real disk
 *
 * It acts in programs named java only: what these start, and the shells they are started from, inherit it and write
 * nothing here. The directory is made when missing.
 *
 * The process works in the directory as usual. The shadow holds at every moment what is durable:
 *   - bytes of a file: those it had when fsync or fdatasync of it last ended, with its length
 *   - names: those the directory had when fsync or fdatasync of the directory last ended
 *   - a name whose file was never synced is an empty file
 * So a new, renamed or removed name is durable only after the directory was synced, and a file removed but not yet gone
 * from the directory on disk keeps its last synced bytes. What is in the directory at the start counts as durable.
 * Written through mmap or io_uring is not seen. With a leak, a random part of some writes reaches the shadow at once,
 * before the sync: a torn tail, possibly with a hole before it. Names never leak.
 *
 * Bytes are kept per inode in SHADOW.inodes/, and a name in the shadow is a hard link to them.
 */
#define _GNU_SOURCE
#include <dirent.h>
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
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FD 4096
#define MAX_INODES 65536

static char dir[PATH_MAX], shadow[PATH_MAX], inodes[PATH_MAX];
static unsigned leak_state;
static int leaking;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* 0: not tracked; else the inode; the directory itself is tracked too */
static ino_t fd_inode[MAX_FD];
static ino_t dir_inode;

/* what was written since the last sync, per inode */
static struct dirty { ino_t inode; off_t from, to; } dirty[MAX_INODES];
static int dirty_count;

#define REAL(ret, name, ...) static ret (*real)(__VA_ARGS__); if (!real) real = (ret (*)(__VA_ARGS__)) dlsym(RTLD_NEXT, name)

static void die(const char *what, const char *about) {
    fprintf(stderr, "losewrites: cannot %s %s: %s\n", what, about, strerror(errno));
    _exit(99);
}

/* system calls of our own: never through what is interposed here */
static int sys_open(const char *path, int flags, int mode) { return syscall(SYS_openat, AT_FDCWD, path, flags, mode); }
static void sys_close(int fd) { syscall(SYS_close, fd); }

static void blob_path(char *to, ino_t inode) { snprintf(to, PATH_MAX + 32, "%s/%lu", inodes, (unsigned long) inode); }

static int open_blob(ino_t inode) {
    char path[PATH_MAX + 32];
    blob_path(path, inode);
    int fd = sys_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) die("open", path);
    return fd;
}

static struct dirty *dirty_of(ino_t inode) {
    for (int i = 0; i < dirty_count; i++) if (dirty[i].inode == inode) return &dirty[i];
    if (dirty_count == MAX_INODES) die("remember", "so many files");
    dirty[dirty_count] = (struct dirty) { inode, 0, 0 };
    return &dirty[dirty_count++];
}

static void mark(ino_t inode, off_t from, off_t to) {
    struct dirty *d = dirty_of(inode);
    if (d->to == d->from) { d->from = from; d->to = to; return; }
    if (from < d->from) d->from = from;
    if (to > d->to) d->to = to;
}

static void copy_range(int from_fd, int to_fd, off_t from, off_t to) {
    static char buffer[1 << 16];
    while (from < to) {
        size_t want = to - from < (off_t) sizeof buffer ? (size_t) (to - from) : sizeof buffer;
        ssize_t got = syscall(SYS_pread64, from_fd, buffer, want, from);
        if (got <= 0) return;
        if (syscall(SYS_pwrite64, to_fd, buffer, got, from) != got) die("write", "the shadow");
        from += got;
    }
}

/* the file's bytes become durable */
static void keep_content(int fd, ino_t inode) {
    struct stat st;
    if (fstat(fd, &st)) return;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd); /* the descriptor may be for writing only */
    int source = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (source < 0) die("read", path);
    int blob = open_blob(inode);
    struct dirty *d = dirty_of(inode);
    copy_range(source, blob, d->from, d->to < st.st_size ? d->to : st.st_size);
    if (syscall(SYS_ftruncate, blob, st.st_size)) die("cut", "the shadow");
    d->from = d->to = 0;
    sys_close(blob);
    sys_close(source);
}

/* the directory's names become durable */
static void keep_names(void) {
    char from[2 * PATH_MAX], to[2 * PATH_MAX], blob[PATH_MAX + 32], fresh[2 * PATH_MAX];
    struct stat st;
    struct dirent *entry;
    DIR *names = opendir(dir);
    if (!names) die("list", dir);
    snprintf(fresh, sizeof fresh, "%s/fresh", inodes);
    while ((entry = readdir(names))) {
        snprintf(from, sizeof from, "%s/%s", dir, entry->d_name);
        if (lstat(from, &st) || !S_ISREG(st.st_mode)) continue;
        sys_close(open_blob(st.st_ino));
        blob_path(blob, st.st_ino);
        snprintf(to, sizeof to, "%s/%s", shadow, entry->d_name);
        struct stat old, now;
        if (!stat(to, &old) && !stat(blob, &now) && old.st_ino == now.st_ino) continue;
        syscall(SYS_unlink, fresh);
        if (link(blob, fresh)) die("link", blob);
        if (syscall(SYS_rename, fresh, to)) die("name", to); /* one step: a replaced name is never missing */
    }
    closedir(names);
    names = opendir(shadow);
    if (!names) die("list", shadow);
    while ((entry = readdir(names))) {
        snprintf(from, sizeof from, "%s/%s", dir, entry->d_name);
        snprintf(to, sizeof to, "%s/%s", shadow, entry->d_name);
        if (entry->d_name[0] != '.' && lstat(from, &st)) syscall(SYS_unlink, to);
    }
    closedir(names);
}

static void begin(void) __attribute__((constructor));
static void begin(void) {
    const char *d = getenv("LOSEWRITES_DIR"), *s = getenv("LOSEWRITES_SHADOW"), *l = getenv("LOSEWRITES_LEAK");
    if (!d || !s || strcmp(program_invocation_short_name, "java")) return;
    mkdir(d, 0755);
    struct stat st;
    if (!realpath(d, dir)) die("find", d);
    snprintf(shadow, sizeof shadow, "%s", s);
    if (snprintf(inodes, sizeof inodes, "%s.inodes", s) >= (int) sizeof inodes) die("name", s);
    mkdir(shadow, 0755);
    mkdir(inodes, 0755);
    if (stat(dir, &st)) die("find", dir);
    dir_inode = st.st_ino;
    leaking = l != NULL;
    leak_state = l ? (unsigned) strtoul(l, NULL, 10) : 0;
    DIR *names = opendir(dir);
    struct dirent *entry;
    char path[2 * PATH_MAX];
    while (names && (entry = readdir(names))) {
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (lstat(path, &st) || !S_ISREG(st.st_mode)) continue;
        int fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
        if (fd < 0) die("read", path);
        mark(st.st_ino, 0, st.st_size);
        keep_content(fd, st.st_ino);
        sys_close(fd);
    }
    if (names) closedir(names);
    keep_names();
    unsetenv("LOSEWRITES_DIR"); /* children, such as an embedded database, are none of our business */
}

static int inside(const char *path) {
    char absolute[2 * PATH_MAX];
    if (!dir[0] || !path) return 0;
    if (path[0] != '/') {
        char cwd[PATH_MAX];
        if (!getcwd(cwd, sizeof cwd)) return 0;
        snprintf(absolute, sizeof absolute, "%s/%s", cwd, path);
    } else {
        snprintf(absolute, sizeof absolute, "%s", path);
    }
    size_t length = strlen(dir);
    return !strncmp(absolute, dir, length) && (absolute[length] == '/' || !absolute[length]);
}

static int opened(int fd, const char *path, int existed, int flags) {
    struct stat st;
    if (fd < 0 || fd >= MAX_FD) return fd;
    int error = errno;
    pthread_mutex_lock(&lock);
    fd_inode[fd] = 0;
    if (inside(path) && !fstat(fd, &st)) {
        fd_inode[fd] = st.st_ino;
        if (S_ISREG(st.st_mode) && !existed) {
            /* the inode's number may have been another file's: names in the shadow keep that one's bytes */
            char blob[PATH_MAX + 32];
            blob_path(blob, st.st_ino);
            syscall(SYS_unlink, blob);
            struct dirty *d = dirty_of(st.st_ino);
            d->from = d->to = 0;
        } else if (S_ISREG(st.st_mode) && (flags & O_TRUNC)) {
            mark(st.st_ino, 0, LONG_MAX);
        }
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

static int exists(const char *path) {
    struct stat st;
    return !inside(path) || !lstat(path, &st);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, #name, const char *, int, ...); \
        va_list args; va_start(args, flags); int mode = va_arg(args, int); va_end(args); \
        int existed = exists(path); \
        return opened(real(path, flags, mode), path, existed, flags); \
    }
#define OPENAT(name) \
    int name(int at, const char *path, int flags, ...) { \
        REAL(int, #name, int, const char *, int, ...); \
        va_list args; va_start(args, flags); int mode = va_arg(args, int); va_end(args); \
        int existed = exists(path); \
        return opened(real(at, path, flags, mode), path, existed, flags); \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return open64(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
    if (fd >= 0 && fd < MAX_FD) fd_inode[fd] = 0;
    return syscall(SYS_close, fd);
}

static unsigned next_random(unsigned below) {
    leak_state = leak_state * 1103515245u + 12345u;
    return (leak_state >> 8) % below;
}

static void leak(int fd, ino_t inode, off_t from, off_t to) {
    if (!leaking || to - from < 2 || next_random(4)) return;
    off_t a = from + next_random((unsigned) (to - from)), b = a + 1 + next_random((unsigned) (to - a));
    if (!next_random(2)) a = from; /* a prefix as often as a piece from the middle */
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int source = sys_open(path, O_RDONLY | O_CLOEXEC, 0), blob = open_blob(inode);
    if (source >= 0) copy_range(source, blob, a, b);
    sys_close(source);
    sys_close(blob);
}

static ssize_t written(int fd, ssize_t count, off_t at) {
    if (count <= 0 || fd < 0 || fd >= MAX_FD || !fd_inode[fd]) return count;
    int error = errno;
    pthread_mutex_lock(&lock);
    off_t from = at >= 0 ? at : lseek(fd, 0, SEEK_CUR) - count;
    if (from >= 0) {
        mark(fd_inode[fd], from, from + count);
        leak(fd, fd_inode[fd], from, from + count);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return count;
}

ssize_t write(int fd, const void *data, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t);
    return written(fd, real(fd, data, count), -1);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    return written(fd, real(fd, parts, count), -1);
}
ssize_t pwrite(int fd, const void *data, size_t count, off_t at) {
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
    return written(fd, real(fd, data, count, at), at);
}
ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    return written(fd, real(fd, data, count, at), at);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t);
    return written(fd, real(fd, parts, count, at), at);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
    REAL(ssize_t, "pwritev64", int, const struct iovec *, int, off64_t);
    return written(fd, real(fd, parts, count, at), at);
}

/* lengths are taken at the sync; what a cut and a later extension make zero must be copied then */
static int cut(int fd, int result, off_t length) {
    if (result || fd < 0 || fd >= MAX_FD || !fd_inode[fd]) return result;
    pthread_mutex_lock(&lock);
    mark(fd_inode[fd], length, LONG_MAX);
    pthread_mutex_unlock(&lock);
    return result;
}
int ftruncate(int fd, off_t length) {
    REAL(int, "ftruncate", int, off_t);
    return cut(fd, real(fd, length), length);
}
int ftruncate64(int fd, off64_t length) {
    REAL(int, "ftruncate64", int, off64_t);
    return cut(fd, real(fd, length), length);
}
int fallocate(int fd, int mode, off_t at, off_t length) {
    REAL(int, "fallocate", int, int, off_t, off_t);
    return cut(fd, real(fd, mode, at, length), at);
}
int fallocate64(int fd, int mode, off64_t at, off64_t length) {
    REAL(int, "fallocate64", int, int, off64_t, off64_t);
    return cut(fd, real(fd, mode, at, length), at);
}

static int synced(int fd, int result) {
    if (result || fd < 0 || fd >= MAX_FD || !fd_inode[fd]) return result;
    pthread_mutex_lock(&lock);
    if (fd_inode[fd] == dir_inode) keep_names();
    else keep_content(fd, fd_inode[fd]);
    pthread_mutex_unlock(&lock);
    return result;
}
int fsync(int fd) {
    REAL(int, "fsync", int);
    return synced(fd, real(fd));
}
int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    return synced(fd, real(fd));
}
