// SPDX-License-Identifier: Apache-2.0
/* Preloaded into a program (LD_PRELOAD), makes one call of one kind fail: SSMZ_FAULT=KIND:N fails the N-th
 * call of the kind, KIND:N+ that and all later ones; with SSMZ_FAULT_SIGNAL=NUMBER it does not fail, the
 * process gets that signal in it. SSMZ_FAULT_HIT names a file that is made when a call has failed,
 * SSMZ_FAULT_COUNT one that gets the number of calls at the end. A program may hold this file instead and
 * give the orders itself (fault_inject.h). */
#define _GNU_SOURCE
#include "tests/faults/fault_inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static char wanted[24];
static long first_failing;
static int fails_on;
static int signal_number;
static const char* hit_path;
static atomic_long calls;
static atomic_int ready;

__attribute__((constructor)) static void read_orders(void) {
  const char* order = getenv("SSMZ_FAULT");
  const char* colon = order ? strchr(order, ':') : NULL;
  if (!colon || (size_t)(colon - order) >= sizeof(wanted)) return;
  memcpy(wanted, order, (size_t)(colon - order));
  first_failing = atol(colon + 1);
  fails_on = strchr(colon, '+') != NULL;
  hit_path = getenv("SSMZ_FAULT_HIT");
  const char* number = getenv("SSMZ_FAULT_SIGNAL");
  signal_number = number ? atoi(number) : 0;
  atomic_store(&ready, 1);
}

__attribute__((destructor)) static void tell_count(void) {
  const char* path = getenv("SSMZ_FAULT_COUNT");
  if (!path) return;
  char digits[24];
  size_t at = sizeof(digits);
  long count = atomic_load(&calls);
  do digits[--at] = (char)('0' + count % 10);
  while ((count /= 10) != 0);
  const long file = syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
  if (file < 0) return;
  syscall(SYS_write, file, digits + at, sizeof(digits) - at);
  syscall(SYS_close, file);
}

/* True if this call of `kind` is to fail. */
static int fails(const char* kind) {
  if (!atomic_load(&ready) || strcmp(kind, wanted) != 0) return 0;
  const long call = atomic_fetch_add(&calls, 1) + 1;
  if (call != first_failing && !(fails_on && call > first_failing)) return 0;
  if (hit_path) {
    const long file = syscall(SYS_openat, AT_FDCWD, hit_path, O_CREAT | O_WRONLY, 0600);
    if (file >= 0) syscall(SYS_close, file);
  }
  if (signal_number != 0) raise(signal_number);
  return signal_number == 0;
}

void fault_arm(const char* kind, long first, int all_later) {
  strncpy(wanted, kind, sizeof(wanted) - 1);
  first_failing = first;
  fails_on = all_later;
  atomic_store(&calls, 0);
  atomic_store(&ready, 1);
}

long fault_disarm(void) {
  atomic_store(&ready, 0);
  return atomic_load(&calls);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL(kind, number, value) \
  do {                            \
    if (fails(kind)) {            \
      errno = number;             \
      return value;               \
    }                             \
  } while (0)

void* malloc(size_t size) {
  FAIL("allocation", ENOMEM, NULL);
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  FAIL("allocation", ENOMEM, NULL);
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  FAIL("allocation", ENOMEM, NULL);
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  FAIL("allocation", ENOMEM, NULL);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
  if (fails("allocation")) return ENOMEM;
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}

void* mmap(void* address, size_t length, int protection, int flags, int file, off_t offset) {
  FAIL("mapping", ENOMEM, MAP_FAILED);
  return (void*)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) {
  if (fails("thread")) return EAGAIN;
  return NEXT(pthread_create)(thread, attributes, start, argument);
}

/* A write to standard error is a message: whether it arrives is no fault of the data's. */
ssize_t write(int file, const void* bytes, size_t size) {
  if (file != STDERR_FILENO) {
    FAIL("write", ENOSPC, -1);
    FAIL("interrupted-write", EINTR, -1);
    if (size > 1 && fails("short-write")) size = 1;
  }
  return syscall(SYS_write, file, bytes, size);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  FAIL("write", ENOSPC, -1);
  return syscall(SYS_pwrite64, file, bytes, size, offset);
}
ssize_t writev(int file, const struct iovec* pieces, int count) {
  if (file != STDERR_FILENO) FAIL("write", ENOSPC, -1);
  return syscall(SYS_writev, file, pieces, count);
}
ssize_t read(int file, void* bytes, size_t size) {
  FAIL("read", EIO, -1);
  FAIL("interrupted-read", EINTR, -1);
  if (size > 1 && fails("short-read")) size = 1;
  return syscall(SYS_read, file, bytes, size);
}
ssize_t pread(int file, void* bytes, size_t size, off_t offset) {
  FAIL("read", EIO, -1);
  return syscall(SYS_pread64, file, bytes, size, offset);
}

int fsync(int file) {
  FAIL("fsync", EIO, -1);
  return (int)syscall(SYS_fsync, file);
}
int fdatasync(int file) {
  FAIL("fsync", EIO, -1);
  return (int)syscall(SYS_fdatasync, file);
}
int close(int file) {
  if (fails("close")) {
    syscall(SYS_close, file);
    errno = EIO;
    return -1;
  }
  return (int)syscall(SYS_close, file);
}
int rename(const char* from, const char* to) {
  FAIL("rename", EIO, -1);
  return NEXT(rename)(from, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  FAIL("rename", EIO, -1);
  return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}
int link(const char* from, const char* to) {
  FAIL("rename", EIO, -1);
  return NEXT(link)(from, to);
}
int fchmod(int file, mode_t mode) {
  FAIL("attributes", EPERM, -1);
  return (int)syscall(SYS_fchmod, file, mode);
}
int fchown(int file, uid_t user, gid_t group) {
  FAIL("attributes", EPERM, -1);
  return (int)syscall(SYS_fchown, file, user, group);
}
int futimens(int file, const struct timespec times[2]) {
  FAIL("attributes", EPERM, -1);
  return NEXT(futimens)(file, times);
}
int fstat(int file, struct stat* status) {
  FAIL("stat", EIO, -1);
  return NEXT(fstat)(file, status);
}
