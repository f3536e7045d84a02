/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations that Intel's own client and sample providers held, replayed against both sides: with the same secret
 * scalars the same bytes must come out, and what theirs refused ours must refuse, by a check that can be named. */
#include "exchange_parties.h"

#include <stdlib.h>
#include <string.h>

#include <crypto/hash.h>
#include <crypto/p256.h>
#include <crypto/symmetric.h>
#include <sgx/keys.h>

#define MAX_MESSAGE 8192

typedef struct bytes {
  size_t size;
  uint8_t at[MAX_MESSAGE];
} bytes;

static bool member(bytes *out, const json_t *object, const char *name)
{
  QY_SCOPED_BUFFER(buffer, MAX_MESSAGE);
  out->size = 0;
  if (json_object_get(object, name) == NULL) {
    return false;
  }
  vectors_hex(&buffer, object, name);
  memcpy(out->at, buffer.bytes, buffer.size);
  out->size = buffer.size;
  return true;
}

static qy_view view_of(const bytes *b)
{
  return qy_view_over(b->at, b->size);
}

static void assert_member(const uint8_t *found, size_t size, const json_t *object, const char *name)
{
  static bytes expected;
  assert_true(member(&expected, object, name));
  assert_int_equal(expected.size, size);
  assert_memory_equal(found, expected.at, size);
}

/* One recorded conversation. */
typedef struct recording {
  const json_t *json;
  const char *name;
  bytes hello, msg2, msg3, quote, qe_report, report;
  uint8_t script[48]; /* a (big-endian), then the enclave's nonce */
  uint8_t b[32];      /* big-endian */
  bool has_b;
} recording;

typedef struct fixture {
  uint8_t provider_public[64];
  qy_secret provider_key;
  recording r;
  parties *p;
} fixture;

/* Where a recording does not name b, it is the constant of Intel's sample. */
static void load_scalars(recording *r)
{
  static bytes scalar;
  memset(r->script, 0, sizeof(r->script));
  if (member(&scalar, r->json, "a_priv_le")) {
    qy_reverse(r->script, scalar.at, 32);
  }
  if (member(&scalar, r->json, "qe_nonce") || member(&scalar, r->json, "nonce")) {
    memcpy(r->script + 32, scalar.at, 16);
  }
  for (size_t i = 0; i < 32; i++) {
    r->b[31 - i] = i % 4 == 0 ? 9 : 0;
  }
  if (member(&scalar, r->json, "b_priv_le")) {
    qy_reverse(r->b, scalar.at, 32);
  }
}

static void load_hello(recording *r)
{
  static bytes part;
  if (member(&r->hello, r->json, "msg0_msg1")) {
    return;
  }
  r->hello = (bytes){.size = 4};
  if (member(&part, r->json, "msg1")) {
    memcpy(r->hello.at + 4, part.at, part.size);
    r->hello.size = 4 + part.size;
    return;
  }
  qy_secret a = {.size = 32};
  qy_p256_public g_a;
  memcpy(a.bytes, r->script, 32);
  assert_ok(qy_p256_public_of(&g_a, &a, NULL));
  qy_p256_flip(r->hello.at + 4, g_a.bytes);
  assert_true(member(&part, r->json, "gid_le"));
  memcpy(r->hello.at + 68, part.at, 4);
  r->hello.size = QY_HELLO_SIZE;
}

static void load(fixture *f, const json_t *json)
{
  recording *r = &f->r;
  memset(r, 0, sizeof(*r));
  r->json = json;
  r->name = json_string_value(json_object_get(json, "name"));
  load_scalars(r);
  if (json_object_get(json, "a_priv_le") != NULL || json_object_get(json, "msg1") != NULL) {
    load_hello(r);
  }
  (void)member(&r->msg2, json, "msg2");
  (void)member(&r->msg3, json, "msg3");
  (void)member(&r->quote, json, "quote");
  (void)member(&r->qe_report, json, "qe_report");
  (void)member(&r->report, json, "report");
}

