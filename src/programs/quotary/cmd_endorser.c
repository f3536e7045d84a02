/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Intel, from the command line. */
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>
#include <base/secret.h>
#include <endorser/endorser.h>
#include <quotary/quote.h>
#include <registry/group.h>
#include <registry/layout.h>
#include <registry/tcb.h>
#include <reports/reports.h>

#include "cmd_endorser.h"
#include "service.h"
#include "verbs.h"

bool endorser_parse(int *code, cli_list *positional, const cli_usage *usage, const char *const *state, int argc,
                    char **argv)
{
  if (!cli_parse(code, positional, usage, argc, argv)) {
    return false;
  }
  if (*state == NULL) {
    *code = cli_usage_error(usage, "--state is needed");
    return false;
  }
  return true;
}

int endorser_answer(const char *name, qy_status status, const qy_error *why)
{
  return status == QY_OK ? CLI_DONE : cli_fail(name, status, why);
}

/* What whoever writes a policy needs of it. */
static void print_public(const char *state)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(text, 65536);
  if (qy_registry_path(path, sizeof(path), state, QY_DIR_PUBLIC, QY_FILE_FINGERPRINTS, NULL) != QY_OK ||
      qy_file_read(&text, path, NULL) != QY_OK) {
    return;
  }
  json_t *prints = json_loadb((const char *)text.bytes, text.size, JSON_REJECT_DUPLICATES, NULL);
  const char *root = json_string_value(json_object_get(prints, "report_ca_sha256"));
  const char *key = json_string_value(json_object_get(prints, "platform_info_key"));
  if (root != NULL && key != NULL) {
    printf("a simulated endorser; what it publishes: %s/" QY_DIR_PUBLIC "\n"
           "a policy that is to trust its reports names it among its \"roots\":\n"
           "  {\"simulated\": \"%s\",\n   \"platform_info_key\": \"%s\"}\n",
           state, root, key);
  }
  json_decref(prints);
}

static int init(int argc, char **argv)
{
  const char *state = NULL, *programs = NULL, *dns_name = NULL;
  const cli_option options[] = {
      ENDORSER_STATE_OPTION(state),
      {"programs", "DIR", "where the architectural enclaves' programs are; those that came with this one otherwise",
       &programs, NULL, NULL},
      {"dns-name", "NAME", "a further name of the report service in its TLS certificate", &dns_name, NULL, NULL},
      {0}};
  const cli_usage usage = {"quotary endorser init",
                           "--state DIR [--programs DIR]",
                           "Makes the endorser's keys, its first EPID group and the signed architectural enclaves.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!endorser_parse(&code, &none, &usage, &state, argc, argv)) {
    return code;
  }
  qy_error why = {0};
  const qy_endorser_setup setup = {.now_s = qy_clock_now_s(), .dns_name = dns_name};
  char folder[QY_PATH_SIZE], pve[QY_PATH_SIZE], pce[QY_PATH_SIZE], qe[QY_PATH_SIZE], qe3[QY_PATH_SIZE],
      tdqe[QY_PATH_SIZE];
  if (programs == NULL && cli_enclave_folder(folder, sizeof(folder))) {
    programs = folder;
  }
  qy_status status = qy_endorser_init(state, &setup, &why);
  if (status == QY_OK && programs != NULL) {
    status = qy_path_join(pve, sizeof(pve), programs, "quotary-pve", &why);
    status = status != QY_OK ? status : qy_path_join(pce, sizeof(pce), programs, "quotary-pce", &why);
    status = status != QY_OK ? status : qy_path_join(qe, sizeof(qe), programs, "quotary-qe", &why);
    status = status != QY_OK ? status : qy_path_join(qe3, sizeof(qe3), programs, "quotary-qe3", &why);
    status = status != QY_OK ? status : qy_path_join(tdqe, sizeof(tdqe), programs, "quotary-tdqe", &why);
    const qy_endorser_programs enclaves = {
        .provisioning = pve, .certification = pce, .quoting = qe, .ecdsa_quoting = qe3, .td_quoting = tdqe};
    status = status != QY_OK ? status : qy_endorser_sign_images(state, &enclaves, &why);
  }
  if (status == QY_OK) {
    print_public(state);
  }
  return endorser_answer(usage.name, status, &why);
}

