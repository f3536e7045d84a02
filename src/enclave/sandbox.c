/* SPDX-License-Identifier: Apache-2.0 */
#include <enclave/sandbox.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <base/secret.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#else
#error "no seccomp architecture named for this processor"
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define FORBID(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), KILL

qy_status qy_sandbox_enter(qy_error *why)
{
  qy_process_harden();
  struct sock_filter rules[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
      KILL,
      LOAD(nr),
      FORBID(SYS_execveat), /* the processor used it to start the program */
      FORBID(SYS_execve),
      FORBID(SYS_prctl),
      FORBID(SYS_seccomp),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), /* as far as the processor's filter allows it too */
  };
  const struct sock_fprog program = {.len = sizeof(rules) / sizeof(rules[0]), .filter = rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) {
    return qy_fail(why, QY_ERR_DENIED, "enclave: cannot enter the sandbox: %s", strerror(errno));
  }
  return QY_OK;
}
