/* SPDX-License-Identifier: Apache-2.0 */
#include "demo_chapters.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <broker/broker.h>
#include <crypto/hash.h>
#include <image/image.h>
#include <platform/platform.h>
#include <quotary/exchange.h>

#include "attesting.h"
#include "broker_view.h"

/* First and last bytes: enough for the eye. */
static qy_text brief(const uint8_t *bytes, size_t size)
{
  const qy_text head = qy_text_hex(qy_view_over(bytes, 4));
  const qy_text tail = qy_text_hex(qy_view_over(bytes + size - 4, 4));
  return qy_textf("%s…%s", head.chars, tail.chars);
}

/* ---- ① the machine ---- */

static qy_status describe(json_t **out, const cli_world *world, int64_t *took_ms, qy_error *why)
{
  qy_platform *platform = NULL;
  qy_target_info qe;
  uint32_t gid = 0;
  QY_SCOPED_BUFFER(text, 1u << 20);
  QY_TRY(qy_platform_open_simulated(&platform, world->socket, why));
  const int64_t began_ms = qy_clock_steady_ms();
  qy_status status = platform->functions->init_quote(platform, &qe, &gid, why);
  *took_ms = qy_clock_steady_ms() - began_ms;
  if (status == QY_OK) {
    status = platform->functions->describe(platform, &text, why);
  }
  platform->functions->close(platform);
  QY_TRY(status);
  *out = json_loads(qy_buffer_text(&text), JSON_REJECT_DUPLICATES, NULL);
  return *out != NULL ? QY_OK : qy_fail(why, QY_ERR_MALFORMED, "the platform's description is no JSON");
}

static const char *text_at(const json_t *object, const char *outer, const char *inner)
{
  const char *text = json_string_value(json_object_get(json_object_get(object, outer), inner));
  return text == NULL ? "?" : text;
}

static void tell_provisioning(story *tale, const json_t *machine)
{
  static const struct {
    const char *arrow;
    const char *content;
    const char *protection;
  } told[] = {{"→", "PPID, platform level; TCB", "sealed to the endorser's RSA-3072 key"},
              {"←", "group certificate, challenge", "GCM under the key of message 1; group signed"},
              {"→", "EPID join proof, report certified by the PCE", "GCM; proof under a key of the processor"},
              {"←", "membership credential", "GCM under that key: this processor alone opens it"}};
  size_t index = 0;
  json_t *size = NULL;
  const json_t *last = json_object_get(machine, "last_provisioning");
  json_array_foreach(json_object_get(last, "message_sizes"), index, size)
  {
    if (index < 4) {
      char name[16];
      (void)snprintf(name, sizeof(name), "prov %zu", index + 1);
      story_message(tale, name, told[index].arrow, (size_t)json_integer_value(size), told[index].content,
                    told[index].protection);
    }
  }
  story_checks(tale, "machine", json_object_get(last, "checks"));
}

qy_status demo_machine(story *tale, cli_world *world, qy_error *why)
{
  int64_t took_ms = 0;
  json_t *machine = NULL;
  story_chapter(tale, "provisioning", "The machine gets its attestation key", "endorser ⇄ machine, once");
  const int64_t began_ms = qy_clock_steady_ms();
  QY_TRY(world_start(world, why));
  story_say(tale, "four services and a processor started, keys of a new world made, in %lld ms",
            (long long)(qy_clock_steady_ms() - began_ms));
  QY_TRY(describe(&machine, world, &took_ms, why));
  tell_provisioning(tale, machine);
  story_say(tale, "group %s, TCB level %lld of %lld, in %lld ms · the endorser has never seen the private key",
            text_at(machine, "attestation_key", "group"),
            (long long)json_integer_value(json_object_get(json_object_get(machine, "processor"), "level")),
            (long long)json_integer_value(json_object_get(json_object_get(machine, "processor"), "levels")),
            (long long)took_ms);
  story_say(tale, "it lies sealed to the quoting enclave (MRENCLAVE %.8s…) by a key that only this processor derives",
            text_at(json_object_get(machine, "architectural"), "quoting", "mrenclave"));
  story_fact(tale, "machine", machine);
  return QY_OK;
}

/* ---- ② to ⑤: one attestation ---- */

typedef struct telling {
  story *tale;
  cli_world *world;
  qy_attest_result *result;
  bool exchange_told; /* the chapter has begun */
} telling;

/* What MRENCLAVE would be with another provider key: measured, not signed. */
static qy_status measure_with_other_key(uint8_t mrenclave[QY_MEASUREMENT_SIZE], const cli_world *world, qy_error *why)
{
  QY_SCOPED_BUFFER(bytes, QY_IMAGE_MAX_SIZE);
  qy_image image;
  uint8_t other[QY_P256_PUBLIC_SIZE] = {0};
  QY_TRY(qy_file_read(&bytes, world->image, why));
  QY_TRY(qy_image_decode(&image, qy_buffer_view(&bytes), why));
  for (size_t i = 0; i < image.section_count; i++) {
    if (strcmp(image.sections[i].name, "provider-key") == 0 && image.sections[i].bytes.size == sizeof(other)) {
      memcpy(other, image.sections[i].bytes.bytes, sizeof(other));
      other[0] ^= 1;
      image.sections[i].bytes = QY_VIEW_OF(other);
    }
  }
  return qy_image_measure(mrenclave, &image, why);
}

