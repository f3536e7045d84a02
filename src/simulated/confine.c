/* SPDX-License-Identifier: Apache-2.0 */
/* What an enclave's process may ask of the kernel. All it can reach are the descriptors it is given and its own
 * memory; and all that it can execute is what was measured, since no memory of it becomes executable later. */
#include <simulated/program.h>

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void drop_filter(scmp_filter_ctx *filter)
{
  if (*filter != NULL) {
    seccomp_release(*filter);
    *filter = NULL;
  }
}
#define SCOPED_FILTER(name) __attribute__((cleanup(drop_filter))) scmp_filter_ctx name = NULL

typedef struct rule {
  uint32_t action;
  int call;
} rule;

static int add_all(scmp_filter_ctx filter, const rule *rules, size_t count)
{
  int result = 0;
  for (size_t i = 0; i < count && result == 0; i++) {
    result = seccomp_rule_add(filter, rules[i].action, rules[i].call, 0);
  }
  return result;
}

/* The one program start that is let by: of the descriptor that the processor prepared. The program takes the call from
 * itself before it reads anything (enclave/sandbox.h). */
static int add_start(scmp_filter_ctx filter, int program_fd)
{
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(execveat), 2, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)program_fd),
                          SCMP_A4(SCMP_CMP_EQ, AT_EMPTY_PATH));
}

#ifdef QUOTARY_SANITIZED
/* A sanitizer's runtime opens files, maps code, starts its program over, has threads: here only the way out is shut. */
#define DEFAULT_ACTION SCMP_ACT_ALLOW
static int add_rules(scmp_filter_ctx filter, int program_fd)
{
  static const rule rules[] = {
      {SCMP_ACT_KILL_PROCESS, SCMP_SYS(socket)},
      {SCMP_ACT_KILL_PROCESS, SCMP_SYS(connect)},
      {SCMP_ACT_KILL_PROCESS, SCMP_SYS(ptrace)},
      {SCMP_ACT_KILL_PROCESS, SCMP_SYS(kill)},
      {SCMP_ACT_KILL_PROCESS, SCMP_SYS(fork)},
      {SCMP_ACT_KILL_PROCESS, SCMP_SYS(vfork)},
      {SCMP_ACT_KILL_PROCESS, SCMP_SYS(process_vm_readv)},
  };
  (void)program_fd;
  (void)add_start;
  return add_all(filter, rules, sizeof(rules) / sizeof(rules[0]));
}
#else
#define DEFAULT_ACTION SCMP_ACT_KILL_PROCESS
static int add_memory(scmp_filter_ctx filter)
{
  static const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
  int result = 0;
  for (size_t i = 0; i < 2 && result == 0; i++) {
    result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
  }
  return result;
}

static int add_process(scmp_filter_ctx filter)
{
  int result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_DUMPABLE));
  result = result != 0 ? result
                       : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                                          SCMP_A0(SCMP_CMP_EQ, PR_SET_NO_NEW_PRIVS));
  result = result != 0
               ? result
               : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
  result =
      result != 0 ? result : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0));
  return result != 0 ? result
                     : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, F_GETFD));
}