static int enroll(int argc, char **argv)
{
  const char *state = NULL;
  const cli_option options[] = {ENDORSER_STATE_OPTION(state), {0}};
  const cli_usage usage = {"quotary endorser enroll",
                           "--state DIR RECORD",
                           "Takes in a machine by its factory record (quotary platform init --record), or \"-\".",
                           options,
                           1,
                           1};
  cli_list files;
  int code = CLI_DONE;
  QY_SCOPED_BUFFER(record, 4096);
  if (!endorser_parse(&code, &files, &usage, &state, argc, argv) ||
      !cli_read(&record, usage.name, files.items[0], &code)) {
    return code;
  }
  qy_error why = {0};
  const qy_status status = qy_endorser_enroll(state, qy_buffer_view(&record), &why);
  if (status == QY_OK) {
    json_t *read = json_loadb((const char *)record.bytes, record.size, 0, NULL);
    printf("enrolled: PPID %s; the record is not needed any more: remove it\n",
           json_string_value(json_object_get(read, "ppid")));
    json_decref(read);
  }
  return endorser_answer(usage.name, status, &why);
}

static bool port_of(uint64_t *port, const char *text)
{
  *port = 0;
  return text == NULL || cli_number(port, text, 0, UINT16_MAX, "--port");
}

/* One of the two services: what its verb says of it, and how it runs. */
typedef struct served {
  const char *name;
  const char *about;
  const char *scheme;
  qy_status (*run)(const char *state, uint16_t port, cli_service *service, qy_error *why);
} served;

static qy_status run_provisioning(const char *state, uint16_t port, cli_service *service, qy_error *why)
{
  const qy_endorser_config config = {.folder = state, .port = port, .ready = service_ready_port, .context = service};
  return qy_endorser_run(&config, service->stop_fd, why);
}

static qy_status run_reports(const char *state, uint16_t port, cli_service *service, qy_error *why)
{
  const qy_reports_config config = {.folder = state, .port = port, .ready = service_ready_port, .context = service};
  return qy_reports_run(&config, service->stop_fd, why);
}

static int serve_one(const served *one, int argc, char **argv)
{
  const char *state = NULL, *port_text = NULL, *ready = NULL;
  bool with_parent = false;
  const cli_option options[] = {ENDORSER_STATE_OPTION(state),
                                {"port", "N", "port on 127.0.0.1; any free one otherwise", &port_text, NULL, NULL},
                                {"ready-fd", "N", "say the URL on this descriptor", &ready, NULL, NULL},
                                {"with-parent", NULL, "stop when the parent process ends", NULL, &with_parent, NULL},
                                {0}};
  const cli_usage usage = {one->name, "--state DIR [--port N]", one->about, options, 0, 0};
  cli_list none;
  int code = CLI_DONE;
  uint64_t port = 0;
  if (!endorser_parse(&code, &none, &usage, &state, argc, argv)) {
    return code;
  }
  if (!port_of(&port, port_text)) {
    return CLI_USAGE;
  }
  qy_error why = {0};
  cli_service service;
  qy_process_harden();
  qy_status status = service_begin(&service, ready, one->scheme, with_parent, &why);
  if (status == QY_OK) {
    status = one->run(state, (uint16_t)port, &service, &why);
  }
  return endorser_answer(usage.name, status, &why);
}

static int serve(int argc, char **argv)
{
  static const served one = {"quotary endorser serve",
                             "The provisioning service, where machines join EPID groups, and DCAP collateral by "
                             "Intel's PCS API.\nHTTP: what passes protects itself.",
                             "http", run_provisioning};
  return serve_one(&one, argc, argv);
}

static int reports(int argc, char **argv)
{
  static const served one = {"quotary endorser reports",
                             "The report service: Intel's attestation service API, versions 3 and 4, over HTTPS.",
                             "https", run_reports};
  return serve_one(&one, argc, argv);
}

