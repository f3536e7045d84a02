/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <attester/own.h>
#include <base/file.h>
#include <crypto/p256.h>

#include "attesting.h"
#include "cli.h"

static const char *const name = "quotary attest";

static bool goes_to_output(const attest_own_request *request)
{
  return request->out != NULL && strcmp(request->out, "-") == 0;
}

qy_status attest_own_check_out(const attest_own_request *request, qy_error *why)
{
  if (request->out == NULL) {
    return QY_OK;
  }
  if (!goes_to_output(request)) {
    return qy_file_exists(request->out) ? qy_fail(why, QY_ERR_EXISTS, "--out: %s is there already", request->out)
                                        : QY_OK;
  }
  if (request->json || request->explain) {
    return qy_fail(why, QY_ERR_ARGUMENT, "--out - writes the secret alone: not together with --json or --explain");
  }
  return isatty(STDOUT_FILENO) == 0
             ? QY_OK
             : qy_fail(why, QY_ERR_ARGUMENT, "--out - would show the secret on this terminal: let a program read it");
}

/* ---- The secret ---- */

static qy_status write_to_output(qy_view secret, qy_error *why)
{
  while (secret.size > 0) {
    const ssize_t written = write(STDOUT_FILENO, secret.bytes, secret.size);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return qy_file_fail(why, "cannot write the secret to", "standard output");
    }
    secret = qy_view_slice(secret, (size_t)written, secret.size - (size_t)written);
  }
  return QY_OK;
}

static qy_status hand_over(const attest_own_request *request, const qy_attest_own_result *result, qy_error *why)
{
  const qy_view secret = qy_view_over(result->secret.bytes, result->secret.size);
  if (!result->answer.has_secret || request->out == NULL) {
    return QY_OK;
  }
  return goes_to_output(request) ? write_to_output(secret, why) : qy_file_create(request->out, secret, true, why);
}

/* ---- What is said ---- */

static json_t *as_json(const attest_own_request *request, const qy_attest_own_result *result)
{
  const qy_msg4_answer *answer = &result->answer;
  json_t *out = json_pack("{s:s, s:b, s:s, s:s, s:s, s:b}", "verdict", qy_trust_name(answer->verdict), "simulated",
                          answer->simulated, "platform", request->device->name, "evidence", request->device->tee,
                          "secret", request->secret_name, "received", answer->has_secret);
  if (answer->has_secret) {
    json_object_set_new(out, "secret_size", json_integer((json_int_t)result->secret.size));
    json_object_set_new(out, "file", request->out == NULL ? json_null() : json_string(request->out));
  }
  json_object_set_new(out, "message_sizes", attesting_sizes_json(result->messages));
  json_object_set_new(out, "checks", cli_checks_json(&result->trace));
  return out;
}

static void print(const attest_own_request *request, const qy_attest_own_result *result)
{
  const qy_msg4_answer *answer = &result->answer;
  attesting_print_verdict(answer->verdict, answer->simulated);
  printf("platform   %s (%s)\n", request->device->title, request->device->name);
  if (!answer->has_secret) {
    printf("secret     %s was not released; the broker's log says why\n", request->secret_name);
  } else if (request->out == NULL) {
    printf("secret     %s, %zu bytes, came and was wiped: --out FILE would have kept it\n", request->secret_name,
           result->secret.size);
  } else {
    printf("secret     %s, %zu bytes, in %s\n", request->secret_name, result->secret.size, request->out);
  }
  cli_print_checks(&result->trace, 2, request->explain);
}

static int tell(const attest_own_request *request, const qy_attest_own_result *result)
{
  const int code = attesting_exit_code(result->answer.verdict);
  if (request->json) {
    return cli_print_json(as_json(request, result), code);
  }
  if (goes_to_output(request)) {
    if (!result->answer.has_secret) {
      fprintf(stderr, "%s: %s: %s was not released; the broker's log says why\n", name,
              qy_trust_name(result->answer.verdict), request->secret_name);
    }
    return code;
  }
  print(request, result);
  return code;
}

static int tell_failure(const attest_own_request *request, const qy_attest_own_result *result, qy_status status,
                        const qy_error *why)
{
  const int code = cli_fail(name, status, why);
  if (request->json) {
    return cli_print_json(json_pack("{s:n, s:s, s:s, s:o}", "verdict", "cause", qy_status_name(status), "error",
                                    why->message, "checks", cli_checks_json(&result->trace)),
                          code);
  }
  if (!goes_to_output(request)) {
    cli_print_checks(&result->trace, 2, request->explain);
  }
  return code;
}

/* ---- The run ---- */

static qy_status read_provider_key(uint8_t out[QY_GROUP_ELEMENT_SIZE], const char *path, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, 16384);
  qy_p256_public key;
  QY_TRY(qy_file_read(&pem, path, why));
  const qy_status status = qy_p256_public_from_pem(&key, qy_buffer_view(&pem), why);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "--provider-key %s", path);
  }
  qy_p256_flip(out, key.bytes);
  return QY_OK;
}

static qy_status run(qy_attest_own_result *result, const attest_own_request *request, qy_error *why)
{
  QY_SCOPED_BUFFER(ca, 65536);
  qy_attest_own_config config = {
      .broker_url = request->broker_url, .secret_name = request->secret_name, .device = request->device};
  QY_TRY(read_provider_key(config.provider_key, request->provider_key, why));
  QY_TRY(qy_file_read(&ca, request->broker_ca, why));
  config.broker_ca_pem = qy_buffer_view(&ca);
  return qy_attest_own(result, &config, NULL, why);
}

static int run_and_tell(qy_attest_own_result *result, const attest_own_request *request)
{
  qy_error why = {0};
  qy_error keeping = {0};
  const qy_status status = run(result, request, &why);
  const qy_status kept = request->keep == NULL ? QY_OK : attesting_keep(result->messages, request->keep, &keeping);
  const qy_status handed = status == QY_OK ? hand_over(request, result, &why) : status;
  const int code = handed == QY_OK ? tell(request, result) : tell_failure(request, result, handed, &why);
  return kept == QY_OK ? code : cli_fail(name, kept, &keeping);
}

int attest_own(const attest_own_request *request)
{
  qy_attest_own_result *result = malloc(sizeof(*result));
  if (result == NULL) {
    return cli_fail(name, QY_ERR_MEMORY, NULL);
  }
  qy_process_harden();
  qy_attest_own_result_init(result);
  const int code = run_and_tell(result, request);
  qy_attest_own_result_clear(result);
  free(result);
  return code;
}
