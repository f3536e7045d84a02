/* SPDX-License-Identifier: Apache-2.0 */
/* A test enclave. */
#include "enclave_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <base/cursor.h>
#include <enclave/trust_domain.h>
#include <sgx/keys.h>

static qy_status append_report(qy_buffer *out, qy_view in, qy_error *why)
{
  qy_target_info target;
  qy_report report;
  uint8_t bytes[QY_REPORT_SIZE];
  const qy_view data = qy_view_slice(in, QY_TARGET_INFO_SIZE, QY_REPORT_DATA_SIZE);
  if (data.size == 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "probe: report");
  }
  QY_TRY(qy_target_info_decode(&target, qy_view_slice(in, 0, QY_TARGET_INFO_SIZE), why));
  QY_TRY(qy_enclave_report(&report, &target, data.bytes, why));
  qy_report_encode(bytes, &report);
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status append_self(qy_buffer *out, qy_error *why)
{
  qy_report_body self;
  uint8_t bytes[QY_REPORT_BODY_SIZE];
  QY_TRY(qy_enclave_self(&self, why));
  qy_report_body_encode(bytes, &self);
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status append_key(qy_buffer *out, qy_view in, qy_error *why)
{
  qy_key_request request;
  QY_SCOPED_SECRET(key);
  QY_TRY(qy_key_request_decode(&request, in, why));
  QY_TRY(qy_enclave_key(&key, &request, why));
  qy_buffer_append(out, key.bytes, key.size);
  return QY_OK;
}

static qy_status verify(qy_view in, qy_trace *trace, qy_error *why)
{
  qy_report report;
  QY_SCOPED_SECRET(key);
  QY_TRY(qy_report_decode(&report, in, why));
  QY_TRY(qy_enclave_report_key(&key, report.key_id, why));
  return qy_report_verify_mac(trace, &report, &key, why);
}

static qy_status seal(qy_buffer *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  const uint8_t policy = qy_read_u8(&reader, "policy");
  const uint8_t size = qy_read_u8(&reader, "size");
  const qy_view aad = qy_read_view(&reader, size, "clear text");
  const qy_view plain = qy_read_rest(&reader);
  QY_TRY(qy_read_finish(&reader, "probe: seal", why));
  return qy_enclave_seal(out, policy, aad, plain, why);
}

static qy_status unseal(qy_buffer *out, qy_view in, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(plain, 1u << 20);
  QY_SCOPED_BUFFER(aad, 1u << 20);
  uint8_t size[4];
  QY_TRY(qy_enclave_unseal(&plain, &aad, in, trace, why));
  qy_writer writer = qy_writer_over(size, sizeof(size));
  qy_write_u32le(&writer, (uint32_t)plain.size);
  qy_buffer_append(out, size, sizeof(size));
  qy_buffer_append(out, plain.bytes, plain.size);
  qy_buffer_append(out, aad.bytes, aad.size);
  return QY_OK;
}

static void append_descriptors(qy_buffer *out)
{
  for (int fd = 0; fd < 256; fd++) {
    if (fcntl(fd, F_GETFD) >= 0) {
      const uint8_t byte = (uint8_t)fd;
      qy_buffer_append(out, &byte, 1);
    }
  }
}

static bool map(int rights)
{
  return mmap(NULL, 4096, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool make_code(void)
{
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool attempt(uint8_t what)
{
  static char *const nothing[] = {NULL};
  switch (what) {
  case TRY_OPEN:
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
  case TRY_SOCKET:
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
  case TRY_KILL:
    return kill(getpid() + 1, 0) == 0;
  case TRY_FORK:
    return syscall(SYS_fork) >= 0;
  case TRY_EXEC:
    return syscall(SYS_execveat, AT_FDCWD, "/bin/true", nothing, nothing, 0) == 0;
  case TRY_PTRACE:
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
  case TRY_MAP_CODE:
    return map(PROT_READ | PROT_WRITE | PROT_EXEC);
  case TRY_MAKE_CODE:
    return make_code();
  case TRY_MEMFD:
    return memfd_create("x", 0) >= 0;
  case TRY_DUP:
    return dup(QY_ENCLAVE_FD_HOST) >= 0;
  case TRY_PRCTL:
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
  case TRY_WRITE_IMAGE:
    return write(QY_ENCLAVE_FD_IMAGE, "x", 1) == 1;
  case TRY_THREAD:
    return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0) >= 0;
  default:
    return true;
  }
}

static qy_status append_attempt(qy_buffer *out, qy_view in)
{
  errno = 0;
  const bool done = in.size == 1 && attempt(in.bytes[0]);
  const uint8_t result = done ? 0 : (uint8_t)errno;
  qy_buffer_append(out, &result, 1);
  return QY_OK;
}

static void make_checks(qy_trace *trace, qy_view in)
{
  const qy_text text = qy_textf("%.*s", (int)in.size, in.size == 0 ? "" : (const char *)in.bytes);
  const qy_check_facts facts = {.expected = text, .actual = text, .origin = "probe"};
  (void)!qy_check(trace, QY_CHECK_REPORT_MAC, true, .expected = text, .actual = text, .origin = "probe");
  (void)!qy_check(trace, QY_CHECK_SEALED_BLOB_TAG, false, .expected = text, .actual = qy_textf("other"));
  qy_check_note(trace, QY_CHECK_SIGRL_SIGNATURE, QY_OUTCOME_UNDECIDED, &facts);
  qy_check_note(trace, QY_CHECK_SIGRL_SIGNATURE, QY_OUTCOME_UNCONSTRAINED, &facts);
}

static qy_status append_big(qy_buffer *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  const uint32_t size = qy_read_u32le(&reader, "size");
  QY_TRY(qy_read_finish(&reader, "probe: size", why));
  uint8_t *bytes = qy_buffer_extend(out, size);
  if (bytes != NULL) {
    memset(bytes, 'b', size);
  }
  return QY_OK;
}

static qy_status append_outcome(qy_buffer *out, qy_view in, qy_error *why)
{
  uint8_t outcome[1024];
  if (send(QY_ENCLAVE_FD_CPU, in.bytes, in.size, MSG_NOSIGNAL) != (ssize_t)in.size) {
    return qy_fail(why, QY_ERR_IO, "probe: send");
  }
  const ssize_t got = recv(QY_ENCLAVE_FD_CPU, outcome, sizeof(outcome), 0);
  if (got <= 0) {
    return qy_fail(why, QY_ERR_IO, "probe: receive");
  }
  qy_buffer_append(out, outcome, (size_t)got);
  return QY_OK;
}

static qy_status append_environment(qy_buffer *out)
{
  uint8_t count = 0;
  while (environ != NULL && environ[count] != NULL) {
    count++;
  }
  qy_buffer_append(out, &count, 1);
  return QY_OK;
}

static qy_status append_section(qy_buffer *out, qy_view in, qy_error *why)
{
  const qy_text name = qy_textf("%.*s", (int)in.size, in.size == 0 ? "" : (const char *)in.bytes);
  const qy_view section = qy_enclave_section(name.chars);
  if (section.bytes == NULL) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "probe: no section");
  }
  qy_buffer_append(out, section.bytes, section.size);
  return QY_OK;
}

static qy_status append_td_report(qy_buffer *out, qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  qy_td_report report;
  uint8_t data[QY_REPORT_DATA_SIZE], bytes[QY_TD_REPORT_SIZE];
  const uint8_t version = qy_read_u8(&reader, "version");
  qy_read_bytes(&reader, data, sizeof(data), "data");
  QY_TRY(qy_read_finish(&reader, "probe: TD report", why));
  QY_TRY(qy_td_report_self(&report, version, data, why));
  qy_td_report_encode(bytes, &report);
  qy_buffer_append(out, bytes, sizeof(bytes));
  return QY_OK;
}

static qy_status extend(qy_view in, qy_error *why)
{
  qy_reader reader = qy_reader_over(in);
  uint8_t digest[QY_TD_HASH_SIZE];
  const uint8_t rtmr = qy_read_u8(&reader, "register");
  qy_read_bytes(&reader, digest, sizeof(digest), "digest");
  QY_TRY(qy_read_finish(&reader, "probe: extend", why));
  return qy_td_rtmr_extend(rtmr, digest, why);
}

static qy_status append_fits(qy_buffer *out, qy_view in, qy_error *why)
{
  bool fits = false;
  if (in.size != QY_TD_REPORT_MAC_STRUCT_SIZE) {
    return qy_fail(why, QY_ERR_MALFORMED, "probe: REPORTMACSTRUCT");
  }
  QY_TRY(qy_enclave_verify_td_report(&fits, in.bytes, why));
  const uint8_t answer = fits ? 1 : 0;
  qy_buffer_append(out, &answer, 1);
  return QY_OK;
}

static qy_status append_configuration(qy_buffer *out)
{
  const qy_view configuration = qy_td_configuration();
  qy_buffer_append(out, configuration.bytes, configuration.size);
  return QY_OK;
}

static qy_status call(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  (void)context;
  switch (operation) {
  case PROBE_ECHO:
    qy_buffer_append(out, in.bytes, in.size);
    return QY_OK;
  case PROBE_SELF:
    return append_self(out, why);
  case PROBE_REPORT:
    return append_report(out, in, why);
  case PROBE_KEY:
    return append_key(out, in, why);
  case PROBE_VERIFY:
    return verify(in, trace, why);
  case PROBE_SEAL:
    return seal(out, in, why);
  case PROBE_UNSEAL:
    return unseal(out, in, trace, why);
  case PROBE_SECTION:
    return append_section(out, in, why);
  case PROBE_DESCRIPTORS:
    append_descriptors(out);
    return QY_OK;
  case PROBE_TRY:
    return append_attempt(out, in);
  case PROBE_BIG:
    return append_big(out, in, why);
  case PROBE_CHECKS:
    make_checks(trace, in);
    return qy_fail(why, QY_ERR_REFUSED, "probe: refused as asked");
  case PROBE_INSTRUCTION:
    return append_outcome(out, in, why);
  case PROBE_TD_REPORT:
    return append_td_report(out, in, why);
  case PROBE_TD_EXTEND:
    return extend(in, why);
  case PROBE_TD_VERIFY:
    return append_fits(out, in, why);
  case PROBE_TD_CONFIGURATION:
    return append_configuration(out);
  case PROBE_ENVIRONMENT:
    return append_environment(out);
  case PROBE_FLOOD:
    while (send(QY_ENCLAVE_FD_CPU, "\x01", 1, MSG_NOSIGNAL) == 1) {
    }
    return qy_fail(why, QY_ERR_IO, "probe: the processor has had enough");
  default:
    return qy_fail(why, QY_ERR_UNSUPPORTED, "probe: operation %u", operation);
  }
}

int main(void)
{
  return qy_enclave_run(call, NULL);
}