/* ---- Intel's simulator as the machine ---- */

/* The report key that the simulated processor gives the enclave of the recording. */
static void enclave_report_key(qy_secret *out, const recording *r, const qy_report *qe_report)
{
  static const uint8_t base[16] = {0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0};
  QY_SCOPED_FUSES(fuses);
  qy_report own;
  qy_key_request request;
  assert_ok(qy_report_decode(&own, view_of(&r->report), NULL));
  qy_secret_set(&fuses.base_keys[QY_KEY_REPORT], base, sizeof(base));
  memcpy(fuses.owner_epoch, "THISISOWNEREPOCH", 16);
  fuses.cpu_svn_count = 1;
  memcpy(fuses.cpu_svns[0], own.body.cpu_svn, 16);
  qy_secs secs = {.attributes = own.body.attributes, .misc_select = own.body.misc_select};
  memcpy(secs.mr_enclave, own.body.mr_enclave, 32);
  memcpy(secs.config_id, own.body.config_id, 64);
  secs.config_svn = own.body.config_svn;
  qy_key_request_for_report(&request, qe_report);
  assert_ok(qy_sgx_key_derive(out, &fuses, fuses.cpu_svns[0], &secs, &request, NULL));
}

/* init_quote names the quoting enclave whose report comes back with the quote. */
static void announced_qe(qy_target_info *out, const recording *r)
{
  qy_report report;
  *out = (qy_target_info){0};
  if (r->qe_report.size == 0) {
    return;
  }
  assert_ok(qy_report_decode(&report, view_of(&r->qe_report), NULL));
  memcpy(out->mr_enclave, report.body.mr_enclave, 32);
  out->attributes = report.body.attributes;
}

/* ---- Replaying one side ---- */

static qy_status enclave_hears_msg2(fixture *f)
{
  parties *p = f->p;
  const recording *r = &f->r;
  qy_msg1 recorded;
  qy_target_info qe;
  assert_ok(qy_enclave_side_begin(&p->enclave, f->provider_public, qy_view_text("any"), NULL, &p->enclave_trace, NULL));
  p->enclave_bytes.bytes = r->script;
  p->enclave_bytes.size = sizeof(r->script);
  uint8_t msg1[QY_MSG1_SIZE];
  assert_ok(qy_msg1_decode(&recorded, qy_view_over(r->hello.at + 4, QY_MSG1_SIZE), NULL));
  assert_ok(qy_enclave_side_msg1(&p->enclave, msg1, recorded.group_id, &p->enclave_random, &p->enclave_trace, NULL));
  assert_memory_equal(msg1, r->hello.at + 4, QY_MSG1_SIZE);
  announced_qe(&qe, r);
  return qy_enclave_side_msg2(&p->enclave, &p->answer, qy_view_over(r->msg2.at, QY_MSG2_HEAD_SIZE), &qe,
                              &p->enclave_random, &p->enclave_trace, &p->why);
}

static qy_status enclave_makes_msg3(fixture *f)
{
  qy_report qe_report;
  QY_SCOPED_SECRET(key);
  assert_ok(qy_report_decode(&qe_report, view_of(&f->r.qe_report), NULL));
  enclave_report_key(&key, &f->r, &qe_report);
  return qy_enclave_side_msg3(&f->p->enclave, f->p->msg3, view_of(&f->r.quote), &qe_report, &key, &f->p->enclave_trace,
                              &f->p->why);
}

static qy_status provider_hears_msg1(fixture *f)
{
  uint32_t group_id = 0;
  qy_provider_side_begin(&f->p->side, QY_EVIDENCE_EPID);
  return qy_provider_side_msg1(&f->p->side, &group_id, view_of(&f->r.hello), &f->p->trace, &f->p->why);
}

/* With the recorded b, our msg2 differs from the recorded one in its signature (whose nonce is random) and so in its
 * MAC; the recorded head then takes its place. */