static int subscribe(int argc, char **argv)
{
  const char *state = NULL, *spid_text = NULL, *label = NULL, *out = NULL;
  bool linkable = false;
  const cli_option options[] = {ENDORSER_STATE_OPTION(state),
                                {"spid", "HEX", "the provider's SPID, 32 hex digits", &spid_text, NULL, NULL},
                                {"linkable", NULL, "its quotes are linkable", NULL, &linkable, NULL},
                                {"name", "TEXT", "who that is, for people", &label, NULL, NULL},
                                {"out", "FILE", "where its primary key goes (mode 0600)", &out, NULL, NULL},
                                {0}};
  const cli_usage usage = {"quotary endorser subscribe",
                           "--state DIR --spid HEX --out FILE [--linkable] [--name TEXT]",
                           "Registers a service provider with the report service and writes its subscription key.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!endorser_parse(&code, &none, &usage, &state, argc, argv)) {
    return code;
  }
  if (spid_text == NULL || out == NULL) {
    return cli_usage_error(&usage, "--spid and --out are needed");
  }
  uint8_t spid[QY_SPID_SIZE];
  qy_error why = {0};
  qy_subscription_keys keys = {0};
  qy_status status = qy_hex_decode(spid, sizeof(spid), qy_view_text(spid_text), "--spid", &why);
  if (status != QY_OK) {
    return cli_usage_error(&usage, "%s", why.message);
  }
  status = qy_reports_subscribe(&keys, state, spid, linkable, label == NULL ? "" : label, &why);
  if (status == QY_OK) {
    status = qy_file_write(out, qy_view_text(keys.primary), true, &why);
  }
  if (status == QY_OK) {
    printf("subscribed; the key to ask for reports with: %s\n", out);
  }
  qy_subscription_keys_clear(&keys);
  return endorser_answer(usage.name, status, &why);
}

static bool group_of(uint32_t *gid, const char *text, const cli_usage *usage, int *code)
{
  uint8_t bytes[4];
  qy_error why = {0};
  if (qy_hex_decode(bytes, sizeof(bytes), qy_view_text(text), "group id", &why) != QY_OK) {
    *code = cli_usage_error(usage, "%s (as 00000b3f)", why.message);
    return false;
  }
  *gid = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
  return true;
}

static int issue_member(int argc, char **argv)
{
  const char *state = NULL, *group = NULL, *out = NULL;
  const cli_option options[] = {ENDORSER_STATE_OPTION(state),
                                {"group", "GID", "8 hex digits; the first group otherwise", &group, NULL, NULL},
                                {"out", "DIR", "where the files go", &out, NULL, NULL},
                                {0}};
  const cli_usage usage = {"quotary endorser issue-member",
                           "--state DIR --out DIR [--group GID]",
                           "Writes a member key and its group's files in Intel's EPID forms, for a quoting enclave of\n"
                           "someone else's: mprivkey.dat (secret), pubkey.bin, cacert.bin and the revocation lists.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!endorser_parse(&code, &none, &usage, &state, argc, argv)) {
    return code;
  }
  if (out == NULL) {
    return cli_usage_error(&usage, "--out is needed");
  }
  uint32_t gid = 0;
  size_t count = 0;
  uint32_t gids[1024];
  qy_error why = {0};
  qy_status status = QY_OK;
  if (group != NULL && !group_of(&gid, group, &usage, &code)) {
    return code;
  }
  if (group == NULL) {
    status = qy_groups_list(gids, 1024, &count, state, &why);
    if (status == QY_OK && count == 0) {
      status = qy_fail(&why, QY_ERR_NOT_FOUND, "%s: there is no group", state);
    }
    gid = count > 0 ? gids[0] : 0;
  }
  if (status == QY_OK) {
    status = qy_endorser_issue_member(state, gid, out, &why);
  }
  return endorser_answer(usage.name, status, &why);
}

static int add_group(int argc, char **argv)
{
  const char *state = NULL, *level = NULL;
  const cli_option options[] = {
      ENDORSER_STATE_OPTION(state), {"level", "N", "CPUSVN level that its members have", &level, NULL, NULL}, {0}};
  const cli_usage usage = {
      "quotary endorser add-group", "--state DIR --level N", "Makes another EPID group.", options, 0, 0};
  cli_list none;
  int code = CLI_DONE;
  uint64_t number = 0;
  if (!endorser_parse(&code, &none, &usage, &state, argc, argv)) {
    return code;
  }
  if (level == NULL || !cli_number(&number, level, 1, QY_TCB_MAX_LEVELS, "--level")) {
    return level == NULL ? cli_usage_error(&usage, "--level is needed") : CLI_USAGE;
  }
  qy_error why = {0};
  uint32_t gid = 0;
  const qy_group_tcb tcb = {.cpu_svn_level = (unsigned)number, .pve_svn = 1, .pce_svn = 1};
  const qy_status status = qy_endorser_add_group(&gid, state, &tcb, &why);
  if (status == QY_OK) {
    printf("%08x\n", gid);
  }
  return endorser_answer(usage.name, status, &why);
}

