/* SPDX-License-Identifier: Apache-2.0 */
/* What can this machine attest with, and what is missing. Looks, and changes nothing. */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/seccomp.h>

#include <openssl/crypto.h>

#include <base/buffer.h>
#include <base/file.h>
#include <devices/device.h>

#include "cli.h"
#include "verbs.h"
#include "world.h"

typedef struct finding {
  const char *name;
  bool good;
  bool needed;          /* for the simulated machine */
  const char *platform; /* as --platform has it, of what gives quotes */
  char found[WORLD_PATH_SIZE + 256];
  const char *mend; /* when not good */
} finding;

static bool cpu_has(const char *flag)
{
  QY_SCOPED_BUFFER(text, 4u << 20);
  if (qy_file_read(&text, "/proc/cpuinfo", NULL) != QY_OK) {
    return false;
  }
  char padded[32];
  (void)snprintf(padded, sizeof(padded), " %s ", flag);
  return strstr(qy_buffer_text(&text), padded) != NULL;
}

static finding look_for_programs(void)
{
  static const char *const names[] = {"quotary-enclave", "quotary-pve",  "quotary-pce", "quotary-qe",
                                      "quotary-qe3",     "quotary-tdqe", "quotary-td",  "quotary-reporter"};
  finding f = {.name = "enclave programs", .good = true, .needed = true, .mend = "build all of the project: make"};
  char folder[QY_PATH_SIZE];
  char path[QY_PATH_SIZE + 64];
  if (!cli_enclave_folder(folder, sizeof(folder))) {
    (void)snprintf(folder, sizeof(folder), ".");
  }
  (void)snprintf(f.found, sizeof(f.found), "all are in %.150s", folder);
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
    if (access(path, R_OK) != 0) {
      f.good = false;
      (void)snprintf(f.found, sizeof(f.found), "%s is missing in %.150s", names[i], folder);
    }
  }
  return f;
}

static finding look_for_sandbox(void)
{
  finding f = {.name = "sandbox",
               .needed = true,
               .mend = "a kernel with CONFIG_SECCOMP_FILTER, and a container that allows seccomp"};
  f.good = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
  (void)snprintf(f.found, sizeof(f.found), "seccomp filters %s", f.good ? "work" : "are refused");
  return f;
}

static finding look_for_temporary_folder(void)
{
  finding f = {
      .name = "temporary folder", .needed = true, .mend = "name a folder of yours in TMPDIR, or give --state DIR"};
  const char *folder = world_temporary_folder();
  f.good = access(folder, W_OK | X_OK) == 0;
  (void)snprintf(f.found, sizeof(f.found), "%s is %s", folder, f.good ? "writable" : "not writable");
  return f;
}

static finding look_for_device(const char *name, const char *path, const char *flag, const char *mend)
{
  finding f = {.name = name, .mend = mend};
  const bool device = access(path, F_OK) == 0;
  f.good = device && access(path, R_OK) == 0;
  (void)snprintf(f.found, sizeof(f.found), "%s %s%s%s%s", path,
                 f.good   ? "is there"
                 : device ? "is there, and this user may not read it"
                          : "is not there",
                 flag == NULL ? "" : "; processor flag ", flag == NULL ? "" : flag,
                 flag == NULL    ? ""
                 : cpu_has(flag) ? " is set"
                                 : " is not set");
  return f;
}

/* Which step is missing before the kernel gives quotes. */
static const char *mend_of_tsm(qy_status status)
{
  if (!cpu_has("tdx_guest")) {
    return "run this inside a TDX virtual machine: the processor flag tdx_guest is not set here";
  }
  if (access("/sys/kernel/config", F_OK) != 0) {
    return "a kernel with CONFIG_CONFIGFS_FS and CONFIG_TDX_GUEST_DRIVER, Linux 6.7 or later";
  }
  if (status == QY_ERR_DENIED) {
    return "run as root: who asks makes a folder there";
  }
  return "mount -t configfs none /sys/kernel/config; modprobe tdx_guest";
}