static void provider_says_msg2(fixture *f)
{
  parties *p = f->p;
  qy_msg2 recorded;
  assert_ok(qy_msg2_decode(&recorded, view_of(&f->r.msg2), NULL));
  p->provider = (qy_provider){.private_key = &f->provider_key, .kdf_id = QY_KDF_ID_INTEL};
  p->provider.quote_type = recorded.quote_type == 0 ? QY_UNLINKABLE : QY_LINKABLE;
  memcpy(p->provider.spid, recorded.spid, sizeof(recorded.spid));
  p->provider_bytes.bytes = f->r.b;
  p->provider_bytes.size = sizeof(f->r.b);
  assert_ok(qy_provider_side_msg2(&p->side, p->msg2, sizeof(p->msg2), &p->msg2_size, &p->provider, recorded.sigrl,
                                  &p->provider_random, &p->trace, NULL));
  assert_int_equal(p->msg2_size, f->r.msg2.size);
  assert_memory_equal(p->msg2, f->r.msg2.at, 80);
  assert_memory_equal(p->msg2 + 164, f->r.msg2.at + 164, p->msg2_size - 164);
  memcpy(p->side.msg2, f->r.msg2.at, QY_MSG2_HEAD_SIZE);
}

static qy_status provider_hears_msg3(fixture *f, const bytes *msg3)
{
  return qy_provider_side_msg3(&f->p->side, &f->p->evidence, &f->p->provider, view_of(msg3), &f->p->trace, &f->p->why);
}

static void assert_keys(const qy_session_keys *keys, const json_t *json)
{
  assert_member(keys->smk, 16, json, "smk");
  assert_member(keys->sk, 16, json, "sk");
  assert_member(keys->mk, 16, json, "mk");
  assert_member(keys->vk, 16, json, "vk");
}

/* The quotes of Intel's simulator leave xeid as 0xef bytes: refused for that alone, and taken once it is zero. */
static void provider_takes_simulators_msg3(fixture *f)
{
  static bytes mended;
  const qy_provider_side before = f->p->side;
  mended = f->r.msg3;
  assert_refused_by(provider_hears_msg3(f, &f->r.msg3), &f->p->trace, QY_CHECK_QUOTE_XEID);
  f->p->side = before;
  memset(mended.at + 336 + 12, 0, 4);
  const qy_view maced = qy_view_over(mended.at + 16, mended.size - 16);
  assert_ok(qy_cmac(mended.at, QY_VIEW_OF(before.keys.smk), &maced, 1, NULL));
  assert_ok(provider_hears_msg3(f, &mended));
  assert_memory_equal(f->p->evidence.report_data, mended.at + 336 + 368, 64);
}

/* ---- The files ---- */

static void each(const char *file, size_t count, void (*replay)(fixture *f))
{
  vectors_need();
  fixture *f = calloc(1, sizeof(*f));
  assert_non_null(f);
  static bytes key;
  json_t *positive = vectors_json("ra/positive.json");
  json_t *json = vectors_json(file);
  const json_t *list = json_object_get(json, "vectors");
  size_t index = 0;
  json_t *one = NULL;
  assert_true(member(&key, positive, "sp_pub_le"));
  memcpy(f->provider_public, key.at, 64);
  assert_true(member(&key, positive, "sp_priv_le"));
  f->provider_key.size = 32;
  qy_reverse(f->provider_key.bytes, key.at, 32);
  assert_int_equal(json_array_size(list), count);
  json_array_foreach(list, index, one)
  {
    load(f, one);
    f->p = parties_new(index + 1);
    replay(f);
    parties_free(f->p);
  }
  json_decref(json);
  json_decref(positive);
  free(f);
}

