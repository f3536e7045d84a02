/* SPDX-License-Identifier: Apache-2.0 */
/* The operating system's side of the control socket. */
#include <simulated/cpu.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <base/cursor.h>
#include <enclave/answer.h>
#include <simulated/control.h>
#include <simulated/program.h>

#define ORIGIN "the simulated processor"

qy_status qy_image_seal(int *fd, qy_view image, qy_error *why)
{
  return qy_memory_seal(fd, "enclave-image", image, why);
}

/* Receives one answer; its payload, of `size` bytes, is copied to `payload`. */
static qy_status receive(const qy_cpu *cpu, uint8_t *payload, size_t size, int *descriptor, qy_trace *trace,
                         qy_error *why)
{
  QY_SCOPED_BUFFER(packet, QY_CONTROL_MAX_SIZE);
  qy_answer answer;
  size_t got = 0;
  uint8_t *bytes = qy_buffer_extend(&packet, QY_CONTROL_MAX_SIZE);
  QY_TRY(qy_buffer_finish(&packet, "answer of the processor", why));
  QY_TRY(qy_packet_receive(cpu->control, bytes, QY_CONTROL_MAX_SIZE, &got, descriptor, why));
  if (got == 0) {
    return qy_fail(why, QY_ERR_IO, "processor: it has stopped");
  }
  QY_TRY(qy_answer_decode(&answer, trace, qy_view_over(bytes, got), ORIGIN, why));
  QY_TRY(qy_answer_settle(&answer, why));
  if (answer.payload.size != size) {
    return qy_fail(why, QY_ERR_INTERNAL, "processor: answer of %zu bytes instead of %zu", answer.payload.size, size);
  }
  if (size > 0) {
    memcpy(payload, answer.payload.bytes, size);
  }
  return QY_OK;
}

static void close_descriptor(int *descriptor)
{
  if (*descriptor >= 0) {
    (void)close(*descriptor);
    *descriptor = -1;
  }
}

static qy_status ask(const qy_cpu *cpu, uint8_t request, int sent, uint8_t *payload, size_t size, int *came,
                     qy_trace *trace, qy_error *why)
{
  *came = -1;
  QY_TRY(qy_packet_send(cpu->control, qy_view_over(&request, 1), sent, why));
  const qy_status status = receive(cpu, payload, size, came, trace, why);
  if (status != QY_OK) {
    close_descriptor(came);
  }
  return status;
}

qy_status qy_cpu_start(qy_cpu *out, const char *machine_folder, qy_error *why)
{
  int ends[2];
  int nothing = -1;
  *out = (qy_cpu){.control = -1, .process = -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return qy_fail(why, QY_ERR_IO, "processor: no socket pair: %s", strerror(errno));
  }
  const pid_t child = fork();
  if (child == 0) {
    (void)close(ends[0]);
    _exit(qy_cpu_run(machine_folder, ends[1]));
  }
  (void)close(ends[1]);
  if (child < 0) {
    (void)close(ends[0]);
    return qy_fail(why, QY_ERR_IO, "processor: no process: %s", strerror(errno));
  }
  *out = (qy_cpu){.control = ends[0], .process = child};
  const qy_status status = receive(out, NULL, 0, &nothing, NULL, why);
  close_descriptor(&nothing);
  if (status != QY_OK) {
    qy_cpu_stop(out);
  }
  return status;
}

void qy_cpu_stop(qy_cpu *cpu)
{
  if (cpu->process > 0) {
    close_descriptor(&cpu->control);
    while (waitpid(cpu->process, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  *cpu = (qy_cpu){.control = -1, .process = -1};
}

static qy_status read_launched(qy_launched *out, qy_view payload, qy_error *why)
{
  qy_reader in = qy_reader_over(payload);
  out->page_count = qy_read_u32le(&in, "pages");
  out->process = (pid_t)qy_read_u32le(&in, "process");
  const qy_view body = qy_read_view(&in, QY_REPORT_BODY_SIZE, "identity");
  QY_TRY(qy_read_finish(&in, "launch", why));
  return qy_report_body_decode(&out->identity, body, why);
}

qy_status qy_cpu_launch(qy_cpu *cpu, qy_launched *out, int image_fd, qy_trace *trace, qy_error *why)
{
  uint8_t payload[QY_CONTROL_LAUNCH_SIZE];
  int channel = -1;
  *out = (qy_launched){.channel = -1, .process = -1};
  QY_TRY(ask(cpu, QY_CONTROL_LAUNCH, image_fd, payload, sizeof(payload), &channel, trace, why));
  qy_status status = read_launched(out, QY_VIEW_OF(payload), why);
  if (status == QY_OK && channel < 0) {
    status = qy_fail(why, QY_ERR_INTERNAL, "processor: a launch without a channel");
  }
  if (status != QY_OK) {
    close_descriptor(&channel);
    *out = (qy_launched){.channel = -1, .process = -1};
    return status;
  }
  out->channel = channel;
  return QY_OK;
}

static qy_status read_launched_td(qy_launched_td *out, qy_view payload, qy_error *why)
{
  qy_reader in = qy_reader_over(payload);
  out->page_count = qy_read_u32le(&in, "pages");
  out->process = (pid_t)qy_read_u32le(&in, "process");
  qy_read_bytes(&in, out->mr_td, sizeof(out->mr_td), "MRTD");
  qy_read_bytes(&in, out->mr_config_id, sizeof(out->mr_config_id), "MRCONFIGID");
  out->attributes = qy_read_u64le(&in, "attributes");
  out->xfam = qy_read_u64le(&in, "XFAM");
  return qy_read_finish(&in, "launch of a trust domain", why);
}

qy_status qy_cpu_launch_td(qy_cpu *cpu, qy_launched_td *out, int image_fd, qy_trace *trace, qy_error *why)
{
  uint8_t payload[QY_CONTROL_LAUNCH_TD_SIZE];
  *out = (qy_launched_td){.channel = -1, .process = -1};
  QY_TRY(ask(cpu, QY_CONTROL_LAUNCH_TD, image_fd, payload, sizeof(payload), &out->channel, trace, why));
  qy_status status = read_launched_td(out, QY_VIEW_OF(payload), why);
  if (status == QY_OK && out->channel < 0) {
    status = qy_fail(why, QY_ERR_INTERNAL, "processor: a launch without a channel");
  }
  if (status != QY_OK) {
    close_descriptor(&out->channel);
    *out = (qy_launched_td){.channel = -1, .process = -1};
  }
  return status;
}

qy_status qy_cpu_describe(qy_cpu *cpu, qy_cpu_state *out, qy_error *why)
{
  uint8_t payload[QY_CONTROL_DESCRIBE_SIZE];
  int nothing = -1;
  *out = (qy_cpu_state){0};
  QY_TRY(ask(cpu, QY_CONTROL_DESCRIBE, -1, payload, sizeof(payload), &nothing, NULL, why));
  close_descriptor(&nothing);
  qy_reader in = qy_reader_over(QY_VIEW_OF(payload));
  qy_read_bytes(&in, out->cpu_svn, sizeof(out->cpu_svn), "CPUSVN");
  out->level = qy_read_u16le(&in, "level");
  out->level_count = qy_read_u16le(&in, "levels");
  out->enclave_count = qy_read_u16le(&in, "enclaves");
  out->tdx_module.version = qy_read_u8(&in, "version of the TDX module");
  out->tdx_module.svn = qy_read_u8(&in, "SVN of the TDX module");
  return qy_read_finish(&in, "state of the processor", why);
}