static qy_status revoke_signature(const char *state, qy_view file, qy_trace *trace, qy_error *why)
{
  QY_SCOPED_BUFFER(request, QY_MAX_QUOTE_SIZE);
  qy_quote quote;
  if (qy_quote_decode(&quote, file, NULL) != QY_OK) {
    return qy_endorser_revoke_signature(state, file, trace, why); /* a request already */
  }
  QY_TRY(qy_reports_signature_request(&request, state, file, trace, why));
  return qy_endorser_revoke_signature(state, qy_buffer_view(&request), trace, why);
}

static qy_status revoke_group(const char *state, uint32_t gid, unsigned reason, qy_error *why)
{
  const qy_status status = qy_endorser_revoke_group(state, gid, reason, why);
  return status == QY_ERR_NOT_FOUND ? qy_fail(why, status, "%s: there is no group %08x", state, gid) : status;
}

static int revoked(const char *name, qy_status status, const qy_error *why, const char *consequence)
{
  if (status == QY_OK) {
    printf("revoked: %s\n", consequence);
  }
  return endorser_answer(name, status, why);
}

static int revoke(int argc, char **argv)
{
  const char *state = NULL, *reason_text = NULL;
  const cli_option options[] = {
      ENDORSER_STATE_OPTION(state),
      {"reason", "N", "of a group: CRLReason of RFC 5280; 1, key compromise, otherwise", &reason_text, NULL, NULL},
      {0}};
  const cli_usage usage = {
      "quotary endorser revoke",
      "--state DIR group GID | key FILE | signature FILE | platform PPID",
      "Revokes a whole group, a leaked member key (its 144-byte file), whoever made a signature (a quote,\n"
      "or a signature request file), or a machine. Lists only grow.",
      options,
      2,
      2};
  cli_list words;
  int code = CLI_DONE;
  uint64_t reason = 1;
  if (!endorser_parse(&code, &words, &usage, &state, argc, argv)) {
    return code;
  }
  if (reason_text != NULL && !cli_number(&reason, reason_text, 0, 10, "--reason")) {
    return CLI_USAGE;
  }
  qy_error why = {0};
  const char *what = words.items[0];
  if (strcmp(what, "group") == 0) {
    uint32_t gid = 0;
    return group_of(&gid, words.items[1], &usage, &code)
               ? revoked(usage.name, revoke_group(state, gid, (unsigned)reason, &why), &why,
                         "reports on its members say GROUP_REVOKED from now on")
               : code;
  }
  if (strcmp(what, "platform") == 0) {
    uint8_t ppid[16];
    const qy_status status = qy_hex_decode(ppid, sizeof(ppid), qy_view_text(words.items[1]), "PPID", &why);
    return status != QY_OK ? cli_usage_error(&usage, "%s", why.message)
                           : revoked(usage.name, qy_endorser_revoke_platform(state, ppid, &why), &why,
                                     "the machine is not given a key any more");
  }
  QY_SCOPED_BUFFER(file, QY_MAX_QUOTE_SIZE);
  if (strcmp(what, "key") != 0 && strcmp(what, "signature") != 0) {
    return cli_usage_error(&usage, "\"%s\": group, key, signature or platform?", what);
  }
  if (!cli_read(&file, usage.name, words.items[1], &code)) {
    return code;
  }
  if (strcmp(what, "key") == 0) {
    return revoked(usage.name, qy_endorser_revoke_key(state, qy_buffer_view(&file), NULL, &why), &why,
                   "reports on what it signs say KEY_REVOKED from now on");
  }
  return revoked(usage.name, revoke_signature(state, qy_buffer_view(&file), NULL, &why), &why,
                 "whoever made that signature is refused from now on");
}

