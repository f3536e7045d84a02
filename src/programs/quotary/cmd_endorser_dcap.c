/* SPDX-License-Identifier: Apache-2.0 */
/* The DCAP side of the simulated Intel: its world turned, from the command line. */
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <endorser/endorser.h>

#include "cmd_endorser.h"

/* ---- tcb-recovery ---- */

typedef struct svn_option {
  const char *name;
  const char *text;
  uint16_t *value;
} svn_option;

/* False when one is no number; 0 is no version. */
static bool read_svns(const svn_option *options, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    uint64_t number = 0;
    if (options[i].text != NULL && !cli_number(&number, options[i].text, 1, UINT8_MAX, options[i].name)) {
      return false;
    }
    *options[i].value = (uint16_t)number;
  }
  return true;
}

static bool read_advisories(qy_tcb_advisories *out, const cli_list *given)
{
  for (size_t i = 0; i < given->count; i++) {
    const size_t length = strlen(given->items[i]);
    if (out->count == QY_TCB_MAX_ADVISORIES || length == 0 || length >= QY_TCB_ADVISORY_SIZE ||
        strspn(given->items[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != length) {
      return false;
    }
    memcpy(out->ids[out->count++], given->items[i], length + 1);
  }
  return true;
}

int endorser_tcb_recovery(int argc, char **argv)
{
  const char *state = NULL, *level = NULL, *pce = NULL, *qe = NULL, *td_qe = NULL, *qve = NULL, *module = NULL;
  const char *said = NULL, *standard = NULL;
  cli_list advisories = {0};
  const cli_option options[] = {
      ENDORSER_STATE_OPTION(state),
      {"level", "N", "CPUSVN level that is up to date", &level, NULL, NULL},
      {"pce-svn", "N", "ISVSVN of the PCE", &pce, NULL, NULL},
      {"qe-svn", "N", "ISVSVN of the quoting enclave for enclaves", &qe, NULL, NULL},
      {"td-qe-svn", "N", "of the one for trust domains", &td_qe, NULL, NULL},
      {"qve-svn", "N", "of the quote verification enclave", &qve, NULL, NULL},
      {"tdx-module-svn", "N", "SVN of the TDX module", &module, NULL, NULL},
      {"say", "STATUS", "of platforms that have all that: UpToDate, SWHardeningNeeded, ConfigurationNeeded, ...", &said,
       NULL, NULL},
      {"advisory", "ID", "advisory for those that have not; may be repeated", NULL, NULL, &advisories},
      {"standard-after", "DAYS", "so long only update=early gives it; 365 otherwise", &standard, NULL, NULL},
      {0}};
  const cli_usage usage = {"quotary endorser tcb-recovery",
                           "--state DIR [--level N] [--...-svn N] [--say STATUS] [--advisory ID]",
                           "Begins the next TCB evaluation of DCAP platforms, which asks for more than the last one.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!endorser_parse(&code, &none, &usage, &state, argc, argv)) {
    return code;
  }
  qy_dcap_recovery recovery = {.standard_after_days = 365};
  uint16_t cpu_level = 0;
  uint64_t days = 365;
  const svn_option svns[] = {
      {"--level", level, &cpu_level},        {"--pce-svn", pce, &recovery.pce_svn},
      {"--qe-svn", qe, &recovery.qe_svn},    {"--td-qe-svn", td_qe, &recovery.td_qe_svn},
      {"--qve-svn", qve, &recovery.qve_svn}, {"--tdx-module-svn", module, &recovery.tdx_module_svn}};
  if (!read_svns(svns, sizeof(svns) / sizeof(svns[0])) ||
      (standard != NULL && !cli_number(&days, standard, 0, 36500, "--standard-after"))) {
    return CLI_USAGE;
  }
  recovery.cpu_level = cpu_level;
  recovery.standard_after_days = (unsigned)days;
  recovery.status = said == NULL ? QY_TCB_STATUS_UNKNOWN : qy_tcb_status_by_name(qy_view_text(said));
  if (said != NULL && (recovery.status == QY_TCB_STATUS_UNKNOWN ||
                       recovery.status > QY_TCB_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED)) {
    return cli_usage_error(&usage, "--say %s: nothing that is said of a TCB that is up to date", said);
  }
  if (!read_advisories(&recovery.advisories, &advisories)) {
    return cli_usage_error(&usage, "--advisory: up to %d, each of A-Z 0-9 -", QY_TCB_MAX_ADVISORIES);
  }
  qy_error why = {0};
  uint32_t number = 0;
  const qy_status status = qy_endorser_tcb_recovery(&number, state, &recovery, &why);
  if (status == QY_OK) {
    printf("TCB evaluation %u: served for update=early now, for update=standard %s\n", number,
           days == 0 ? "too" : "later");
  }
  return endorser_answer(usage.name, status, &why);
}

/* ---- revoke-pck ---- */

/* Index of an authority's name, or -1. */
static int authority_of(const char *word)
{
  static const char *const NAMES[] = {[QY_DCAP_NAME_PROCESSOR_CA] = "processor-ca",
                                      [QY_DCAP_NAME_PLATFORM_CA] = "platform-ca",
                                      [QY_DCAP_NAME_TCB_SIGNING] = "tcb-signing"};
  for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
    if (strcmp(NAMES[i], word) == 0) {
      return (int)i;
    }
  }
  return -1;
}

int endorser_revoke_pck(int argc, char **argv)
{
  const char *state = NULL;
  const cli_option options[] = {ENDORSER_STATE_OPTION(state), {0}};
  const cli_usage usage = {"quotary endorser revoke-pck",
                           "--state DIR PPID | processor-ca | platform-ca | tcb-signing",
                           "Revokes the PCK certificates of a machine, or the certificate of an authority.",
                           options,
                           1,
                           1};
  cli_list words;
  int code = CLI_DONE;
  uint8_t ppid[QY_PPID_SIZE];
  qy_error why = {0};
  if (!endorser_parse(&code, &words, &usage, &state, argc, argv)) {
    return code;
  }
  const int authority = authority_of(words.items[0]);
  if (authority < 0 && qy_hex_decode(ppid, sizeof(ppid), qy_view_text(words.items[0]), "PPID", &why) != QY_OK) {
    return cli_usage_error(&usage, "%s", why.message);
  }
  const qy_status status = authority < 0 ? qy_endorser_revoke_pck(state, ppid, &why)
                                         : qy_endorser_revoke_authority(state, (qy_dcap_authority_name)authority, &why);
  if (status == QY_OK) {
    printf("revoked: it is on the list that is served from now on\n");
  }
  return endorser_answer(usage.name, status, &why);
}

/* ---- expire ---- */

int endorser_expire(int argc, char **argv)
{
  const char *state = NULL;
  bool renew = false;
  const cli_option options[] = {ENDORSER_STATE_OPTION(state),
                                {"renew", NULL, "the other way: serve what is fresh again", NULL, &renew, NULL},
                                {0}};
  const cli_usage usage = {"quotary endorser expire",
                           "--state DIR [--renew] tcb-info|identity|pck-crl|root-crl|pck|tcb-signing|all ...",
                           "From now on serves these with dates that are past, as if nobody had renewed them.",
                           options,
                           1,
                           CLI_LIST_MAX};
  cli_list words;
  int code = CLI_DONE;
  uint32_t lapses = 0;
  if (!endorser_parse(&code, &words, &usage, &state, argc, argv)) {
    return code;
  }
  for (size_t i = 0; i < words.count; i++) {
    const bool all = strcmp(words.items[i], "all") == 0;
    const uint32_t lapse = all ? QY_DCAP_LAPSED_ALL : qy_dcap_lapse_by_name(words.items[i]);
    if (lapse == 0) {
      return cli_usage_error(&usage, "\"%s\": there is nothing of this name to expire", words.items[i]);
    }
    lapses |= lapse;
  }
  qy_error why = {0};
  const qy_status status = qy_endorser_expire(state, lapses, !renew, &why);
  if (status == QY_OK) {
    printf(renew ? "fresh again\n" : "expired\n");
  }
  return endorser_answer(usage.name, status, &why);
}
