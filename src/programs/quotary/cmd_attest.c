/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <broker/broker.h>
#include <describe/describe.h>

#include "attest_own.h"
#include "attesting.h"
#include "cli.h"
#include "platform_choice.h"
#include "verbs.h"
#include "world.h"

static const char *const name = "quotary attest";

static void hex_member(json_t *to, const char *member, const uint8_t *bytes, size_t size)
{
  qy_text text = qy_text_hex(qy_view_over(bytes, size));
  json_object_set_new(to, member, json_string(text.chars));
}

static json_t *as_json(const qy_attest_result *result, const char *secret_name)
{
  const qy_sample_outcome *outcome = &result->outcome;
  json_t *out = json_pack("{s:s, s:b, s:s, s:s, s:b}", "verdict", qy_trust_name(outcome->answer.verdict), "simulated",
                          outcome->answer.simulated, "evidence", qy_evidence_kind_name(result->evidence), "secret",
                          secret_name, "received", outcome->answer.has_secret);
  if (outcome->answer.has_secret) {
    json_object_set_new(out, "secret_size", json_integer(outcome->secret_size));
    hex_member(out, "secret_sha256", outcome->secret_sha256, sizeof(outcome->secret_sha256));
  }
  if (outcome->answer.has_platform_info) {
    char text[2 * QY_PLATFORM_INFO_SIZE + 1];
    qy_hex_encode(text, QY_VIEW_OF(outcome->answer.platform_info));
    json_object_set_new(out, "platform_info", json_string(text));
  }
  if (result->enclave.is_trust_domain) {
    hex_member(out, "mrtd", result->enclave.mr_td, QY_TD_HASH_SIZE);
  } else {
    hex_member(out, "mrenclave", result->enclave.mrenclave, QY_MEASUREMENT_SIZE);
    hex_member(out, "mrsigner", result->enclave.mrsigner, QY_MEASUREMENT_SIZE);
  }
  if (result->evidence == QY_EVIDENCE_EPID) {
    json_object_set_new(out, "group_id", json_sprintf("%08x", result->group_id));
  }
  json_object_set_new(out, "message_sizes", attesting_sizes_json(result->messages));
  json_object_set_new(out, "checks", cli_checks_json(&result->trace));
  return out;
}

/* What the report service says of the platform, to its owner. */
static void print_platform_info(const uint8_t info[QY_PLATFORM_INFO_SIZE])
{
  json_t *described = NULL;
  size_t index = 0;
  json_t *sentence = NULL;
  if (qy_describe(&described, qy_view_over(info, QY_PLATFORM_INFO_SIZE), "platform-info", NULL) != QY_OK) {
    return;
  }
  json_array_foreach(json_object_get(described, "says"), index, sentence)
  {
    printf("%-10s %s\n", index == 0 ? "platform" : "", json_string_value(sentence));
  }
  json_decref(described);
}

static void print_evidence(const qy_attest_result *result)
{
  static const char *const words[QY_EVIDENCE_KIND_COUNT] = {
      "epid: an EPID quote, judged by the report service",
      "sgx: an ECDSA quote (DCAP), appraised by the broker under its collateral",
      "tdx: a trust domain's ECDSA quote (DCAP), appraised by the broker under its collateral"};
  const qy_enclave_handle *enclave = &result->enclave;
  printf("evidence   %s\n", words[result->evidence]);
  if (enclave->is_trust_domain) {
    printf("MRTD       %s%s\n", qy_text_hex(QY_VIEW_OF(enclave->mr_td)).chars,
           (enclave->td_attributes & QY_TD_DEBUG) != 0 ? "  (debug)" : "");
  } else {
    printf("MRENCLAVE  %s%s\n", qy_text_hex(QY_VIEW_OF(enclave->mrenclave)).chars,
           (enclave->attributes.flags & QY_ATTRIBUTE_DEBUG) != 0 ? "  (debug)" : "");
  }
}

static void print(const qy_attest_result *result, const char *secret_name, bool explain)
{
  const qy_sample_outcome *outcome = &result->outcome;
  attesting_print_verdict(outcome->answer.verdict, outcome->answer.simulated);
  print_evidence(result);
  if (outcome->answer.has_secret) {
    printf("secret     %s, %u bytes, now inside the %s; its SHA-256 there:\n           %s\n", secret_name,
           outcome->secret_size, result->enclave.is_trust_domain ? "trust domain" : "enclave",
           qy_text_hex(QY_VIEW_OF(outcome->secret_sha256)).chars);
  } else {
    printf("secret     %s was not released; the broker's log says why\n", secret_name);
  }
  if (outcome->answer.has_platform_info) {
    print_platform_info(outcome->answer.platform_info);
  }
  cli_print_checks(&result->trace, 2, explain);
}

