/* SPDX-License-Identifier: Apache-2.0 */
/* The demonstration's second attestation: the same enclave and secret, by an ECDSA quote. */
#include "demo_chapters.h"

#include <stdlib.h>
#include <string.h>

#include <broker/broker.h>
#include <crypto/hash.h>
#include <quotary/dcap_quote.h>

#include "attesting.h"
#include "broker_view.h"

static void tell_quote(story *tale, qy_view bytes)
{
  qy_dcap_quote quote;
  if (qy_dcap_quote_decode(&quote, bytes, NULL) != QY_OK) {
    return;
  }
  story_message(tale, "quote", "→", bytes.size, "report body, ECDSA signature, PCK chain",
                "ECDSA by the attestation key");
  story_part(tale, "version %u, readable as a whole: nothing in it is sealed to anybody", quote.header.version);
  story_part(tale, "the attestation key is named in the quoting enclave's own report, which the PCK signed; the PCK's");
  story_part(tale, "certificate says which processor (FMSPC) at which TCB, and leads to the simulated root");
}

static void tell_message(void *context, qy_attest_message message, qy_view bytes)
{
  story *tale = context;
  switch (message) {
  case QY_ATTEST_MSG2:
    story_message(tale, "msg2", "←", bytes.size, "g_b, σ(g_b‖g_a), CMAC; no list",
                  "σ by the provider's key, CMAC by SMK");
    break;
  case QY_ATTEST_QUOTE:
    tell_quote(tale, bytes);
    break;
  case QY_ATTEST_MSG3:
    story_message(tale, "msg3", "→", bytes.size, "CMAC, g_a, the quote", "CMAC by SMK");
    break;
  case QY_ATTEST_HELLO: /* as before, with group 0 */
  case QY_ATTEST_MSG4:  /* told with the secret */
    break;
  }
}

static long long whole_number(const json_t *object, const char *member)
{
  return (long long)json_integer_value(json_object_get(object, member));
}

static qy_status tell_verdict(story *tale, const cli_world *world, qy_error *why)
{
  broker_view seen;
  QY_TRY(broker_view_load(&seen, world->broker_folder, QY_EVIDENCE_SGX, why));
  const char *fmspc = json_string_value(json_object_get(json_object_get(seen.verdict, "platform"), "fmspc"));
  story_say(tale,
            "no report service: the provider fetched TCB info, the quoting enclave's identity and two revocation");
  story_say(tale, "lists for this kind of processor, verified them, keeps them, and appraised the quote itself:");
  story_checks(tale, "broker", seen.checks);
  story_say(tale, "platform %s is %s by TCB evaluation %lld", fmspc == NULL ? "?" : fmspc, seen.status,
            whole_number(seen.verdict, "evaluation_number"));
  story_fact(tale, "verdict", json_incref(seen.verdict));
  broker_view_clear(&seen);
  return QY_OK;
}

qy_status demo_secret(story *tale, const cli_world *world, const qy_attest_result *result, qy_error *why)
{
  const qy_sample_outcome *outcome = &result->outcome;
  uint8_t kept[QY_SHA256_SIZE];
  story_message(tale, "msg4", "←", result->messages[QY_ATTEST_MSG4].size, "verdict, secret", "AES-128-GCM under SK");
  if (outcome->answer.verdict != QY_TRUSTED || !outcome->answer.has_secret) {
    return qy_fail(why, QY_ERR_REFUSED, "the broker's verdict on the DCAP quote is %s; its log says why",
                   qy_trust_name(outcome->answer.verdict));
  }
  QY_TRY(qy_broker_secret_digest(kept, world->broker_folder, WORLD_SECRET_NAME, why));
  if (!qy_view_equal(QY_VIEW_OF(outcome->secret_sha256), QY_VIEW_OF(kept))) {
    return qy_fail(why, QY_ERR_REFUSED, "inside is another secret than the broker's");
  }
  story_say(tale, "the same secret is inside, and the evidence in the broker's archive: it repeats the verdict");
  return QY_OK;
}

qy_status demo_dcap(story *tale, const cli_world *world, qy_error *why)
{
  const qy_evidence_kind sgx = QY_EVIDENCE_SGX;
  qy_attest_result *result = malloc(sizeof(*result));
  if (result == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "out of memory");
  }
  qy_attest_result_init(result);
  story_chapter(tale, "dcap", "The same by an ECDSA quote (DCAP)", "provider alone decides");
  const qy_attest_observer observer = {.context = tale, .message = tell_message};
  const attesting_files files = {.broker_url = world->broker.address,
                                 .broker_ca = world->broker_ca,
                                 .image = world->image,
                                 .socket = world->socket,
                                 .secret_name = WORLD_SECRET_NAME,
                                 .evidence = &sgx};
  qy_status status = attesting_run(result, &files, &observer, why);
  if (status == QY_OK) {
    status = tell_verdict(tale, world, why);
  }
  if (status == QY_OK) {
    status = demo_secret(tale, world, result, why);
  }
  qy_attest_result_clear(result);
  free(result);
  return status;
}