/* Raises what platforms must have. */
static int require(int argc, char **argv)
{
  const char *state = NULL, *level = NULL, *qe = NULL, *pce = NULL, *level_state = NULL;
  cli_list advisories = {0};
  const cli_option options[] = {
      ENDORSER_STATE_OPTION(state),
      {"level", "N", "CPUSVN level that is up to date", &level, NULL, NULL},
      {"qe-svn", "N", "ISVSVN of the quoting enclave that is up to date", &qe, NULL, NULL},
      {"pce-svn", "N", "ISVSVN of the PCE that is up to date", &pce, NULL, NULL},
      {"say", "STATUS", "what else reports say of platforms at that level (SW_HARDENING_NEEDED, ...)", &level_state,
       NULL, NULL},
      {"advisory", "ID", "advisory to name with it (INTEL-SA-00334); may be repeated", NULL, NULL, &advisories},
      {0}};
  const cli_usage usage = {"quotary endorser require",
                           "--state DIR [--level N] [--qe-svn N] [--pce-svn N] [--say STATUS --advisory ID]",
                           "Raises the TCB that attestation reports call up to date (a TCB recovery). Never lowers it.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!endorser_parse(&code, &none, &usage, &state, argc, argv)) {
    return code;
  }
  qy_error why = {0};
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  qy_status status = qy_tcb_levels_load(&levels, state, &why);
  status = status != QY_OK ? status : qy_tcb_policy_load(&policy, state, &levels, &why);
  if (status != QY_OK) {
    return endorser_answer(usage.name, status, &why);
  }
  uint64_t number = 0;
  if (level != NULL && !cli_number(&number, level, 1, levels.count, "--level")) {
    return CLI_USAGE;
  }
  policy.cpu_svn_level = level != NULL ? (unsigned)number : policy.cpu_svn_level;
  if (qe != NULL && !cli_number(&number, qe, 0, UINT16_MAX, "--qe-svn")) {
    return CLI_USAGE;
  }
  policy.qe_svn = qe != NULL ? (uint16_t)number : policy.qe_svn;
  if (pce != NULL && !cli_number(&number, pce, 0, UINT16_MAX, "--pce-svn")) {
    return CLI_USAGE;
  }
  policy.pce_svn = pce != NULL ? (uint16_t)number : policy.pce_svn;
  qy_tcb_advisories *said = &policy.out_of_date;
  if (level_state != NULL) {
    const qy_tcb_state known = qy_tcb_state_by_name(level_state);
    if (known == QY_TCB_UNKNOWN) {
      return cli_usage_error(&usage, "--say %s: no such status", level_state);
    }
    for (size_t i = policy.cpu_svn_level; i <= levels.count; i++) {
      policy.states[i - 1] = known;
    }
    said = &policy.advisories[policy.cpu_svn_level - 1];
  }
  for (size_t i = 0; i < advisories.count && said->count < QY_TCB_MAX_ADVISORIES; i++) {
    (void)snprintf(said->ids[said->count++], QY_TCB_ADVISORY_SIZE, "%s", advisories.items[i]);
  }
  for (size_t i = policy.cpu_svn_level; level_state != NULL && i < levels.count; i++) {
    policy.advisories[i] = *said;
  }
  status = qy_tcb_policy_store(state, &policy, &why);
  if (status == QY_OK) {
    printf("up to date from now on: CPUSVN level %u of %zu, quoting enclave %u, PCE %u\n", policy.cpu_svn_level,
           levels.count, policy.qe_svn, policy.pce_svn);
  }
  return endorser_answer(usage.name, status, &why);
}

int cmd_endorser(int argc, char **argv)
{
  static const cli_verb verbs[] = {
      {"init", "make an endorser: keys, a group, signed architectural enclaves", init},
      {"enroll", "take in a machine by its factory record", enroll},
      {"serve", "the provisioning service, and DCAP collateral", serve},
      {"reports", "the report service", reports},
      {"subscribe", "register a service provider with the report service", subscribe},
      {"add-group", "make another EPID group", add_group},
      {"issue-member", "write a member key for someone else's quoting enclave", issue_member},
      {"revoke", "a group, a key, whoever made a signature, a machine", revoke},
      {"require", "raise the TCB that counts as up to date", require},
      {"tcb-recovery", "DCAP: begin the next TCB evaluation", endorser_tcb_recovery},
      {"revoke-pck", "DCAP: revoke a machine's PCK certificates, or an authority", endorser_revoke_pck},
      {"expire", "DCAP: serve collateral whose dates are past", endorser_expire},
      {0}};
  return cli_dispatch("quotary endorser", verbs, argc, argv);
}