static int add_rules(scmp_filter_ctx filter, int program_fd)
{
  static const rule rules[] = {
      /* the descriptors it has */
      {SCMP_ACT_ALLOW, SCMP_SYS(read)},
      {SCMP_ACT_ALLOW, SCMP_SYS(write)},
      {SCMP_ACT_ALLOW, SCMP_SYS(recvmsg)},
      {SCMP_ACT_ALLOW, SCMP_SYS(sendmsg)},
      {SCMP_ACT_ALLOW, SCMP_SYS(recvfrom)},
      {SCMP_ACT_ALLOW, SCMP_SYS(sendto)},
      {SCMP_ACT_ALLOW, SCMP_SYS(poll)},
      {SCMP_ACT_ALLOW, SCMP_SYS(ppoll)},
      {SCMP_ACT_ALLOW, SCMP_SYS(close)},
      {SCMP_ACT_ALLOW, SCMP_SYS(fstat)},
      {SCMP_ACT_ALLOW, SCMP_SYS(lseek)},
      /* its memory */
      {SCMP_ACT_ALLOW, SCMP_SYS(brk)},
      {SCMP_ACT_ALLOW, SCMP_SYS(munmap)},
      {SCMP_ACT_ALLOW, SCMP_SYS(mremap)},
      {SCMP_ACT_ALLOW, SCMP_SYS(madvise)},
      {SCMP_ACT_ALLOW, SCMP_SYS(mlock)},
      {SCMP_ACT_ALLOW, SCMP_SYS(munlock)},
      /* itself */
      {SCMP_ACT_ALLOW, SCMP_SYS(exit)},
      {SCMP_ACT_ALLOW, SCMP_SYS(exit_group)},
      {SCMP_ACT_ALLOW, SCMP_SYS(arch_prctl)},
      {SCMP_ACT_ALLOW, SCMP_SYS(set_tid_address)},
      {SCMP_ACT_ALLOW, SCMP_SYS(set_robust_list)},
      {SCMP_ACT_ALLOW, SCMP_SYS(rseq)},
      {SCMP_ACT_ALLOW, SCMP_SYS(futex)},
      {SCMP_ACT_ALLOW, SCMP_SYS(umask)},
      {SCMP_ACT_ALLOW, SCMP_SYS(getpid)},
      {SCMP_ACT_ALLOW, SCMP_SYS(gettid)},
      {SCMP_ACT_ALLOW, SCMP_SYS(getuid)},
      {SCMP_ACT_ALLOW, SCMP_SYS(geteuid)},
      {SCMP_ACT_ALLOW, SCMP_SYS(getgid)},
      {SCMP_ACT_ALLOW, SCMP_SYS(getegid)},
      {SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction)},
      {SCMP_ACT_ALLOW, SCMP_SYS(rt_sigprocmask)},
      {SCMP_ACT_ALLOW, SCMP_SYS(rt_sigreturn)},
      {SCMP_ACT_ALLOW, SCMP_SYS(restart_syscall)},
      /* randomness, time, the size of the machine */
      {SCMP_ACT_ALLOW, SCMP_SYS(getrandom)},
      {SCMP_ACT_ALLOW, SCMP_SYS(clock_gettime)},
      {SCMP_ACT_ALLOW, SCMP_SYS(gettimeofday)},
      {SCMP_ACT_ALLOW, SCMP_SYS(sysinfo)},
      {SCMP_ACT_ALLOW, SCMP_SYS(sched_getaffinity)},
      {SCMP_ACT_ALLOW, SCMP_SYS(sched_yield)},
      {SCMP_ACT_ALLOW, SCMP_SYS(uname)},
      /* There are no files: libcrypto asks for its configuration, the C library for its own path. */
      {SCMP_ACT_ERRNO(ENOENT), SCMP_SYS(open)},
      {SCMP_ACT_ERRNO(ENOENT), SCMP_SYS(openat)},
      {SCMP_ACT_ERRNO(ENOENT), SCMP_SYS(readlink)},
      {SCMP_ACT_ERRNO(ENOENT), SCMP_SYS(readlinkat)},
      {SCMP_ACT_ERRNO(ENOENT), SCMP_SYS(access)},
      {SCMP_ACT_ERRNO(ENOENT), SCMP_SYS(newfstatat)},
      {SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl)},
      {SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket)},
  };
  int result = add_all(filter, rules, sizeof(rules) / sizeof(rules[0]));
  result = result != 0 ? result : add_memory(filter);
  result = result != 0 ? result : add_process(filter);
  return result != 0 ? result : add_start(filter, program_fd);
}
#endif

static qy_status set_limits(int program_fd, qy_error *why)
{
  const struct rlimit none = {0, 0};
  bool set = setrlimit(RLIMIT_CORE, &none) == 0;
#ifndef QUOTARY_SANITIZED
  set = set && setrlimit(RLIMIT_FSIZE, &none) == 0 && setrlimit(RLIMIT_NPROC, &none) == 0;
  const struct rlimit files = {(rlim_t)program_fd, (rlim_t)program_fd}; /* no more than it has */
  set = set && setrlimit(RLIMIT_NOFILE, &files) == 0;
#else
  (void)program_fd;
#endif
  if (!set) {
    return qy_fail(why, QY_ERR_DENIED, "resource limits: %s", strerror(errno));
  }
  return QY_OK;
}

qy_status qy_confine_self(int program_fd, qy_error *why)
{
  (void)umask(077);
  QY_TRY(set_limits(program_fd, why));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return qy_fail(why, QY_ERR_DENIED, "no new privileges: %s", strerror(errno));
  }
  SCOPED_FILTER(filter);
  filter = seccomp_init(DEFAULT_ACTION);
  int result = filter == NULL ? -ENOMEM : add_rules(filter, program_fd);
  result = result != 0 ? result : seccomp_load(filter);
  if (result != 0) {
    return qy_fail(why, QY_ERR_DENIED, "system call filter: %s", strerror(-result));
  }
  return QY_OK;
}
