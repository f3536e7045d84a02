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
  bool needed; /* for the simulated machine */
  char found[256];
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
  static const char *const names[] = {"quotary-enclave", "quotary-pve", "quotary-pce", "quotary-qe"};
  finding f = {.name = "enclave programs", .good = true, .needed = true, .mend = "build all of the project: make"};
  char folder[QY_PATH_SIZE];
  char path[QY_PATH_SIZE + 64];
  (void)snprintf(f.found, sizeof(f.found), "the sample and three architectural enclaves");
  for (size_t i = 0; i < 4; i++) {
    (void)snprintf(path, sizeof(path), "%s/%s", cli_program_folder(folder, sizeof(folder)) ? folder : ".", names[i]);
    if (access(path, R_OK) != 0) {
      f.good = false;
      (void)snprintf(f.found, sizeof(f.found), "%s is missing beside this program", names[i]);
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

static finding look_for_quotes(const qy_device *device)
{
  finding f = {.name = device->title, .mend = device->mend};
  qy_error why = {0};
  f.good = device->look(device->folder, qy_device_calls_system(), &why) == QY_OK;
  (void)snprintf(f.found, sizeof(f.found), "%s", f.good ? "it gives quotes: quotary quote" : why.message);
  return f;
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
      look_for_quotes(&qy_device_gramine),
      look_for_quotes(&qy_device_tsm),
  };
  bool simulated = true;
  json_t *list = json_array();
  for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++) {
    const finding *f = &findings[i];
    simulated = simulated && (f->good || !f->needed);
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
    return cli_print_json(json_pack("{s:b, s:s, s:o}", "simulated_machine", simulated, "openssl",
                                    OpenSSL_version(OPENSSL_VERSION), "findings", list),
                          code);
  }
  json_decref(list);
  printf("\n%s\n", simulated ? "This machine can run the simulated SGX machine: quotary demo"
                             : "The simulated machine cannot run here until what is marked ✗ is mended.");
  printf("A real machine is asked for a quote by quotary quote; the message flow runs on the simulated one.\n");
  return code;
}