/* Intel's sample result message: MAC by MK over 97 bytes, secret by SK with a zero IV and no associated data. */
static void check_sample_result(const recording *r, const char *name, const qy_session_keys *keys)
{
  static bytes result;
  static const uint8_t zero_iv[12] = {0};
  uint8_t mac[16], plain[8];
  assert_true(member(&result, r->json, name));
  const qy_view maced = qy_view_over(result.at, 97);
  assert_ok(qy_cmac(mac, QY_VIEW_OF(keys->mk), &maced, 1, NULL));
  assert_memory_equal(mac, result.at + 97, 16);
  assert_ok(qy_gcm_open(plain, QY_VIEW_OF(keys->sk), QY_VIEW_OF(zero_iv), (qy_view){NULL, 0},
                        qy_view_over(result.at + 145, 8), result.at + 129, NULL));
  if (json_object_get(r->json, "msg4_secret_plain") != NULL) {
    assert_member(plain, 8, r->json, "msg4_secret_plain");
  }
  qy_msg4 msg4; /* and ours is another message */
  assert_int_not_equal(qy_msg4_decode(&msg4, view_of(&result), NULL), QY_OK);
}

/* The provider's answer to msg0: which attestation key it wants. Ours for enclaves under ECDSA is the same to the byte. */
static void check_key_id_list(const recording *r)
{
  static bytes list;
  qy_att_key_list decoded;
  qy_evidence_kind kind = QY_EVIDENCE_TDX;
  uint8_t again[QY_ATT_KEY_LIST_SIZE(1)];
  assert_true(member(&list, r->json, "msg0_resp_att_key_id_list"));
  assert_ok(qy_att_key_list_decode(&decoded, view_of(&list), NULL));
  assert_int_equal(decoded.count, 1);
  assert_int_equal(decoded.ids[0].mr_signer_size, QY_MEASUREMENT_SIZE);
  assert_true(qy_evidence_kind_of_key(&kind, &decoded.ids[0]));
  assert_int_equal(kind, QY_EVIDENCE_SGX);
  qy_evidence_offer(&decoded, 1u << QY_EVIDENCE_SGX, decoded.ids[0].spid, QY_LINKABLE);
  qy_att_key_list_encode(again, &decoded);
  assert_int_equal(list.size, sizeof(again));
  assert_memory_equal(again, list.at, sizeof(again));
}

static void replay_positive(fixture *f)
{
  parties *p = f->p;
  assert_ok(enclave_hears_msg2(f));
  assert_keys(&p->enclave.keys, f->r.json);
  assert_member(p->answer.nonce, 16, f->r.json, "qe_nonce");
  assert_memory_equal(p->answer.report_data, f->r.report.at + 320, 64);
  assert_ok(enclave_makes_msg3(f));
  assert_memory_equal(p->msg3, f->r.msg3.at, QY_MSG3_HEAD_SIZE);
  assert_memory_equal(f->r.quote.at, f->r.msg3.at + QY_MSG3_HEAD_SIZE, f->r.msg3.size - QY_MSG3_HEAD_SIZE);
  check_key_id_list(&f->r);
  assert_ok(provider_hears_msg1(f));
  provider_says_msg2(f);
  assert_keys(&p->side.keys, f->r.json);
  check_sample_result(&f->r, "msg4_sample_att_result", &p->side.keys);
  provider_takes_simulators_msg3(f);
}

static void positive_runs(void **state)
{
  (void)state;
  each("ra/positive.json", 5, replay_positive);
}

static void replay_published(fixture *f)
{
  parties *p = f->p;
  qy_msg2 msg2;
  qy_p256_public key;
  uint8_t signature[64], mac[16];
  bool valid = false;
  assert_ok(provider_hears_msg1(f));
  provider_says_msg2(f);
  assert_keys(&p->side.keys, f->r.json);
  const qy_session_keys keys = p->side.keys;
  assert_ok(qy_msg2_decode(&msg2, view_of(&f->r.msg2), NULL));
  const qy_view parts[] = {QY_VIEW_OF(msg2.g_b), qy_view_over(f->r.hello.at + 4, 64)};
  qy_p256_flip(key.bytes, f->provider_public);
  qy_p256_flip(signature, msg2.signature);
  assert_ok(qy_p256_verify(&valid, &key, parts, 2, signature, NULL));
  assert_true(valid);
  const qy_view maced = qy_view_over(f->r.msg2.at, 148);
  assert_ok(qy_cmac(mac, QY_VIEW_OF(keys.smk), &maced, 1, NULL));
  assert_memory_equal(mac, msg2.mac, 16);
  assert_ok(provider_hears_msg3(f, &f->r.msg3));
  assert_int_equal(p->evidence.bytes.size, 1116);
  assert_int_equal(p->evidence.ps_sec_prop.size, 0);
  check_sample_result(&f->r, "msg4_with_payload", &keys);
}

