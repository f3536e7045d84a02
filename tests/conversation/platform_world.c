/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/log.h>
#include <crypto/random.h>
#include <endorser/endorser.h>
#include <image/td_image.h>
#include <platform/service.h>
#include <registry/group.h>
#include <registry/layout.h>
#include <sgx/sigstruct.h>
#include <simulated/machine.h>

#include "../unit/enclave_probe.h"

static void must(qy_status status, const qy_error *why)
{
  if (status != QY_OK) {
    fail_msg("%s: %s", qy_status_name(status), why->message);
  }
}

/* ---- processes ---- */

typedef struct told { /* from a service's ready callback to the test */
  int pipe;
} told;

static void tell_port(void *context, uint16_t port)
{
  const told *to = context;
  if (write(to->pipe, &port, sizeof(port)) < 0) {
    _exit(9);
  }
}

static void tell_socket(void *context, const char *path)
{
  (void)path;
  tell_port(context, 1);
}

typedef qy_status run_service(const world *all, int stop_fd, told *to, qy_error *why);

static qy_status run_endorser(const world *all, int stop_fd, told *to, qy_error *why)
{
  const qy_endorser_config config = {.folder = all->endorser, .ready = tell_port, .context = to};
  return qy_endorser_run(&config, stop_fd, why);
}

static qy_status run_platform(const world *all, int stop_fd, told *to, qy_error *why)
{
  const qy_platform_service_config config = {.state_folder = all->state,
                                             .socket_path = all->socket,
                                             .images_folder = all->images,
                                             .provisioning_url = all->url,
                                             .ready = tell_socket,
                                             .context = to};
  return qy_platform_service_run(&config, stop_fd, why);
}

static service_process start(const world *all, run_service *run, uint16_t *number)
{
  int stop[2];
  int ready[2];
  assert_int_equal(pipe2(stop, O_CLOEXEC), 0);
  assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
  const pid_t process = fork();
  assert_true(process >= 0);
  if (process == 0) {
    told to = {ready[1]};
    qy_error why = {0};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    (void)close(stop[1]);
    (void)close(ready[0]);
    qy_log_set_level(getenv("QUOTARY_TEST_VERBOSE") != NULL ? QY_LOG_DEBUG : QY_LOG_ERROR);
    const qy_status status = run(all, stop[0], &to, &why);
    if (status != QY_OK) {
      qy_log(QY_LOG_ERROR, "test", "%s", why.message);
    }
    exit(status == QY_OK ? 0 : 1); /* not _exit(): the leak check belongs to it */
  }
  (void)close(stop[0]);
  (void)close(ready[1]);
  const ssize_t got = read(ready[0], number, sizeof(*number));
  (void)close(ready[0]);
  assert_int_equal(got, sizeof(*number));
  return (service_process){process, stop[1]};
}

