/* SPDX-License-Identifier: Apache-2.0 */
#include "simulated_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <base/file.h>
#include <crypto/hash.h>
#include <crypto/random.h>
#include <quotary/sgx.h>
#include <sgx/sigstruct.h>

static void signer_of(uint8_t out[32], const qy_rsa_private *key)
{
  qy_rsa_public public_key;
  uint8_t modulus[384];
  qy_rsa_public_of(&public_key, key);
  for (size_t i = 0; i < sizeof(modulus); i++) {
    modulus[i] = public_key.modulus[sizeof(modulus) - 1 - i];
  }
  assert_ok(qy_sha256(out, QY_VIEW_OF(modulus), &assert_why));
}

void fixture_image(qy_buffer *out, const fixture *all, probe_kind kind)
{
  const qy_image_request request = {.program = qy_buffer_view(&all->program),
                                    .section_count = 1,
                                    .sections = {{"extra", qy_view_text(kind.section == NULL ? "" : kind.section)}},
                                    .attribute_flags = kind.flags,
                                    .isv_prod_id = kind.isv_prod_id,
                                    .isv_svn = kind.isv_svn,
                                    .date_bcd = 0x20261123};
  assert_ok(qy_image_build(out, &request, kind.signer, &assert_why));
}

int fixture_setup(void **state)
{
  fixture *all = calloc(1, sizeof(*all));
  assert_non_null(all);
  strcpy(all->folder, "/tmp/quotary-test-XXXXXX");
  assert_non_null(mkdtemp(all->folder));
  (void)snprintf(all->machine, sizeof(all->machine), "%s/machine", all->folder);
  assert_ok(qy_rsa_generate(&all->maker, 3072, 3, &assert_why));
  assert_ok(qy_rsa_generate(&all->other, 3072, 3, &assert_why));
  signer_of(all->maker_signer, all->maker);
  all->config.levels.count = FIXTURE_LEVELS;
  for (size_t i = 0; i < FIXTURE_LEVELS; i++) {
    memset(all->config.levels.cpu_svns[i], (int)i + 1, 2);
    memset(all->config.levels.cpu_svns[i] + 2, 0xff, 2);
  }
  all->config.level = 2;
  all->config.signer_count = 1;
  all->config.tdx_module = (qy_tdx_module_level){.version = 1, .svn = 3};
  memcpy(all->config.architectural_signers[0], all->maker_signer, 32);
  assert_ok(qy_machine_init(NULL, all->machine, &all->config, qy_random_system(), &assert_why));
  qy_buffer_init(&all->program, QY_IMAGE_MAX_SIZE);
  qy_buffer_init(&all->image, QY_IMAGE_MAX_SIZE);
  assert_ok(qy_file_read(&all->program, QUOTARY_PROBE, &assert_why));
  fixture_image(&all->image, all, (probe_kind){.signer = all->other, .isv_prod_id = 1, .isv_svn = 2, .section = "one"});
  *state = all;
  return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

int fixture_teardown(void **state)
{
  fixture *all = *state;
  (void)nftw(all->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  qy_rsa_private_free(&all->maker);
  qy_rsa_private_free(&all->other);
  qy_buffer_clear(&all->program);
  qy_buffer_clear(&all->image);
  free(all);
  return 0;
}

qy_cpu fixture_start(const char *machine)
{
  qy_cpu cpu;
  qy_error why = {0};
  if (qy_cpu_start(&cpu, machine, &why) != QY_OK) {
    fail_msg("%s", why.message);
  }
  return cpu;
}

static qy_status launch(qy_cpu *cpu, qy_launched *out, qy_view image, qy_trace *trace, qy_error *why)
{
  int fd = -1;
  QY_TRY(qy_image_seal(&fd, image, why));
  const qy_status status = qy_cpu_launch(cpu, out, fd, trace, why);
  (void)close(fd);
  return status;
}

qy_launched fixture_launch(qy_cpu *cpu, qy_view image)
{
  qy_launched enclave;
  qy_error why = {0};
  if (launch(cpu, &enclave, image, NULL, &why) != QY_OK) {
    fail_msg("%s", why.message);
  }
  return enclave;
}

static qy_status launch_td(qy_cpu *cpu, qy_launched_td *out, qy_view image, qy_trace *trace, qy_error *why)
{
  int fd = -1;
  QY_TRY(qy_image_seal(&fd, image, why));
  const qy_status status = qy_cpu_launch_td(cpu, out, fd, trace, why);
  (void)close(fd);
  return status;
}

qy_status fixture_try_launch_td(qy_cpu *cpu, qy_launched_td *out, const fixture *all, qy_td_image_request request,
                                qy_trace *trace)
{
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  request.program = qy_buffer_view(&all->program);
  assert_ok(qy_td_image_build(&image, &request, &assert_why));
  return launch_td(cpu, out, qy_buffer_view(&image), trace, NULL);
}

qy_launched_td fixture_launch_td(qy_cpu *cpu, const fixture *all, qy_td_image_request request)
{
  qy_launched_td domain;
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  request.program = qy_buffer_view(&all->program);
  assert_ok(qy_td_image_build(&image, &request, &assert_why));
  qy_error why = {0};
  if (launch_td(cpu, &domain, qy_buffer_view(&image), NULL, &why) != QY_OK) {
    fail_msg("%s", why.message);
  }
  return domain;
}

qy_launched fixture_as_launched(const qy_launched_td *domain)
{
  return (qy_launched){.channel = domain->channel, .process = domain->process, .page_count = domain->page_count};
}

qy_status fixture_try_launch(qy_cpu *cpu, qy_view image, qy_trace *trace)
{
  qy_launched enclave;
  qy_error why = {0};
  const qy_status status = launch(cpu, &enclave, image, trace, &why);
  if (status == QY_OK) {
    fixture_end(&enclave);
  }
  return status;
}

void fixture_end(qy_launched *enclave)
{
  (void)close(enclave->channel);
  enclave->channel = -1;
}

qy_status fixture_call(const qy_launched *enclave, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace)
{
  const qy_channel channel = {.socket = enclave->channel, .timeout_ms = 20000, .patience_ms = 20000};
  const qy_channel_call call = {
      .kind = operation, .payload = in, .send_descriptor = -1, .origin = "the probe", .max_answer_size = 41u << 20};
  qy_error why = {0};
  const qy_status status = qy_channel_ask(&channel, &call, out, NULL, trace, NULL, &why);
  if (status != QY_OK && getenv("QUOTARY_TEST_VERBOSE") != NULL) {
    print_message("call %u: %s\n", operation, why.message);
  }
  return status;
}

size_t fixture_children(pid_t parent)
{
  size_t count = 0;
  DIR *folder = opendir("/proc");
  assert_non_null(folder);
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char path[300];
    int process = 0;
    int its_parent = 0;
    char process_state = 0;
    (void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
    FILE *file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "r") : NULL;
    if (file != NULL) {
      if (fscanf(file, "%d %*s %c %d", &process, &process_state, &its_parent) == 3 && its_parent == parent) {
        count++;
      }
      (void)fclose(file);
    }
  }
  (void)closedir(folder);
  return count;
}

bool fixture_alive(pid_t process)
{
  char path[64];
  char process_state = 'X';
  (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    return false;
  }
  const bool read = fscanf(file, "%*d %*s %c", &process_state) == 1;
  (void)fclose(file);
  return read && process_state != 'Z' && process_state != 'X';
}

bool fixture_gone(pid_t process)
{
  const struct timespec pause = {.tv_nsec = 10000000};
  for (int i = 0; i < 500 && fixture_alive(process); i++) {
    (void)nanosleep(&pause, NULL);
  }
  return !fixture_alive(process);
}
