/* SPDX-License-Identifier: Apache-2.0 */
/* The processor's process: one loop over the control socket and the guests' sockets. Each enclave and each trust domain has
 * a socket of its own, and what arrives there is answered from what is known of that guest alone. */
#include <simulated/cpu.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <base/cursor.h>
#include <base/file.h>
#include <base/log.h>
#include <crypto/random.h>
#include <enclave/answer.h>
#include <enclave/instruction.h>
#include <simulated/control.h>
#include <simulated/execute.h>
#include <simulated/load.h>
#include <simulated/machine.h>

typedef struct slot {
  bool used;
  int socket;
  pid_t process;
  qy_guest guest;
} slot;

typedef struct processor {
  qy_vault vault; /* holds the fuses */
  qy_fuses *fuses;
  qy_machine_config machine;
  int control;
  int events;
  slot slots[QY_CPU_MAX_ENCLAVES];
  qy_trace trace;
  uint8_t packet[QY_CONTROL_MAX_SIZE];
} processor;

#define CONTROL_EVENT QY_CPU_MAX_ENCLAVES
#define LOCK_PATIENCE_MS 2000

static const uint8_t *cpu_svn_of(const processor *cpu)
{
  return cpu->machine.levels.cpu_svns[cpu->machine.level - 1];
}

/* ---- instructions ---- */

static void close_slot(processor *cpu, slot *enclave)
{
  (void)epoll_ctl(cpu->events, EPOLL_CTL_DEL, enclave->socket, NULL);
  (void)close(enclave->socket);
  (void)kill(enclave->process, SIGKILL);
  while (waitpid(enclave->process, NULL, 0) < 0 && errno == EINTR) {
  }
  *enclave = (slot){0};
}

/* One instruction. False when the guest is gone, or does not take its answers. */
static bool serve_guest(const processor *cpu, slot *of)
{
  uint8_t packet[QY_INSTRUCTION_MAX_SIZE + 1]; /* one byte more tells a packet that is too long */
  uint8_t value[QY_OUTCOME_VALUE_MAX_SIZE] = {0};
  uint8_t outcome[QY_OUTCOME_MAX_SIZE];
  size_t size = 0;
  qy_error why = {0};
  const qy_processor_state state = {
      .fuses = cpu->fuses, .cpu_svn = cpu_svn_of(cpu), .tdx_module = &cpu->machine.tdx_module};
  const ssize_t got = recv(of->socket, packet, sizeof(packet), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return true;
  }
  if (got <= 0) {
    return false;
  }
  const qy_status status = qy_execute(&state, &of->guest, qy_view_over(packet, (size_t)got), value, &size, &why);
  const size_t length = qy_outcome_encode(outcome, status, &why, qy_view_over(value, size));
  const bool sent = send(of->socket, outcome, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
  qy_wipe(value, sizeof(value));
  qy_wipe(outcome, sizeof(outcome));
  return sent;
}

/* ---- control ---- */

static bool answer(processor *cpu, qy_status status, const qy_error *why, qy_view payload, int descriptor)
{
  QY_SCOPED_BUFFER(packet, QY_CONTROL_MAX_SIZE);
  qy_answer_encode(&packet, status, why, &cpu->trace, payload);
  cpu->trace = (qy_trace){0};
  return qy_buffer_finish(&packet, "answer of the processor", NULL) == QY_OK &&
         qy_packet_send(cpu->control, qy_buffer_view(&packet), descriptor, NULL) == QY_OK;
}

static slot *free_slot(processor *cpu)
{
  for (size_t i = 0; i < QY_CPU_MAX_ENCLAVES; i++) {
    if (!cpu->slots[i].used) {
      return &cpu->slots[i];
    }
  }
  return NULL;
}

static qy_report_body identity_of(const processor *cpu, const qy_secs *secs)
{
  qy_report_body body = {.misc_select = secs->misc_select,
                         .attributes = secs->attributes,
                         .isv_prod_id = secs->isv_prod_id,
                         .isv_svn = secs->isv_svn,
                         .config_svn = secs->config_svn};
  memcpy(body.cpu_svn, cpu_svn_of(cpu), sizeof(body.cpu_svn));
  memcpy(body.mr_enclave, secs->mr_enclave, sizeof(body.mr_enclave));
  memcpy(body.mr_signer, secs->mr_signer, sizeof(body.mr_signer));
  memcpy(body.config_id, secs->config_id, sizeof(body.config_id));
  memcpy(body.isv_family_id, secs->isv_family_id, sizeof(body.isv_family_id));
  memcpy(body.isv_ext_prod_id, secs->isv_ext_prod_id, sizeof(body.isv_ext_prod_id));
  return body;
}

static qy_status launch(processor *cpu, qy_loaded *loaded, qy_load *load, int image_fd, qy_error *why)
{
  slot *enclave = free_slot(cpu);
  *loaded = (qy_loaded){.host = -1};
  if (enclave == NULL) {
    return qy_fail(why, QY_ERR_BUSY, "processor: %d enclaves are running, there is no room for another",
                   QY_CPU_MAX_ENCLAVES);
  }
  if (image_fd < 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "processor: a launch without an image");
  }
  QY_TRY(load(loaded, image_fd, &cpu->machine, &cpu->trace, why));
  *enclave = (slot){.used = true, .socket = loaded->cpu, .process = loaded->process, .guest = loaded->guest};
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)(enclave - cpu->slots)};
  if (epoll_ctl(cpu->events, EPOLL_CTL_ADD, enclave->socket, &event) != 0) {
    close_slot(cpu, enclave);
    (void)close(loaded->host);
    loaded->host = -1;
    return qy_fail(why, QY_ERR_IO, "processor: cannot watch the enclave: %s", strerror(errno));
  }
  return QY_OK;
}