static int stop_process(service_process *service)
{
  int status = 0;
  if (service->process <= 0) {
    return 0;
  }
  (void)close(service->stop);
  while (waitpid(service->process, &status, 0) < 0 && errno == EINTR) {
  }
  *service = (service_process){0, -1};
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void world_start_endorser(world *all)
{
  uint16_t port = 0;
  all->endorsing = start(all, run_endorser, &port);
  (void)snprintf(all->url, sizeof(all->url), "http://127.0.0.1:%u/", port);
}

void world_stop_endorser(world *all)
{
  assert_int_equal(stop_process(&all->endorsing), 0);
}

void world_start_service(world *all)
{
  uint16_t one = 0;
  all->serving = start(all, run_platform, &one);
}

int world_stop_service(world *all)
{
  return stop_process(&all->serving);
}

void world_kill_service(world *all)
{
  assert_true(all->serving.process > 1);
  (void)kill(all->serving.process, SIGKILL);
  (void)stop_process(&all->serving);
}

/* ---- the world ---- */

static void make_endorser(const world *all)
{
  qy_error why = {0};
  const qy_endorser_setup setup = {.now_s = qy_clock_now_s()};
  const qy_endorser_programs programs = {.provisioning = QUOTARY_PROGRAMS "/quotary-pve",
                                         .certification = QUOTARY_PROGRAMS "/quotary-pce",
                                         .quoting = QUOTARY_PROGRAMS "/quotary-qe",
                                         .ecdsa_quoting = QUOTARY_PROGRAMS "/quotary-qe3",
                                         .td_quoting = QUOTARY_PROGRAMS "/quotary-tdqe"};
  must(qy_endorser_init(all->endorser, &setup, &why), &why);
  must(qy_endorser_sign_images(all->endorser, &programs, &why), &why);
}

static void read_signer(uint8_t signer[32], const world *all)
{
  qy_error why = {0};
  char path[256];
  QY_SCOPED_BUFFER(bytes, QY_IMAGE_MAX_SIZE);
  qy_image image;
  qy_sigstruct sigstruct;
  (void)snprintf(path, sizeof(path), "%s/%s", all->images, QY_IMAGE_FILE_QE);
  must(qy_file_read(&bytes, path, &why), &why);
  must(qy_image_decode(&image, qy_buffer_view(&bytes), &why), &why);
  must(qy_sigstruct_decode(&sigstruct, image.sigstruct, &why), &why);
  must(qy_sigstruct_mr_signer(signer, &sigstruct, &why), &why);
}

static void make_machine(world *all, size_t updates_left)
{
  qy_error why = {0};
  qy_tcb_levels levels;
  qy_machine_config config = {.signer_count = 1, .tdx_module = {.version = 1, .svn = 1}};
  char folder[128];
  QY_SCOPED_FACTORY_RECORD(record);
  QY_SCOPED_BUFFER(json, 1024);
  must(qy_tcb_levels_load(&levels, all->endorser, &why), &why);
  config.levels.count = levels.count;
  memcpy(config.levels.cpu_svns, levels.cpu_svns, sizeof(levels.cpu_svns));
  config.level = levels.count - updates_left;
  read_signer(config.architectural_signers[0], all);
  (void)snprintf(folder, sizeof(folder), "%s/%s", all->state, QY_PLATFORM_FOLDER_MACHINE);
  must(qy_machine_init(&record, folder, &config, qy_random_system(), &why), &why);
  memcpy(all->ppid, record.ppid, sizeof(all->ppid));
  qy_buffer_append_text(&json, "{\"ppid\":\"");
  qy_hex_append(&json, QY_VIEW_OF(record.ppid));
  qy_buffer_append_text(&json, "\",\"provision_base_key\":\"");
  qy_hex_append(&json, qy_secret_view(&record.provision_base_key));
  qy_buffer_append_text(&json, "\"}");
  must(qy_endorser_enroll(all->endorser, qy_buffer_view(&json), &why), &why);
}

static void make_probe(world *all)
{
  qy_error why = {0};
  QY_SCOPED_BUFFER(program, QY_IMAGE_MAX_SIZE);
  must(qy_rsa_generate(&all->signer, 3072, 3, &why), &why);
  must(qy_file_read(&program, QUOTARY_PROBE, &why), &why);
  const qy_image_request request = {
      .program = qy_buffer_view(&program), .isv_prod_id = 5, .isv_svn = 4, .date_bcd = 0x20261123};
  must(qy_image_build(&all->probe, &request, all->signer, &why), &why);
}

static int setup(void **state, size_t updates_left)
{
  world *all = calloc(1, sizeof(*all));
  assert_non_null(all);
  strcpy(all->folder, "/tmp/quotary-world-XXXXXX");
  assert_non_null(mkdtemp(all->folder));
  (void)snprintf(all->endorser, sizeof(all->endorser), "%s/endorser", all->folder);
  (void)snprintf(all->images, sizeof(all->images), "%s/%s/%s", all->endorser, QY_DIR_PUBLIC, QY_DIR_IMAGES);
  (void)snprintf(all->state, sizeof(all->state), "%s/state", all->folder);
  (void)snprintf(all->socket, sizeof(all->socket), "%s/platform.socket", all->folder);
  (void)snprintf(all->blob, sizeof(all->blob), "%s/%s", all->state, QY_PLATFORM_FILE_BLOB);
  qy_buffer_init(&all->probe, QY_IMAGE_MAX_SIZE);
  make_endorser(all);
  make_machine(all, updates_left);
  make_probe(all);
  world_start_endorser(all);
  world_start_service(all);
  *state = all;
  return 0;
}

int world_setup(void **state)
{
  return setup(state, 1);
}

int world_setup_old(void **state)
{
  return setup(state, 4);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

int world_teardown(void **state)
{
  world *all = *state;
  (void)stop_process(&all->serving);
  (void)stop_process(&all->endorsing);
  (void)nftw(all->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  qy_rsa_private_free(&all->signer);
  qy_buffer_clear(&all->probe);
  free(all);
  return 0;
}

/* ---- its use ---- */

qy_platform *world_open(const world *all)
{
  qy_error why = {0};
  qy_platform *platform = NULL;
  must(qy_platform_open_simulated(&platform, all->socket, &why), &why);
  return platform;
}

qy_enclave_handle world_probe(const world *all, qy_platform *platform)
{
  qy_error why = {0};
  qy_enclave_handle handle;
  must(platform->functions->launch(platform, &handle, qy_buffer_view(&all->probe), NULL, &why), &why);
  return handle;
}

qy_enclave_handle world_td_probe(const world *all, qy_platform *platform, uint64_t attributes)
{
  qy_error why = {0};
  qy_enclave_handle handle;
  qy_image enclave;
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  must(qy_image_decode(&enclave, qy_buffer_view(&all->probe), &why), &why);
  const qy_td_image_request request = {
      .program = enclave.program, .configuration = qy_view_text("none"), .attributes = attributes};
  must(qy_td_image_build(&image, &request, &why), &why);
  must(platform->functions->launch_td(platform, &handle, qy_buffer_view(&image), NULL, &why), &why);
  return handle;
}

void world_td_report(uint8_t report[QY_TD_REPORT_SIZE], qy_enclave_handle *probe, uint8_t version)
{
  qy_error why = {0};
  uint8_t in[1 + QY_REPORT_DATA_SIZE];
  QY_SCOPED_BUFFER(bytes, QY_TD_REPORT_SIZE);
  memset(in, 0x77, sizeof(in));
  in[0] = version;
  must(qy_enclave_handle_call(probe, PROBE_TD_REPORT, QY_VIEW_OF(in), &bytes, NULL, &why), &why);
  assert_int_equal(bytes.size, QY_TD_REPORT_SIZE);
  memcpy(report, bytes.bytes, QY_TD_REPORT_SIZE);
}

void world_report(qy_report *out, qy_enclave_handle *probe, const qy_target_info *target)
{
  qy_error why = {0};
  uint8_t in[QY_TARGET_INFO_SIZE + QY_REPORT_DATA_SIZE];
  QY_SCOPED_BUFFER(bytes, QY_REPORT_SIZE);
  qy_target_info_encode(in, target);
  memset(in + QY_TARGET_INFO_SIZE, 0x77, QY_REPORT_DATA_SIZE);
  must(qy_enclave_handle_call(probe, PROBE_REPORT, QY_VIEW_OF(in), &bytes, NULL, &why), &why);
  must(qy_report_decode(out, qy_buffer_view(&bytes), &why), &why);
}

static pid_t parent_of(pid_t process, char *process_state)
{
  char path[64];
  int parent = 0;
  (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    return 0;
  }
  if (fscanf(file, "%*d %*s %c %d", process_state, &parent) != 2) {
    parent = 0;
  }
  (void)fclose(file);
  return parent;
}

size_t world_descendants(pid_t process, pid_t *list, size_t most)
{
  size_t count = 0;
  assert_true(process > 1);
  DIR *folder = opendir("/proc");
  assert_non_null(folder);
  for (struct dirent *entry = readdir(folder); entry != NULL && count < most; entry = readdir(folder)) {
    const pid_t candidate = (pid_t)strtol(entry->d_name, NULL, 10);
    char process_state = 0;
    pid_t above = candidate > 1 ? parent_of(candidate, &process_state) : 0;
    while (above > 1 && above != process) {
      above = parent_of(above, &process_state);
    }
    if (above == process && above > 1) {
      list[count++] = candidate;
    }
  }
  (void)closedir(folder);
  return count;
}

bool world_gone(pid_t process)
{
  const struct timespec pause = {.tv_nsec = 10000000};
  for (int i = 0; i < 500; i++) {
    char process_state = 'X';
    if (parent_of(process, &process_state) == 0 || process_state == 'Z' || process_state == 'X') {
      return true;
    }
    (void)nanosleep(&pause, NULL);
  }
  return false;
}