static void published_runs(void **state)
{
  (void)state;
  each("ra/intel-published.json", 2, replay_published);
}

/* Real quotes. Where the quoting enclave refused, the enclave itself had no objection to msg2. */
static void replay_epid(fixture *f)
{
  parties *p = f->p;
  qy_msg2_parts parts;
  assert_ok(enclave_hears_msg2(f));
  assert_keys(&p->enclave.keys, f->r.json);
  assert_memory_equal(p->answer.report_data, f->r.report.at + 320, 64);
  assert_ok(qy_msg2_split(&parts, view_of(&f->r.msg2), NULL));
  if (f->r.quote.size == 0) {
    return;
  }
  assert_int_equal(f->r.quote.size, parts.quote_size);
  assert_ok(enclave_makes_msg3(f));
  assert_memory_equal(p->msg3, f->r.msg3.at, QY_MSG3_HEAD_SIZE);
  assert_ok(provider_hears_msg1(f));
  provider_says_msg2(f);
  assert_ok(provider_hears_msg3(f, &f->r.msg3));
  assert_int_equal(p->evidence.epid.proof_count, p->side.proof_count);
}

static void epid_quotes(void **state)
{
  (void)state;
  each("ra/epid-quotes.json", 5, replay_epid);
}

/* ---- What Intel's side refused ---- */

typedef enum stage { BEGIN, HELLO, SPLIT, ENCLAVE_MSG2, ENCLAVE_MSG3, PROVIDER_MSG3, APPRAISAL } stage;

typedef struct refusal {
  const char *name;
  stage stage;
  qy_status status;
  qy_check_id check;
} refusal;

static const refusal refusals[] = {
    {"msg2-bad-mac", ENCLAVE_MSG2, QY_ERR_REFUSED, QY_CHECK_MSG2_MAC},
    {"msg2-bad-sp-signature", ENCLAVE_MSG2, QY_ERR_REFUSED, QY_CHECK_PROVIDER_SIGNATURE},
    {"msg2-bad-sp-signature-good-mac", ENCLAVE_MSG2, QY_ERR_REFUSED, QY_CHECK_PROVIDER_SIGNATURE},
    {"msg2-gb-off-curve", ENCLAVE_MSG2, QY_ERR_REFUSED, QY_CHECK_GB_POINT},
    {"msg2-gb-zero", ENCLAVE_MSG2, QY_ERR_REFUSED, QY_CHECK_GB_POINT},
    {"msg2-kdf-2", ENCLAVE_MSG2, QY_ERR_REFUSED, QY_CHECK_KDF},
    {"msg2-quote-type-7", APPRAISAL, QY_OK, QY_CHECK_NONE},
    {"msg2-spid-flip", ENCLAVE_MSG2, QY_ERR_REFUSED, QY_CHECK_MSG2_MAC},
    {"msg2-sigrl-size-mismatch", SPLIT, QY_ERR_MALFORMED, QY_CHECK_NONE},
    {"msg2-sigrl-bad-version", SPLIT, QY_ERR_MALFORMED, QY_CHECK_NONE},
    {"msg2-sigrl-bad-identifier", SPLIT, QY_ERR_MALFORMED, QY_CHECK_NONE},
    {"msg2-sigrl-zero-entries", SPLIT, QY_ERR_MALFORMED, QY_CHECK_NONE},
    {"wrong-sp-pubkey", ENCLAVE_MSG2, QY_ERR_REFUSED, QY_CHECK_PROVIDER_SIGNATURE},
    {"sp-pubkey-off-curve", BEGIN, QY_ERR_REFUSED, QY_CHECK_PROVIDER_KEY},
    {"qe-report-bad-mac", ENCLAVE_MSG3, QY_ERR_REFUSED, QY_CHECK_QE_REPORT_MAC},
    {"msg1-ga-off-curve", HELLO, QY_ERR_REFUSED, QY_CHECK_GA_POINT},
    {"msg1-short", HELLO, QY_ERR_TRUNCATED, QY_CHECK_MSG1_FORM},
    {"msg0-xgid-1", HELLO, QY_ERR_REFUSED, QY_CHECK_EXTENDED_GROUP},
    {"msg3-bad-mac", PROVIDER_MSG3, QY_ERR_REFUSED, QY_CHECK_MSG3_MAC},
    {"msg3-ga-changed", PROVIDER_MSG3, QY_ERR_REFUSED, QY_CHECK_MSG3_GA},
    {"msg3-ps-sec-prop-changed", PROVIDER_MSG3, QY_ERR_REFUSED, QY_CHECK_MSG3_MAC},
    {"msg3-quote-changed", PROVIDER_MSG3, QY_ERR_REFUSED, QY_CHECK_MSG3_MAC},
    {"msg3-report-data-changed-good-mac", PROVIDER_MSG3, QY_ERR_REFUSED, QY_CHECK_REPORT_DATA},
    {"msg3-truncated", PROVIDER_MSG3, QY_ERR_TRUNCATED, QY_CHECK_MSG3_FORM},
    {"ias-group-revoked", APPRAISAL, QY_OK, QY_CHECK_NONE},
    {"ias-unreachable", APPRAISAL, QY_OK, QY_CHECK_NONE},
};

