/*
 * Stands between a program and the C library (LD_PRELOAD), and lets the files of one folder meet a disk in trouble. What
 * trouble is read from a small file that the test writes to while the program runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* As faulty-disk.ts writes them. */
enum { WELL, FULL, READ_ONLY, FAILING, UNREADABLE };

struct state {
  uint32_t trouble;
  /* FAILING, UNREADABLE: of so many calls one fails, each with its chance. */
  uint32_t one_in;
  uint32_t chance;
  /* The process is killed at the change of a file that this counts to, half of it done or nothing; 0 is never. */
  uint32_t changes_left;
  uint32_t is_half;
  /* Calls that were failed. */
  uint32_t met;
};

static struct state well;
static struct state *state = &well;
static char folder[PATH_MAX];

__attribute__((constructor)) static void begin(void) {
  const char *place = getenv("DISK_FAULTS_FOLDER");
  const char *name = getenv("DISK_FAULTS_STATE");
  if (place == NULL || name == NULL || realpath(place, folder) == NULL) return;
  int fd = open(name, O_RDWR | O_CLOEXEC);
  void *shared = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared == MAP_FAILED) abort();
  close(fd);
  state = shared;
}

static int is_ours(const char *path) {
  size_t length = strlen(folder);
  return length > 0 && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static int is_ours_at(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return is_ours(path);
}

static uint32_t trouble_at(int fd) {
  return state->trouble != WELL && is_ours_at(fd) ? state->trouble : WELL;
}

static int dies_now(void) {
  return state->changes_left > 0 && __atomic_sub_fetch(&state->changes_left, 1, __ATOMIC_RELAXED) == 0;
}

static int dies_at(int fd) { return state->changes_left > 0 && is_ours_at(fd) && dies_now(); }

static int fail(int error) {
  __atomic_add_fetch(&state->met, 1, __ATOMIC_RELAXED);
  errno = error;
  return -1;
}

static uint32_t draw(uint32_t below) {
  uint32_t step = __atomic_add_fetch(&state->chance, 0x9e3779b9u, __ATOMIC_RELAXED);
  step = (step ^ (step >> 16)) * 0x85ebca6bu;
  step = (step ^ (step >> 13)) * 0xc2b2ae35u;
  return (step ^ (step >> 16)) % below;
}

static int fails_now(void) { return draw(state->one_in) == 0; }

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static ssize_t write_at(int fd, const void *bytes, size_t count, off64_t at) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = REAL(pwrite64);
  struct stat64 file;
  if (dies_at(fd)) {
    if (state->is_half) real(fd, bytes, count / 2, at);
    die();
  }
  switch (trouble_at(fd)) {
    case FULL:
      if (fstat64(fd, &file) != 0 || at + (off64_t)count <= file.st_size) break;
      if (at >= file.st_size) return fail(ENOSPC);
      return real(fd, bytes, file.st_size - at, at);
    case READ_ONLY:
      return fail(EROFS);
    case FAILING:
      if (!fails_now()) break;
      if (count < 2 || draw(2) == 0) return fail(EIO);
      fail(0);
      return real(fd, bytes, count / 2, at);
  }
  return real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return write_at(fd, bytes, count, at); }

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return write_at(fd, bytes, count, at); }

ssize_t pread64(int fd, void *bytes, size_t count, off64_t at) {
  if (trouble_at(fd) == UNREADABLE && fails_now()) return fail(EIO);
  return REAL(pread64)(fd, bytes, count, at);
}

int fsync(int fd) {
  if (trouble_at(fd) == FAILING && fails_now()) return fail(EIO);
  return REAL(fsync)(fd);
}

int fdatasync(int fd) {
  if (trouble_at(fd) == FAILING && fails_now()) return fail(EIO);
  return REAL(fdatasync)(fd);
}

int ftruncate64(int fd, off64_t length) {
  if (dies_at(fd)) die();
  switch (trouble_at(fd)) {
    case READ_ONLY:
      return fail(EROFS);
    case FAILING:
      if (fails_now()) return fail(EIO);
  }
  return REAL(ftruncate64)(fd, length);
}

int unlink(const char *path) {
  if (is_ours(path)) {
    if (dies_now()) die();
    if (state->trouble == READ_ONLY) return fail(EROFS);
    if (state->trouble == FAILING && fails_now()) return fail(EIO);
  }
  return REAL(unlink)(path);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (is_ours(path)) {
    int makes = (flags & O_CREAT) && access(path, F_OK) != 0;
    if (makes && dies_now()) die();
    switch (state->trouble) {
      case FULL:
        if (makes) return fail(ENOSPC);
        break;
      case READ_ONLY:
        if (makes || (flags & O_ACCMODE) != O_RDONLY) return fail(EROFS);
        break;
      case FAILING:
        if (fails_now()) return fail(EIO);
    }
  }
  return REAL(open64)(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open64(path, flags | O_LARGEFILE, mode);
}