static void tell_enclave(void *context, const qy_enclave_handle *enclave)
{
  const telling *self = context;
  story *tale = self->tale;
  qy_p256_public key;
  uint8_t other[QY_MEASUREMENT_SIZE];
  story_chapter(tale, "enclave", "An enclave starts", "measured by the processor");
  story_say(tale, "%u pages measured, SIGSTRUCT checked, started in a sandbox from exactly those bytes",
            enclave->page_count);
  story_say(tale, "MRENCLAVE %s   MRSIGNER %s   debug %s", brief(enclave->mrenclave, QY_MEASUREMENT_SIZE).chars,
            brief(enclave->mrsigner, QY_MEASUREMENT_SIZE).chars,
            (enclave->attributes.flags & QY_ATTRIBUTE_DEBUG) != 0 ? "yes" : "no");
  if (qy_broker_provider_key(&key, self->world->broker_folder, NULL) == QY_OK &&
      measure_with_other_key(other, self->world, NULL) == QY_OK) {
    story_say(tale, "the provider's public key %s is part of what was measured;",
              brief(key.bytes, sizeof(key.bytes)).chars);
    story_say(tale, "with another key the same program measures %s: another enclave",
              brief(other, sizeof(other)).chars);
    story_fact(tale, "mrenclave_with_another_provider_key", json_string(qy_text_hex(QY_VIEW_OF(other)).chars));
  }
  story_fact(tale, "mrenclave", json_string(qy_text_hex(QY_VIEW_OF(enclave->mrenclave)).chars));
  story_fact(tale, "mrsigner", json_string(qy_text_hex(QY_VIEW_OF(enclave->mrsigner)).chars));
  story_fact(tale, "pages", json_integer(enclave->page_count));
}

static void tell_msg3(story *tale, qy_view bytes)
{
  qy_msg3 msg3;
  qy_quote quote;
  story_message(tale, "msg3", "→", bytes.size, "CMAC, g_a, quote", "CMAC by SMK");
  if (qy_msg3_decode(&msg3, bytes, NULL) != QY_OK || qy_quote_decode(&quote, msg3.quote, NULL) != QY_OK) {
    return;
  }
  story_part(tale, "quote body %zu B: readable by the provider (MRENCLAVE, report data %s)", quote.signed_part.size,
             brief(quote.body.report.report_data, 32).chars);
  story_part(tale, "EPID signature %zu B: sealed to the report service's RSA key, the provider can only forward it",
             quote.ciphertext.size);
}

static void tell_message(void *context, qy_attest_message message, qy_view bytes)
{
  telling *self = context;
  story *tale = self->tale;
  if (!self->exchange_told) {
    story_chapter(tale, "exchange", "Who is on the other side?", "enclave ⇄ provider");
    self->exchange_told = true;
  }
  qy_msg2 msg2;
  switch (message) {
  case QY_ATTEST_HELLO:
    story_message(tale, "msg0+msg1", "→", bytes.size, "g_a, group", "none: readable by all, signed by none yet");
    break;
  case QY_ATTEST_MSG2:
    story_message(tale, "msg2", "←", bytes.size, "g_b, SPID, σ(g_b‖g_a), CMAC", "σ by the provider's key, CMAC by SMK");
    if (qy_msg2_decode(&msg2, bytes, NULL) == QY_OK) {
      story_part(tale, "SPID %s, %s quote asked for, revocation list %u B", brief(msg2.spid, sizeof(msg2.spid)).chars,
                 msg2.quote_type == 0 ? "unlinkable" : "linkable", msg2.sigrl_size);
    }
    break;
  case QY_ATTEST_MSG3:
    tell_msg3(tale, bytes);
    break;
  case QY_ATTEST_QUOTE:
  case QY_ATTEST_MSG4: /* told with the secret */
    break;
  }
}

/* What each check of the enclave means for it. */
static void tell_check(void *context, const qy_check_record *record)
{
  static const struct {
    const char *name;
    const char *meaning;
  } meanings[] = {
      {"provider-signature", "the key in my measured image made σ    → I talk to the intended provider"},
      {"msg2-mac", "SMK came out the same on both sides    → nobody stood between"},
      {"qe-report-mac", "made for me by an enclave on this processor: its report key says so"},
      {"qe-identity", "by the quoting enclave that my report was for"},
      {"qe-report-data", "over this quote and my nonce           → the quote is of me, now"},
      {"msg4-tag", "SK opened it, for this session and this secret's name"},
  };
  const telling *self = context;
  const char *name = qy_check_name(record->id);
  if (!self->exchange_told) {
    return; /* the launch's own */
  }
  for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
    if (strcmp(meanings[i].name, name) == 0 && strcmp(name, "msg4-tag") != 0) {
      story_check(self->tale, "enclave", name, record->outcome == QY_OUTCOME_HELD, meanings[i].meaning);
    }
  }
}