static const refusal *refusal_of(const char *name)
{
  for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
    if (strcmp(refusals[i].name, name) == 0) {
      return &refusals[i];
    }
  }
  fail_msg("no row for %s", name);
  return NULL;
}

/* The generator: a point, and not the provider's key. */
static void another_provider_key(uint8_t out[64], bool on_curve)
{
  const qy_secret one = {.size = 32, .bytes = {[31] = 1}};
  qy_p256_public generator;
  assert_ok(qy_p256_public_of(&generator, &one, NULL));
  qy_p256_flip(out, generator.bytes);
  out[32] ^= on_curve ? 0 : 1;
}

static qy_status replay_hello_stage(fixture *f)
{
  f->r.hello.at[0] = strcmp(f->r.name, "msg0-xgid-1") == 0 ? 1 : 0; /* the recording kept the untampered msg0 */
  return provider_hears_msg1(f);
}

/* The simulator's xeid would be refused before the report data: mend it, and the MAC over it. */
static qy_status replay_msg3_stage(fixture *f, const refusal *row)
{
  static bytes msg3;
  msg3 = f->r.msg3;
  assert_ok(provider_hears_msg1(f));
  provider_says_msg2(f);
  if (row->check == QY_CHECK_REPORT_DATA) {
    memset(msg3.at + 336 + 12, 0, 4);
    const qy_view maced = qy_view_over(msg3.at + 16, msg3.size - 16);
    assert_ok(qy_cmac(msg3.at, QY_VIEW_OF(f->p->side.keys.smk), &maced, 1, NULL));
  }
  return provider_hears_msg3(f, &msg3);
}

static qy_status replay_stage(fixture *f, const refusal *row)
{
  uint8_t key[64];
  qy_msg2_parts parts;
  switch (row->stage) {
  case BEGIN:
    another_provider_key(key, false);
    return qy_enclave_side_begin(&f->p->enclave, key, qy_view_text("any"), NULL, &f->p->enclave_trace, &f->p->why);
  case HELLO:
    return replay_hello_stage(f);
  case SPLIT:
    return qy_msg2_split(&parts, view_of(&f->r.msg2), &f->p->why);
  case ENCLAVE_MSG2:
    return enclave_hears_msg2(f);
  case ENCLAVE_MSG3:
    assert_ok(enclave_hears_msg2(f));
    return enclave_makes_msg3(f);
  case PROVIDER_MSG3:
    return replay_msg3_stage(f, row);
  case APPRAISAL:
  default:
    assert_ok(enclave_hears_msg2(f));
    assert_ok(enclave_makes_msg3(f));
    assert_memory_equal(f->p->msg3, f->r.msg3.at, QY_MSG3_HEAD_SIZE);
    assert_ok(provider_hears_msg1(f));
    provider_says_msg2(f);
    provider_takes_simulators_msg3(f);
    return QY_OK;
  }
}