/* No verdict came: what went wrong, and the checks on this side until then. */
static int print_failure(const qy_attest_result *result, qy_status status, const qy_error *why, bool json, bool explain)
{
  const int code = cli_fail(name, status, why);
  if (!json) {
    cli_print_checks(&result->machine_trace, 2, explain);
    cli_print_checks(&result->trace, 2, explain);
    return code;
  }
  json_t *checks = cli_checks_json(&result->machine_trace);
  json_t *inside = cli_checks_json(&result->trace);
  json_array_extend(checks, inside);
  json_decref(inside);
  return cli_print_json(json_pack("{s:n, s:s, s:s, s:o}", "verdict", "cause", qy_status_name(status), "error",
                                  why->message, "checks", checks),
                        code);
}

typedef struct attest_options {
  attesting_files files;
  const char *platform;
  const char *provider_key;
  const char *out;
  const char *keep;
  const char *evidence;
  qy_evidence_kind kind; /* what --evidence names */
  bool json;
  bool explain;
} attest_options;

static int attest(const attest_options *options)
{
  qy_error why = {0};
  qy_attest_result *result = malloc(sizeof(*result));
  if (result == NULL) {
    return cli_fail(name, QY_ERR_MEMORY, NULL);
  }
  qy_attest_result_init(result);
  qy_status status = attesting_run(result, &options->files, NULL, &why);
  int code = CLI_UNDECIDED;
  qy_error keeping = {0};
  const qy_status kept = options->keep == NULL ? QY_OK : attesting_keep(result->messages, options->keep, &keeping);
  if (status == QY_OK) {
    code = attesting_exit_code(result->outcome.answer.verdict);
    if (options->json) {
      code = cli_print_json(as_json(result, options->files.secret_name), code);
    } else {
      print(result, options->files.secret_name, options->explain);
    }
  } else {
    code = print_failure(result, status, &why, options->json, options->explain);
  }
  if (kept != QY_OK) {
    code = cli_fail(name, kept, &keeping);
  }
  qy_attest_result_clear(result);
  free(result);
  return code;
}

/* ---- The options ---- */

static qy_status read_evidence(attest_options *o, qy_error *why)
{
  if (o->evidence == NULL) {
    return QY_OK;
  }
  if (!qy_evidence_kind_find(&o->kind, o->evidence)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "--evidence %s: epid, sgx or tdx?", o->evidence);
  }
  o->files.evidence = &o->kind;
  return QY_OK;
}

/* Given, or that of the world: its trust domain's where TDX evidence is asked for. */
static qy_status choose_image(attest_options *o, const world_notice *notice, qy_error *why)
{
  const bool domain = o->evidence != NULL && o->kind == QY_EVIDENCE_TDX;
  const char *usual = domain ? notice->domain : notice->image;
  if (o->files.image == NULL && usual[0] == '\0') {
    return qy_fail(why, QY_ERR_ARGUMENT, "that `quotary up` has no trust domain: give --enclave, or start it anew");
  }
  o->files.image = o->files.image != NULL ? o->files.image : usual;
  return QY_OK;
}

/* A broker of this user's running `up` goes with that world's machine, whatever else there is. */
static qy_status choose_platform(attest_options *o, platform_choice *choice, world_notice *notice, qy_error *why)
{
  const bool up = world_look_up(notice, o->files.broker_url, NULL) == QY_OK;
  QY_TRY(platform_choice_read(choice, o->platform, why));
  if (choice->automatic && up) {
    choice->automatic = false;
    memcpy(choice->socket, notice->socket, sizeof(choice->socket));
  }
  const bool complete = o->files.broker_ca != NULL && o->files.image != NULL;
  const qy_status settled = platform_choice_settle(choice, why);
  if (choice->device == NULL && !up && (settled != QY_OK || !complete)) {
    return qy_fail(why, QY_ERR_ARGUMENT,
                   "no `quotary up` of this user serves %s: give --ca, --enclave and --platform simulated:DIR, or run "
                   "this where Gramine or a TDX virtual machine gives quotes",
                   o->files.broker_url);
  }
  QY_TRY(settled);
  if (choice->device == NULL) {
    o->files.socket = choice->socket;
    o->files.broker_ca = o->files.broker_ca != NULL ? o->files.broker_ca : notice->broker_ca;
    QY_TRY(choose_image(o, notice, why));
  }
  return QY_OK;
}