static qy_status tell_report(story *tale, const cli_world *world, qy_error *why)
{
  broker_view seen;
  QY_TRY(broker_view_load(&seen, world->broker_folder, QY_EVIDENCE_EPID, why));
  story_chapter(tale, "report", "Is it a real machine?", "provider ⇄ report service");
  story_say(tale, "TLS 1.3, the service's certificate under a CA that the broker pins, its own API key as a header;");
  story_say(tale, "without the key the service answers %u", broker_view_without_key(world));
  story_message(tale, "report", "←", seen.body_size, "status, nonce, the quote's body echoed",
                "RSA-2048, chain to the pinned CA");
  story_part(tale, "status %s, id %.12s…, pseudonym %s", seen.status, seen.id, seen.pseudonym);
  story_part(tale, "the service opened the sealed signature, verified EPID against its lists, judged the TCB");
  story_checks(tale, "broker", seen.checks);
  story_say(tale, "report-data: SHA-256(g_a ‖ g_b ‖ VK) is what the enclave put into its report → this key exchange is "
                  "that enclave's");
  story_fact(tale, "verdict", json_incref(seen.verdict));
  broker_view_clear(&seen);
  return QY_OK;
}

static qy_status tell_secret(story *tale, const cli_world *world, const qy_attest_result *result, qy_error *why)
{
  const qy_sample_outcome *outcome = &result->outcome;
  uint8_t kept[QY_SHA256_SIZE];
  story_chapter(tale, "secret", "The secret", "provider → enclave");
  story_message(tale, "msg4", "←", result->messages[QY_ATTEST_MSG4].size, "verdict, secret", "AES-128-GCM under SK");
  story_part(tale, "bound to this session's messages and to the name \"%s\"", WORLD_SECRET_NAME);
  if (outcome->answer.verdict != QY_TRUSTED || !outcome->answer.has_secret) {
    story_say(tale, "verdict %s: no secret was released", qy_trust_name(outcome->answer.verdict));
    return qy_fail(why, QY_ERR_REFUSED, "the broker's verdict is %s; its log says why",
                   qy_trust_name(outcome->answer.verdict));
  }
  QY_TRY(qy_broker_secret_digest(kept, world->broker_folder, WORLD_SECRET_NAME, why));
  const qy_text inside = qy_text_hex(QY_VIEW_OF(outcome->secret_sha256));
  const qy_text outside = qy_text_hex(QY_VIEW_OF(kept));
  story_say(tale, "enclave says  sha256 %s", inside.chars);
  story_say(tale, "broker says   sha256 %s", outside.chars);
  story_say(tale, "the host in between saw only ciphertext");
  story_fact(tale, "enclave_sha256", json_string(inside.chars));
  story_fact(tale, "broker_sha256", json_string(outside.chars));
  return qy_view_equal(QY_VIEW_OF(outcome->secret_sha256), QY_VIEW_OF(kept))
             ? QY_OK
             : qy_fail(why, QY_ERR_REFUSED, "the enclave holds another secret than the broker");
}

qy_status demo_attestation(story *tale, cli_world *world, qy_error *why)
{
  qy_attest_result *result = malloc(sizeof(*result));
  if (result == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "out of memory");
  }
  qy_attest_result_init(result);
  telling self = {.tale = tale, .world = world, .result = result};
  const qy_attest_observer observer = {
      .context = &self, .launched = tell_enclave, .message = tell_message, .checked = tell_check};
  const qy_evidence_kind epid = QY_EVIDENCE_EPID;
  const attesting_files files = {.broker_url = world->broker.address,
                                 .broker_ca = world->broker_ca,
                                 .image = world->image,
                                 .socket = world->socket,
                                 .secret_name = WORLD_SECRET_NAME,
                                 .evidence = &epid};
  qy_status status = attesting_run(result, &files, &observer, why);
  if (status == QY_OK) {
    status = tell_report(tale, world, why);
  }
  if (status == QY_OK) {
    status = tell_secret(tale, world, result, why);
  }
  qy_attest_result_clear(result);
  free(result);
  return status;
}

/* ---- What it answers ---- */

void demo_answers(story *tale)
{
  story_chapter(tale, "answers", "What just ran answers", "");
  story_answer(
      tale, "How does the enclave know its provider?",
      "By the public key in its measured image: it made σ. With another key, MRENCLAVE and so the enclave is another.");
  story_answer(
      tale, "Is the quote's signature sealed to the report service, and what can the provider still read?",
      "Yes, to its RSA key. The provider read the body (who the enclave is, what it binds) and forwarded the rest.");
  story_answer(
      tale, "What secures the leg between provider and report service?",
      "TLS to a pinned CA and an API key; and the report itself is signed, echoes quote and nonce, under a pinned CA.");
  story_answer(
      tale, "Where does the shared secret come from?",
      "From ECDH of g_a and g_b. σ ties it to the provider, the quote's report data to the enclave; SK seals msg4.");
}