static void write_enclave(qy_writer *out, const processor *cpu, const qy_loaded *loaded)
{
  uint8_t body[QY_REPORT_BODY_SIZE];
  const qy_report_body identity = identity_of(cpu, &loaded->guest.secs);
  qy_report_body_encode(body, &identity);
  qy_write_bytes(out, body, sizeof(body));
}

static void write_trust_domain(qy_writer *out, const qy_trust_domain *domain)
{
  qy_write_bytes(out, domain->mr_td, sizeof(domain->mr_td));
  qy_write_bytes(out, domain->mr_config_id, sizeof(domain->mr_config_id));
  qy_write_u64le(out, domain->attributes);
  qy_write_u64le(out, domain->xfam);
}

static bool serve_launch(processor *cpu, qy_load *load, int image_fd)
{
  qy_loaded loaded;
  qy_error why = {0};
  uint8_t payload[QY_CONTROL_LAUNCH_SIZE];
  const qy_status status = launch(cpu, &loaded, load, image_fd, &why);
  qy_writer writer = qy_writer_over(payload, sizeof(payload));
  if (status == QY_OK) {
    qy_write_u32le(&writer, loaded.page_count);
    qy_write_u32le(&writer, (uint32_t)loaded.process);
    if (loaded.guest.is_trust_domain) {
      write_trust_domain(&writer, &loaded.guest.domain);
    } else {
      write_enclave(&writer, cpu, &loaded);
    }
  }
  const bool sent = answer(cpu, status, &why, qy_view_over(payload, writer.offset), loaded.host);
  if (loaded.host >= 0) {
    (void)close(loaded.host);
  }
  return sent;
}

static bool serve_describe(processor *cpu)
{
  uint8_t payload[QY_CONTROL_DESCRIBE_SIZE];
  uint16_t running = 0;
  for (size_t i = 0; i < QY_CPU_MAX_ENCLAVES; i++) {
    running = (uint16_t)(running + (cpu->slots[i].used ? 1 : 0));
  }
  qy_writer writer = qy_writer_over(payload, sizeof(payload));
  qy_write_bytes(&writer, cpu_svn_of(cpu), QY_CPU_SVN_SIZE);
  qy_write_u16le(&writer, (uint16_t)cpu->machine.level);
  qy_write_u16le(&writer, (uint16_t)cpu->machine.levels.count);
  qy_write_u16le(&writer, running);
  qy_write_u8(&writer, cpu->machine.tdx_module.version);
  qy_write_u8(&writer, cpu->machine.tdx_module.svn);
  return answer(cpu, QY_OK, NULL, qy_view_over(payload, writer.offset), -1);
}

static bool serve_control(processor *cpu)
{
  uint8_t request[2];
  size_t got = 0;
  int descriptor = -1;
  bool goes_on = false;
  qy_error why = {0};
  if (qy_packet_receive(cpu->control, request, sizeof(request), &got, &descriptor, &why) != QY_OK || got == 0) {
    return false;
  }
  if (got == 1 && request[0] == QY_CONTROL_LAUNCH) {
    goes_on = serve_launch(cpu, qy_enclave_load, descriptor);
  } else if (got == 1 && request[0] == QY_CONTROL_LAUNCH_TD) {
    goes_on = serve_launch(cpu, qy_trust_domain_load, descriptor);
  } else if (got == 1 && request[0] == QY_CONTROL_DESCRIBE) {
    goes_on = serve_describe(cpu);
  } else {
    const qy_status status = qy_fail(&why, QY_ERR_UNSUPPORTED, "processor: request %u", request[0]);
    goes_on = answer(cpu, status, &why, (qy_view){NULL, 0}, -1);
  }
  if (descriptor >= 0) {
    (void)close(descriptor);
  }
  return goes_on;
}

