/* SPDX-License-Identifier: Apache-2.0 */
#include <simulated/program.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <base/cursor.h>

#define SEAL_TRIES 200 /* two seconds */
#define ALL_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)
#define MAX_SEGMENTS 64u
#define SEGMENT_SIZE 56u
#define EXECUTABLE_FLAG 0x0010u /* MFD_EXEC, which Debian 12's headers do not have yet */

#if defined(__x86_64__)
#define NATIVE_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define NATIVE_MACHINE EM_AARCH64
#else
#error "no ELF machine named for this processor"
#endif

/* What the check found, for people. */
static const char *judge_header(qy_view program, uint64_t *segments_at, uint16_t *segment_count)
{
  qy_reader in = qy_reader_over(program);
  const qy_view ident = qy_read_view(&in, EI_NIDENT, "ident");
  const uint16_t type = qy_read_u16le(&in, "type");
  const uint16_t machine = qy_read_u16le(&in, "machine");
  qy_read_skip(&in, 4 + 8, "version, entry");
  *segments_at = qy_read_u64le(&in, "program headers");
  qy_read_skip(&in, 8 + 4 + 2, "section headers, flags, size");
  const uint16_t segment_size = qy_read_u16le(&in, "program header size");
  *segment_count = qy_read_u16le(&in, "program header count");
  if (in.status != QY_OK || memcmp(ident.bytes, ELFMAG, SELFMAG) != 0) {
    return "no ELF file";
  }
  if (ident.bytes[EI_CLASS] != ELFCLASS64 || ident.bytes[EI_DATA] != ELFDATA2LSB || machine != NATIVE_MACHINE ||
      (type != ET_EXEC && type != ET_DYN)) {
    return "no program for this machine";
  }
  if (segment_size != SEGMENT_SIZE || *segment_count == 0 || *segment_count > MAX_SEGMENTS) {
    return "unusual program headers";
  }
  return NULL;
}

static const char *judge(qy_view program)
{
  uint64_t at = 0;
  uint16_t count = 0;
  const char *fault = judge_header(program, &at, &count);
  if (fault != NULL) {
    return fault;
  }
  const qy_view segments = qy_view_slice(program, at, (size_t)count * SEGMENT_SIZE);
  if (segments.size == 0) {
    return "program headers beyond the end";
  }
#ifndef QUOTARY_SANITIZED /* sanitizers need the dynamic loader */
  for (uint16_t i = 0; i < count; i++) {
    qy_reader in = qy_reader_over(qy_view_slice(segments, (size_t)i * SEGMENT_SIZE, SEGMENT_SIZE));
    if (qy_read_u32le(&in, "segment type") == PT_INTERP) {
      return "asks for an interpreter";
    }
  }
#endif
  return NULL;
}

qy_status qy_program_check(qy_trace *trace, qy_view program, qy_error *why)
{
  const char *fault = judge(program);
  if (!qy_check(trace, QY_CHECK_ENCLAVE_PROGRAM_STATIC, fault == NULL, .expected = qy_textf("a static ELF program"),
                .actual = qy_textf("%s", fault == NULL ? "one" : fault), .origin = "rule of the simulated processor")) {
    return qy_fail(why, QY_ERR_REFUSED, "enclave program: %s", fault);
  }
  return QY_OK;
}

static int new_memory(const char *name)
{
  const int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | EXECUTABLE_FLAG);
  /* Kernels before 6.3 do not know the flag, and let every such file be executed. */
  return fd >= 0 || errno != EINVAL ? fd : memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

static bool write_all(int fd, qy_view bytes)
{
  for (size_t at = 0; at < bytes.size;) {
    const ssize_t written = write(fd, bytes.bytes + at, bytes.size - at);
    if (written > 0) {
      at += (size_t)written;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/* The kernel refuses by EBUSY while it holds a page itself (it moves memory about on a busy machine): it lets go. */
static bool seal(int fd)
{
  const struct timespec pause = {.tv_nsec = 10000000};
  for (int i = 0; i < SEAL_TRIES; i++) {
    if (fcntl(fd, F_ADD_SEALS, ALL_SEALS) == 0) {
      return true;
    }
    if (errno != EBUSY) {
      return false;
    }
    (void)nanosleep(&pause, NULL);
  }
  errno = EBUSY;
  return false;
}

qy_status qy_memory_seal(int *fd, const char *name, qy_view bytes, qy_error *why)
{
  *fd = new_memory(name);
  if (*fd < 0) {
    return qy_fail(why, QY_ERR_IO, "anonymous memory: %s", strerror(errno));
  }
  if (!write_all(*fd, bytes) || !seal(*fd)) {
    const int cause = errno;
    (void)close(*fd);
    *fd = -1;
    return qy_fail(why, QY_ERR_IO, "anonymous memory: cannot write and seal %zu bytes: %s", bytes.size,
                   strerror(cause));
  }
  return QY_OK;
}

bool qy_memory_is_sealed(int fd)
{
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & ALL_SEALS) == ALL_SEALS;
}