static finding look_for_quotes(const qy_device *device)
{
  finding f = {.name = device->title, .platform = device->name, .mend = device->mend};
  qy_error why = {0};
  const qy_status status = device->look(device->folder, qy_device_calls_system(), &why);
  f.good = status == QY_OK;
  if (device == &qy_device_tsm) {
    f.mend = mend_of_tsm(status);
  }
  (void)snprintf(f.found, sizeof(f.found), "%s", f.good ? "it gives quotes" : why.message);
  return f;
}

static finding look_for_world(void)
{
  finding f = {.name = "simulated machine", .platform = "simulated", .mend = "quotary up"};
  world_notice notice;
  qy_error why = {0};
  const qy_status status = world_find(&notice, &why);
  f.good = status != QY_ERR_NOT_FOUND;
  (void)snprintf(f.found, sizeof(f.found), "%s", status == QY_OK ? notice.socket : why.message);
  return f;
}

static void print_summary(bool simulated, const json_t *platforms)
{
  size_t i = 0;
  json_t *platform = NULL;
  printf("\n%s\n", simulated ? "This machine can run the simulated SGX machine: quotary demo, quotary up"
                             : "The simulated machine cannot run here until what is marked ✗ is mended.");
  if (json_array_size(platforms) == 0) {
    printf("Nothing here gives quotes now.\n");
    return;
  }
  printf("What gives quotes now, in the order of --platform auto:");
  json_array_foreach(platforms, i, platform)
  {
    printf("%s %s", i == 0 ? "" : ",", json_string_value(platform));
  }
  printf("\n");
}

int cmd_doctor(int argc, char **argv)
{
  bool json = false;
  const cli_option options[] = {{"json", NULL, "print JSON", NULL, &json, NULL}, {0}};
  const cli_usage usage = {"quotary doctor",
                           "[--json]",
                           "Says what this machine can attest with, and what is missing, each with its mend.\n"
                           "Exit code 0 when the simulated machine can run here.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  const finding findings[] = {
      look_for_programs(),
      look_for_sandbox(),
      look_for_temporary_folder(),
      look_for_device("SGX", "/dev/sgx_enclave", "sgx",
                      "a processor with SGX, switched on in the BIOS, and Linux 5.11 or later"),
      look_for_device("AESM", "/var/run/aesmd/aesm.socket", NULL,
                      "start Intel's aesmd on the host: it makes the quotes of enclaves"),
      look_for_quotes(&qy_device_gramine),
      look_for_quotes(&qy_device_tsm),
      look_for_world(),
  };
  bool simulated = true;
  json_t *list = json_array();
  json_t *platforms = json_array();
  for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++) {
    const finding *f = &findings[i];
    simulated = simulated && (f->good || !f->needed);
    if (f->good && f->platform != NULL) {
      json_array_append_new(platforms, json_string(f->platform));
    }
    json_array_append_new(list, json_pack("{s:s, s:b, s:b, s:s, s:s*}", "name", f->name, "good", f->good, "needed",
                                          f->needed, "found", f->found, "mend", f->good ? NULL : f->mend));
    if (!json) {
      const cli_style style = f->good ? CLI_GREEN : f->needed ? CLI_RED : CLI_DIM;
      printf("%s%s%s %-26s %s\n", cli_style_on(style),
             f->good     ? "✓"
             : f->needed ? "✗"
                         : "·",
             cli_style_off(), f->name, f->found);
      if (!f->good) {
        printf("  %-26s mend: %s\n", "", f->mend);
      }
    }
  }
  code = simulated ? CLI_DONE : CLI_REFUSED;
  if (json) {
    return cli_print_json(json_pack("{s:b, s:o, s:s, s:o}", "simulated_machine", simulated, "platforms", platforms,
                                    "openssl", OpenSSL_version(OPENSSL_VERSION), "findings", list),
                          code);
  }
  print_summary(simulated, platforms);
  json_decref(list);
  json_decref(platforms);
  return code;
}