/* ---- the process ---- */

static void run(processor *cpu)
{
  for (;;) {
    struct epoll_event events[16];
    const int count = epoll_wait(cpu->events, events, 16, -1);
    if (count < 0 && errno != EINTR) {
      return;
    }
    for (int i = 0; i < count; i++) {
      const uint32_t which = events[i].data.u32;
      if (which == CONTROL_EVENT) {
        if (!serve_control(cpu)) {
          return;
        }
      } else if (cpu->slots[which].used && !serve_guest(cpu, &cpu->slots[which])) {
        close_slot(cpu, &cpu->slots[which]);
      }
    }
  }
}

/* A processor that just lost its service may still be ending its enclaves. */
static qy_status take_machine(int *lock, const char *machine_folder, qy_error *why)
{
  const int64_t until_ms = qy_clock_steady_ms() + LOCK_PATIENCE_MS;
  const struct timespec pause = {.tv_nsec = 20000000};
  for (;;) {
    const qy_status status = qy_machine_lock(lock, machine_folder, why);
    if (status != QY_ERR_BUSY || qy_clock_steady_ms() > until_ms) {
      return status;
    }
    (void)nanosleep(&pause, NULL);
  }
}

static qy_status prepare(processor *cpu, const char *machine_folder, int *lock, qy_error *why)
{
  QY_TRY(take_machine(lock, machine_folder, why));
  QY_TRY(qy_vault_new(&cpu->vault, sizeof(qy_fuses), why));
  (void)madvise(cpu->vault.bytes, cpu->vault.mapped, MADV_DONTFORK); /* no child ever has the fuses */
  cpu->fuses = (qy_fuses *)(void *)cpu->vault.bytes;
  QY_TRY(qy_machine_load(cpu->fuses, &cpu->machine, machine_folder, qy_random_system(), why));
  cpu->events = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = CONTROL_EVENT};
  if (cpu->events < 0 || epoll_ctl(cpu->events, EPOLL_CTL_ADD, cpu->control, &event) != 0) {
    return qy_fail(why, QY_ERR_IO, "processor: cannot wait for events: %s", strerror(errno));
  }
  return QY_OK;
}

/* Leaves standard error and the control socket, as descriptor 3. */
static int isolate(int control)
{
  const int kept = fcntl(control, F_DUPFD_CLOEXEC, 3);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (kept < 0 || nowhere < 0 || dup2(nowhere, STDIN_FILENO) < 0 || dup2(nowhere, STDOUT_FILENO) < 0) {
    return -1;
  }
  if (kept != 3 && dup3(kept, 3, O_CLOEXEC) < 0) {
    return -1;
  }
  return close_range(4, ~0u, 0) == 0 ? 3 : -1;
}

static void restore_signals(void)
{
  sigset_t none;
  (void)sigemptyset(&none);
  (void)signal(SIGPIPE, SIG_IGN);
  /* A terminal or a supervisor tells all processes to end; the service does, and then closes the control socket. */
  (void)signal(SIGTERM, SIG_IGN);
  (void)signal(SIGINT, SIG_IGN);
  (void)signal(SIGCHLD, SIG_DFL);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int qy_cpu_run(const char *machine_folder, int control)
{
  qy_error why = {0};
  int lock = -1;
  qy_process_harden();
  restore_signals();
  const int own_control = isolate(control);
  processor *cpu = own_control < 0 ? NULL : calloc(1, sizeof(*cpu));
  if (cpu == NULL) {
    return 1;
  }
  cpu->control = own_control;
  const qy_status status = prepare(cpu, machine_folder, &lock, &why);
  if (answer(cpu, status, &why, (qy_view){NULL, 0}, -1) && status == QY_OK) {
    run(cpu);
  }
  for (size_t i = 0; i < QY_CPU_MAX_ENCLAVES; i++) {
    if (cpu->slots[i].used) {
      close_slot(cpu, &cpu->slots[i]);
    }
  }
  if (cpu->fuses != NULL) {
    qy_fuses_clear(cpu->fuses);
  }
  qy_vault_free(&cpu->vault);
  free(cpu);
  return status == QY_OK ? 0 : 1;
}
