/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <broker/broker.h>
#include <describe/describe.h>

#include "attesting.h"
#include "cli.h"
#include "verbs.h"
#include "world.h"

static const char *const name = "quotary attest";

static int exit_code_of(qy_trust verdict)
{
  return verdict == QY_TRUSTED ? CLI_DONE : verdict == QY_REFUSED ? CLI_REFUSED : CLI_UNDECIDED;
}

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
  hex_member(out, "mrenclave", result->enclave.mrenclave, QY_MEASUREMENT_SIZE);
  hex_member(out, "mrsigner", result->enclave.mrsigner, QY_MEASUREMENT_SIZE);
  if (result->evidence == QY_EVIDENCE_EPID) {
    json_object_set_new(out, "group_id", json_sprintf("%08x", result->group_id));
  }
  json_t *sizes = json_object();
  for (int i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    json_object_set_new(sizes, qy_attest_message_name((qy_attest_message)i),
                        json_integer((json_int_t)result->messages[i].size));
  }
  json_object_set_new(out, "message_sizes", sizes);
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

static void print(const qy_attest_result *result, const char *secret_name, bool explain)
{
  const qy_sample_outcome *outcome = &result->outcome;
  const qy_trust verdict = outcome->answer.verdict;
  printf("verdict    %s%s%s%s\n",
         cli_style_on(verdict == QY_TRUSTED   ? CLI_GREEN
                      : verdict == QY_REFUSED ? CLI_RED
                                              : CLI_YELLOW),
         qy_trust_name(verdict), cli_style_off(), outcome->answer.simulated ? "  (simulated evidence)" : "");
  printf("evidence   %s\n", result->evidence == QY_EVIDENCE_EPID
                                ? "epid: an EPID quote, judged by the report service"
                                : "sgx: an ECDSA quote (DCAP), appraised by the broker under its collateral");
  printf("MRENCLAVE  %s%s\n", qy_text_hex(QY_VIEW_OF(result->enclave.mrenclave)).chars,
         (result->enclave.attributes.flags & QY_ATTRIBUTE_DEBUG) != 0 ? "  (debug)" : "");
  if (outcome->answer.has_secret) {
    printf("secret     %s, %u bytes, now inside the enclave; its SHA-256 there:\n           %s\n", secret_name,
           outcome->secret_size, qy_text_hex(QY_VIEW_OF(outcome->secret_sha256)).chars);
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

static qy_status keep_messages(const qy_attest_result *result, const char *folder, qy_error *why)
{
  static const char *const files[QY_ATTEST_MESSAGE_COUNT] = {"msg0-msg1.bin", "msg2.bin", "quote.bin", "msg3.bin",
                                                             "msg4.bin"};
  QY_TRY(qy_folder_make(folder, why));
  for (int i = 0; i < QY_ATTEST_MESSAGE_COUNT; i++) {
    char path[QY_PATH_SIZE];
    if (result->messages[i].size == 0) {
      continue;
    }
    QY_TRY(qy_path_join(path, sizeof(path), folder, files[i], why));
    QY_TRY(qy_file_write(path, qy_buffer_view(&result->messages[i]), false, why));
  }
  return QY_OK;
}

typedef struct attest_options {
  attesting_files files;
  const char *keep;
  const char *evidence;
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
  const qy_status kept = options->keep == NULL ? QY_OK : keep_messages(result, options->keep, &keeping);
  if (status == QY_OK) {
    code = exit_code_of(result->outcome.answer.verdict);
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

int cmd_attest(int argc, char **argv)
{
  attest_options o = {0};
  const cli_option options[] = {
      {"broker", "URL", "the broker", &o.files.broker_url, NULL, NULL},
      {"secret", "NAME", "the secret to ask for", &o.files.secret_name, NULL, NULL},
      {"ca", "FILE", "the CA of the broker's TLS certificate", &o.files.broker_ca, NULL, NULL},
      {"enclave", "FILE", "the enclave's signed image", &o.files.image, NULL, NULL},
      {"platform", "PATH", "the platform service's socket", &o.files.socket, NULL, NULL},
      {"evidence", "KIND", "epid or sgx (DCAP); what the broker likes best otherwise", &o.evidence, NULL, NULL},
      {"keep", "DIR", "write the messages there, for quotary show", &o.keep, NULL, NULL},
      {"explain", NULL, "print every check that the enclave made", NULL, &o.explain, NULL},
      {"json", NULL, "print JSON", NULL, &o.json, NULL},
      {0}};
  const cli_usage usage = {
      name,
      "--broker URL --secret NAME [--ca FILE --enclave FILE --platform PATH] [--json]",
      "Runs the attester: launches the enclave, carries msg0 to msg4, and ends with the secret inside\n"
      "the enclave. For a broker of a running `quotary up`, URL and NAME are enough.",
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
  world_notice notice;
  qy_error why = {0};
  qy_evidence_kind kind = QY_EVIDENCE_EPID;
  if (o.evidence != NULL) {
    if (!qy_evidence_kind_find(&kind, o.evidence) || kind == QY_EVIDENCE_TDX) {
      return cli_usage_error(&usage, "--evidence %s: epid or sgx?", o.evidence);
    }
    o.files.evidence = &kind;
  }
  if (qy_broker_name_check(o.files.secret_name, NULL, &why) != QY_OK) {
    return cli_usage_error(&usage, "%s", why.message);
  }
  if (o.files.broker_ca == NULL || o.files.image == NULL || o.files.socket == NULL) {
    if (world_look_up(&notice, o.files.broker_url, &why) != QY_OK) {
      return cli_usage_error(&usage, "no `quotary up` of this user serves %s: give --ca, --enclave and --platform",
                             o.files.broker_url);
    }
    o.files.broker_ca = o.files.broker_ca != NULL ? o.files.broker_ca : notice.broker_ca;
    o.files.image = o.files.image != NULL ? o.files.image : notice.image;
    o.files.socket = o.files.socket != NULL ? o.files.socket : notice.socket;
  }
  return attest(&o);
}