static void replay_negative(fixture *f)
{
  const refusal *row = refusal_of(f->r.name);
  uint8_t genuine[64];
  memcpy(genuine, f->provider_public, sizeof(genuine));
  if (strcmp(f->r.name, "wrong-sp-pubkey") == 0) {
    another_provider_key(f->provider_public, true);
  }
  const qy_status status = replay_stage(f, row);
  memcpy(f->provider_public, genuine, sizeof(genuine));
  if (status != row->status) {
    fail_msg("%s: %s, expected %s", row->name, qy_status_name(status), qy_status_name(row->status));
  }
  if (row->stage == APPRAISAL) {
    return;
  }
  const bool at_enclave = row->stage == BEGIN || row->stage == ENCLAVE_MSG2 || row->stage == ENCLAVE_MSG3;
  const qy_check_id check = failed_check(at_enclave ? &f->p->enclave_trace : &f->p->trace);
  if (check != row->check) {
    fail_msg("%s: by %s, expected %s", row->name, qy_check_name(check), qy_check_name(row->check));
  }
}

static void negative_runs(void **state)
{
  (void)state;
  each("ra/negative.json", sizeof(refusals) / sizeof(refusals[0]), replay_negative);
}

/* ---- The other sample provider ---- */

/* What this sample refuses, and by which of our checks; whatever it goes on to appraise we accept too. */
static qy_check_id sample_refusal(const char *name)
{
  if (strcmp(name, "xgid-1") == 0) {
    return QY_CHECK_EXTENDED_GROUP;
  }
  if (strcmp(name, "ga-off-curve") == 0) {
    return QY_CHECK_GA_POINT;
  }
  if (strcmp(name, "msg3-bad-mac") == 0) {
    return QY_CHECK_MSG3_MAC;
  }
  return strcmp(name, "msg3-bad-ga") == 0 ? QY_CHECK_MSG3_GA : QY_CHECK_NONE;
}

static void replay_sample(fixture *f)
{
  static bytes msg4;
  const qy_check_id refused_by = sample_refusal(f->r.name);
  const qy_status first = provider_hears_msg1(f);
  if (f->r.msg2.size == 0) {
    assert_refused_by(first, &f->p->trace, refused_by);
    return;
  }
  assert_ok(first);
  assert_ok(enclave_hears_msg2(f));
  assert_member(f->p->enclave.keys.smk, 16, f->r.json, "smk");
  assert_member(f->p->enclave.keys.mk, 16, f->r.json, "mk");
  provider_says_msg2(f);
  assert_member(f->p->side.keys.sk, 16, f->r.json, "sk");
  const qy_status last = provider_hears_msg3(f, &f->r.msg3);
  if (refused_by != QY_CHECK_NONE) {
    assert_refused_by(last, &f->p->trace, refused_by);
    return;
  }
  assert_ok(last);
  /* P13: the sample's msg4 carries a bare status that anyone could have written. */
  qy_msg4 decoded;
  assert_true(member(&msg4, f->r.json, "msg4"));
  assert_int_equal(msg4.size, 105);
  assert_int_not_equal(qy_msg4_decode(&decoded, view_of(&msg4), NULL), QY_OK);
}

static void sample_transcripts(void **state)
{
  (void)state;
  each("ra/ra-sample-transcripts.json", 13, replay_sample);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(positive_runs), cmocka_unit_test(published_runs),     cmocka_unit_test(epid_quotes),
      cmocka_unit_test(negative_runs), cmocka_unit_test(sample_transcripts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