static qy_status check_simulated(const attest_options *o, qy_error *why)
{
  if (o->provider_key != NULL || o->out != NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT,
                   "%s is for real machines: a simulated enclave has its provider's key in its image, and keeps its "
                   "secret inside",
                   o->out != NULL ? "--out" : "--provider-key");
  }
  return QY_OK;
}

static qy_status check_own(const attest_options *o, const attest_own_request *request, qy_error *why)
{
  const qy_device *device = request->device;
  if (request->provider_key == NULL || request->broker_ca == NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "--platform %s: --provider-key and --ca are needed", device->name);
  }
  if (o->files.image != NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "--enclave: with --platform %s this program is what is attested",
                   device->name);
  }
  if (o->evidence != NULL && strcmp(o->evidence, device->tee) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "--evidence %s: --platform %s gives %s quotes", o->evidence, device->name,
                   device->tee);
  }
  return attest_own_check_out(request, why);
}

/* Where the platform is this very machine. */
static int attest_here(const attest_options *o, const qy_device *device, const cli_usage *usage)
{
  qy_error why = {0};
  const attest_own_request request = {.broker_url = o->files.broker_url,
                                      .broker_ca = o->files.broker_ca,
                                      .secret_name = o->files.secret_name,
                                      .provider_key = o->provider_key,
                                      .device = device,
                                      .out = o->out,
                                      .keep = o->keep,
                                      .json = o->json,
                                      .explain = o->explain};
  return check_own(o, &request, &why) == QY_OK ? attest_own(&request) : cli_usage_error(usage, "%s", why.message);
}

static int attest_anywhere(const attest_options *given, const cli_usage *usage)
{
  attest_options filled = *given;
  attest_options *o = &filled;
  world_notice notice;
  platform_choice choice;
  qy_error why = {0};
  if (qy_broker_name_check(o->files.secret_name, NULL, &why) != QY_OK || read_evidence(o, &why) != QY_OK ||
      choose_platform(o, &choice, &notice, &why) != QY_OK) {
    return cli_usage_error(usage, "%s", why.message);
  }
  if (choice.device != NULL) {
    return attest_here(o, choice.device, usage);
  }
  return check_simulated(o, &why) == QY_OK ? attest(o) : cli_usage_error(usage, "%s", why.message);
}

int cmd_attest(int argc, char **argv)
{
  attest_options o = {0};
  const cli_option options[] = {
      {"broker", "URL", "the broker", &o.files.broker_url, NULL, NULL},
      {"secret", "NAME", "the secret to ask for", &o.files.secret_name, NULL, NULL},
      {"ca", "FILE", "the CA of the broker's TLS certificate", &o.files.broker_ca, NULL, NULL},
      {"enclave", "FILE", "the enclave's signed image, or a trust domain's image (quotary td)", &o.files.image, NULL,
       NULL},
      {"platform", PLATFORM_CHOICE_PLACEHOLDER, PLATFORM_CHOICE_HELP, &o.platform, NULL, NULL},
      {"evidence", "KIND", "epid, sgx or tdx; what the broker likes best of the image otherwise", &o.evidence, NULL,
       NULL},
      {"provider-key", "FILE", "gramine, tsm: the provider's public key (PEM), from a file that is measured",
       &o.provider_key, NULL, NULL},
      {"out", "FILE", "gramine, tsm: where the secret goes, a new file; - for a program that reads it", &o.out, NULL,
       NULL},
      {"keep", "DIR", "write the messages there, for quotary show", &o.keep, NULL, NULL},
      {"explain", NULL, "print every check that the enclave made", NULL, &o.explain, NULL},
      {"json", NULL, "print JSON", NULL, &o.json, NULL},
      {0}};
  const cli_usage usage = {
      name,
      "--broker URL --secret NAME [--ca FILE --enclave FILE] [--platform NAME] [--json]",
      "Runs the attester: launches the enclave or the trust domain, carries msg0 to msg4, and ends with\n"
      "the secret inside it. For a broker of a running `quotary up`, URL and NAME are enough; with\n"
      "--evidence tdx its trust domain attests.\n"
      "On a real machine (gramine, tsm) this program is itself what is attested: it needs --ca and\n"
      "--provider-key, writes the secret to --out, and is as good as what is measured there: the program,\n"
      "its command line, and the file with the provider's key (docs/devices.md).",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (o.files.broker_url == NULL || o.files.secret_name == NULL) {
    return cli_usage_error(&usage, "--broker and --secret are needed");
  }
  return attest_anywhere(&o, &usage);
}
