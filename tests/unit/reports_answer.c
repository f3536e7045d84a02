/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to a signed report: every status there is, brought about by real signatures and published state. */
#include "reports_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/limits.h>
#include <crypto/hash.h>
#include <crypto/x509.h>
#include <json/json.h>
#include <registry/tcb.h>
#include <reports/answer.h>
#include <reports/request.h>
#include <sgx/endorsements.h>

typedef struct fixture {
  char folder[QY_PATH_SIZE];
  uint32_t gid;
  test_member member;
  qy_reports_keys keys;
  qy_reports_cache *cache;
  qy_reports_context context;
  qy_subscription caller;
  qy_trace *trace;
  qy_reports_answer answer;
  json_t *report; /* of the last answer */
} fixture;

static fixture f;

static int make(void **state)
{
  (void)state;
  memset(&f, 0, sizeof f);
  endorser_make(f.folder);
  f.gid = first_group(f.folder);
  member_make(&f.member, f.folder, f.gid);
  qy_reports_keys_init(&f.keys);
  assert_ok(qy_reports_keys_load(&f.keys, f.folder, &assert_why));
  assert_ok(qy_reports_cache_new(&f.cache, f.folder, &f.keys.epid_ca, &assert_why));
  f.context = (qy_reports_context){.keys = &f.keys, .cache = f.cache};
  memcpy(f.caller.spid, TEST_SPID, sizeof f.caller.spid);
  f.trace = calloc(1, sizeof *f.trace);
  qy_reports_answer_init(&f.answer);
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  json_decref(f.report);
  qy_reports_answer_clear(&f.answer);
  qy_reports_cache_free(&f.cache);
  qy_reports_keys_clear(&f.keys);
  member_free(&f.member);
  free(f.trace);
  scratch_remove(f.folder);
  return 0;
}

/* ---- Asking ---- */

static qy_status ask_bytes(unsigned version, qy_view quote, const char *nonce, bool manifest)
{
  __attribute__((cleanup(qy_report_request_clear))) qy_report_request request;
  qy_report_request_init(&request);
  QY_SCOPED_BUFFER(body, 1u << 20);
  qy_buffer_append(&request.quote, quote.bytes, quote.size);
  request.has_nonce = nonce != NULL;
  (void)snprintf(request.nonce, sizeof request.nonce, "%s", nonce == NULL ? "" : nonce);
  request.has_manifest = manifest;
  memset(request.manifest, 0x77, sizeof request.manifest);
  assert_ok(qy_report_request_encode(&body, &request, &assert_why));
  json_decref(f.report);
  f.report = NULL;
  memset(f.trace, 0, sizeof *f.trace);
  return qy_reports_answer_make(&f.answer, &f.context, version, &f.caller, qy_buffer_view(&body),
                                (int64_t)NOW_S * 1000000 + 123456, f.trace, NULL);
}

/* The report must be what the key in the chain signed, byte for byte; then it is parsed. */
static void read_report(void)
{
  bool valid = false;
  qy_rsa_public key;
  QY_SCOPED_CHAIN(chain);
  QY_SCOPED_BUFFER(pem, 65536);
  QY_SCOPED_BUFFER(signature, 512);
  read_below(&pem, f.folder, "reports/report-chain.pem");
  assert_ok(qy_chain_from_pem(&chain, qy_buffer_view(&pem), &assert_why));
  assert_ok(qy_certificate_rsa_key(&key, chain.certificates[0], &assert_why));
  qy_base64_decode_append(&signature, qy_buffer_view(&f.answer.signature));
  const qy_view body = qy_buffer_view(&f.answer.body);
  assert_ok(qy_rsa_verify(&valid, &key, &body, 1, qy_buffer_view(&signature), &assert_why));
  assert_true(valid);
  assert_ok(qy_json_parse(&f.report, body, &assert_why));
}

static const char *text_of(const char *member)
{
  return json_string_value(json_object_get(f.report, member));
}

/* Asks about a quote of the fixture's member and returns the status that the report gives. */
static const char *ask(unsigned version, const test_member *member, const quote_recipe *recipe)
{
  QY_SCOPED_BUFFER(quote, 1u << 20);
  quote_make(&quote, f.folder, member, recipe);
  f.caller.linkable = recipe->linkable;
  const qy_status status = ask_bytes(version, qy_buffer_view(&quote), NULL, false);
  if (status != QY_OK) {
    return qy_status_name(status);
  }
  read_report();
  return text_of("isvEnclaveQuoteStatus");
}

static qy_status refusal(const test_member *member, const quote_recipe *recipe, bool caller_linkable)
{
  QY_SCOPED_BUFFER(quote, 1u << 20);
  quote_make(&quote, f.folder, member, recipe);
  f.caller.linkable = caller_linkable;
  return ask_bytes(4, qy_buffer_view(&quote), NULL, false);
}

static void platform_info_of(qy_platform_info *out)
{
  qy_p256_public key;
  QY_SCOPED_BUFFER(pem, 65536);
  const char *hex = text_of("platformInfoBlob");
  assert_non_null(hex);
  assert_int_equal(strlen(hex), 210);
  assert_memory_equal(hex, "15020065", 8);
  assert_int_equal(strspn(hex, "0123456789ABCDEF"), 210);
  assert_ok(qy_platform_info_decode_hex(out, qy_view_text(hex), &assert_why));
  read_below(&pem, f.folder, "public/pib.pem");
  assert_ok(qy_p256_public_from_pem(&key, qy_buffer_view(&pem), &assert_why));
  assert_ok(qy_platform_info_verify(NULL, out, &key, &assert_why));
  assert_int_equal(out->group_id, f.gid);
}

static void edit_policy(void (*edit)(qy_tcb_policy *policy))
{
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  assert_ok(qy_tcb_levels_load(&levels, f.folder, &assert_why));
  assert_ok(qy_tcb_policy_load(&policy, f.folder, &levels, &assert_why));
  edit(&policy);
  assert_ok(qy_tcb_policy_store(f.folder, &policy, &assert_why));
}

static qy_status revoke_signature_of(const test_member *member)
{
  const quote_recipe recipe = {.linkable = true};
  QY_SCOPED_BUFFER(quote, 65536);
  QY_SCOPED_BUFFER(request, 65536);
  quote_make(&quote, f.folder, member, &recipe);
  assert_ok(qy_reports_signature_request(&request, f.folder, qy_buffer_view(&quote), NULL, &assert_why));
  return qy_endorser_revoke_signature(f.folder, qy_buffer_view(&request), NULL, NULL);
}

/* ---- Good quotes ---- */

static void good_quote_is_ok(void **state)
{
  (void)state;
  const quote_recipe recipe = {0};
  QY_SCOPED_BUFFER(quote, 65536);
  quote_make(&quote, f.folder, &f.member, &recipe);
  assert_ok(ask_bytes(4, qy_buffer_view(&quote), "0123456789abcdef0123456789abcdef", false));
  read_report();
  assert_string_equal(text_of("isvEnclaveQuoteStatus"), "OK");
  assert_string_equal(text_of("nonce"), "0123456789abcdef0123456789abcdef");
  assert_string_equal(text_of("timestamp"), "2026-11-23T10:00:00.123456");
  assert_int_equal(json_integer_value(json_object_get(f.report, "version")), 4);
  const char *id = text_of("id");
  assert_int_equal(strspn(id, "0123456789"), strlen(id));
  assert_true(strlen(id) > 20 && strlen(id) <= 39);
  QY_SCOPED_BUFFER(echoed, 4096);
  assert_ok(qy_json_base64(&echoed, f.report, "isvEnclaveQuoteBody", "report", &assert_why));
  assert_int_equal(echoed.size, 432);
  assert_memory_equal(echoed.bytes, quote.bytes, 432);
  assert_int_equal(json_object_size(f.report), 6); /* nothing more: no pseudonym of an unlinkable quote */
  assert_null(qy_trace_failed(f.trace));
}

/* E09: linkable quotes of one member under one SPID carry one pseudonym, others another. */
static void pseudonyms_link(void **state)
{
  (void)state;
  static const uint8_t OTHER_SPID[QY_SPID_SIZE] = {9, 9, 9};
  char first[200];
  test_member other;
  quote_recipe recipe = {.linkable = true};
  member_make(&other, f.folder, f.gid);
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  QY_SCOPED_BUFFER(pseudonym, 128);
  assert_ok(qy_json_base64(&pseudonym, f.report, "epidPseudonym", "report", &assert_why));
  assert_int_equal(pseudonym.size, 128);
  assert_memory_equal(pseudonym.bytes, last_plain_signature().bytes, 128);
  (void)snprintf(first, sizeof first, "%s", text_of("epidPseudonym"));
  assert_string_equal(ask(3, &f.member, &recipe), "OK");
  assert_string_equal(text_of("epidPseudonym"), first);
  assert_string_equal(ask(4, &other, &recipe), "OK");
  assert_string_not_equal(text_of("epidPseudonym"), first);
  assert_memory_equal(text_of("epidPseudonym"), first, 84); /* B is the SPID's, K the member's */
  recipe.spid = OTHER_SPID;
  memcpy(f.caller.spid, OTHER_SPID, sizeof OTHER_SPID);
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  assert_string_not_equal(text_of("epidPseudonym"), first);
  member_free(&other);
}

/* ---- What is answered 400 ---- */

static void callers_get_only_their_own(void **state)
{
  (void)state;
  static const uint8_t OTHER_SPID[QY_SPID_SIZE] = {9, 9, 9};
  quote_recipe recipe = {.linkable = true};
  assert_int_equal(refusal(&f.member, &recipe, false), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_SIGN_TYPE);
  recipe.linkable = false;
  assert_int_equal(refusal(&f.member, &recipe, true), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_SIGN_TYPE);
  recipe.spid = OTHER_SPID;
  assert_int_equal(refusal(&f.member, &recipe, false), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_SPID);
  recipe = (quote_recipe){.xeid = 1};
  assert_int_equal(refusal(&f.member, &recipe, false), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_EXTENDED_GROUP);
  uint32_t nobody = f.gid + 1;
  recipe = (quote_recipe){.gid = &nobody};
  assert_int_equal(refusal(&f.member, &recipe, false), QY_ERR_NOT_FOUND);
  assert_int_equal(f.answer.body.size, 0);
}

static void malformed_quotes_get_no_report(void **state)
{
  (void)state;
  const quote_recipe recipe = {0};
  QY_SCOPED_BUFFER(quote, 65536);
  quote_make(&quote, f.folder, &f.member, &recipe);
  for (size_t size = 0; size < quote.size; size += 3) {
    const qy_status status = ask_bytes(4, qy_view_over(quote.bytes, size), NULL, false);
    assert_true(status == QY_ERR_TRUNCATED || status == QY_ERR_MALFORMED);
  }
  qy_buffer_append(&quote, "x", 1);
  assert_int_equal(ask_bytes(4, qy_buffer_view(&quote), NULL, false), QY_ERR_MALFORMED);
  quote.size--;
  quote.bytes[0] = 3; /* version */
  assert_int_equal(ask_bytes(4, qy_buffer_view(&quote), NULL, false), QY_ERR_UNSUPPORTED);
  quote.bytes[0] = 2;
  assert_int_equal(ask_bytes(4, qy_buffer_view(&quote), "0123456789abcdef0123456789abcdef0", false), QY_ERR_LIMIT);
}

/* ---- Signatures ---- */

static void spoil_first(uint8_t *plain, size_t size)
{
  (void)size;
  plain[300] ^= 1;
}

static void bad_signatures_are_invalid(void **state)
{
  (void)state;
  quote_recipe recipe = {.linkable = true, .spoil = spoil_first};
  assert_string_equal(ask(4, &f.member, &recipe), "SIGNATURE_INVALID");
  assert_non_null(text_of("epidPseudonym")); /* as the real service tells it */
  assert_null(text_of("platformInfoBlob"));
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_SIGNATURE);
  /* The body is what is signed: every part of it counts. */
  static const size_t AT[] = {8, 10, 40, 48, 100, 150, 431};
  recipe = (quote_recipe){0};
  for (size_t i = 0; i < sizeof AT / sizeof AT[0]; i++) {
    QY_SCOPED_BUFFER(quote, 65536);
    quote_make(&quote, f.folder, &f.member, &recipe);
    quote.bytes[AT[i]] ^= 1;
    f.caller.linkable = false;
    assert_ok(ask_bytes(4, qy_buffer_view(&quote), NULL, false));
    read_report();
    assert_string_equal(text_of("isvEnclaveQuoteStatus"), "SIGNATURE_INVALID");
  }
}

/* The sealed envelope is not the message: what does not open is a bad signature, never an error of the service. */
static void broken_seals_are_invalid(void **state)
{
  (void)state;
  static const struct {
    size_t at;
    qy_check_id check;
  } ROWS[] = {{436, QY_CHECK_QUOTE_WRAP_KEY},
              {436 + 256, QY_CHECK_QUOTE_KEY_HASH},
              {436 + 288, QY_CHECK_QUOTE_SIGNATURE_TAG},
              {436 + 304, QY_CHECK_QUOTE_SIGNATURE_TAG},
              {1115, QY_CHECK_QUOTE_SIGNATURE_TAG}};
  const quote_recipe recipe = {.linkable = true};
  f.caller.linkable = true;
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    QY_SCOPED_BUFFER(quote, 65536);
    quote_make(&quote, f.folder, &f.member, &recipe);
    quote.bytes[ROWS[i].at] ^= 1;
    assert_ok(ask_bytes(4, qy_buffer_view(&quote), NULL, false));
    read_report();
    assert_string_equal(text_of("isvEnclaveQuoteStatus"), "SIGNATURE_INVALID");
    assert_int_equal(qy_trace_failed(f.trace)->id, ROWS[i].check);
    assert_null(text_of("epidPseudonym")); /* there is none to be had */
  }
}

/* E09: a signature made under another basename than the quote shows. */
static void wrong_basename_is_invalid(void **state)
{
  (void)state;
  static const uint8_t BASENAME[32] = {1};
  const quote_recipe recipe = {.linkable = true, .signed_basename = BASENAME};
  assert_string_equal(ask(4, &f.member, &recipe), "SIGNATURE_INVALID");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_BASENAME);
}

/* E17: the group that the quote names is the one whose key verifies it. */
static void other_group_is_invalid(void **state)
{
  (void)state;
  uint32_t other = 0;
  const qy_group_tcb tcb = {.cpu_svn_level = 5, .pve_svn = 1, .pce_svn = 1};
  assert_ok(qy_endorser_add_group(&other, f.folder, &tcb, &assert_why));
  const quote_recipe recipe = {.gid = &other};
  assert_string_equal(ask(4, &f.member, &recipe), "SIGNATURE_INVALID");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_SIGNATURE);
}

/* ---- Revocation: E11, E12 ---- */

static void revoked_group(void **state)
{
  (void)state;
  qy_platform_info info;
  const quote_recipe recipe = {0};
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  assert_ok(qy_endorser_revoke_group(f.folder, f.gid, 4, &assert_why));
  assert_string_equal(ask(4, &f.member, &recipe), "GROUP_REVOKED"); /* the running service takes it up */
  assert_int_equal(json_integer_value(json_object_get(f.report, "revocationReason")), 4);
  platform_info_of(&info);
  assert_int_equal(info.epid_group_flags, QY_GROUP_REVOKED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_GROUP_REVOKED);
  const quote_recipe spoiled = {.spoil = spoil_first}; /* a bad signature says nothing of the group */
  assert_string_equal(ask(4, &f.member, &spoiled), "SIGNATURE_INVALID");
}

static void revoked_key(void **state)
{
  (void)state;
  uint8_t key[QY_EPID_MEMBER_KEY_SIZE];
  test_member other;
  const quote_recipe recipe = {0};
  member_make(&other, f.folder, f.gid);
  member_key_bytes(key, &f.member);
  assert_ok(qy_endorser_revoke_key(f.folder, QY_VIEW_OF(key), NULL, &assert_why));
  assert_string_equal(ask(4, &f.member, &recipe), "KEY_REVOKED");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_KEY_REVOKED);
  assert_null(text_of("platformInfoBlob"));
  assert_string_equal(ask(4, &other, &recipe), "OK");
  member_free(&other);
}

static void revoked_signature(void **state)
{
  (void)state;
  test_member other;
  QY_SCOPED_GROUP(group);
  member_make(&other, f.folder, f.gid);
  assert_int_equal(revoke_signature_of(&f.member), QY_OK);
  load_group(&group, f.folder, f.gid);
  quote_recipe recipe = {.sigrl = &group.sigrl};
  assert_string_equal(ask(4, &f.member, &recipe), "SIGNATURE_REVOKED");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_SIGNATURE_REVOKED);
  assert_string_equal(ask(4, &other, &recipe), "OK");
  member_free(&other);
}

static void stale_sigrl(void **state)
{
  (void)state;
  test_member bad[2];
  QY_SCOPED_GROUP(older);
  QY_SCOPED_GROUP(newer);
  member_make(&bad[0], f.folder, f.gid);
  member_make(&bad[1], f.folder, f.gid);
  assert_int_equal(revoke_signature_of(&bad[0]), QY_OK);
  load_group(&older, f.folder, f.gid);
  assert_int_equal(revoke_signature_of(&bad[1]), QY_OK);
  load_group(&newer, f.folder, f.gid);
  quote_recipe recipe = {.sigrl = &older.sigrl};
  assert_string_equal(ask(4, &f.member, &recipe), "SIGRL_VERSION_MISMATCH");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_SIGRL_VERSION);
  recipe.sigrl = NULL; /* the list was stripped from msg2 on its way */
  assert_string_equal(ask(4, &f.member, &recipe), "SIGRL_VERSION_MISMATCH");
  recipe.sigrl = &newer.sigrl;
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  member_free(&bad[0]);
  member_free(&bad[1]);
}

static void claim_newest_version(uint8_t *plain, size_t size)
{
  (void)size;
  plain[355] = 2;
}

static void swap_proofs(uint8_t *plain, size_t size)
{
  uint8_t first[160];
  assert_int_equal(size, 360 + 320);
  memcpy(first, plain + 360, 160);
  memcpy(plain + 360, plain + 520, 160);
  memcpy(plain + 520, first, 160);
}

static void double_first_proof(uint8_t *plain, size_t size)
{
  assert_int_equal(size, 360 + 320);
  memcpy(plain + 520, plain + 360, 160);
}

/* E11: the proofs must be those of the list's entries, one each and in order. */
static void tampered_proofs(void **state)
{
  (void)state;
  test_member bad[2];
  QY_SCOPED_GROUP(older);
  QY_SCOPED_GROUP(newer);
  member_make(&bad[0], f.folder, f.gid);
  member_make(&bad[1], f.folder, f.gid);
  assert_int_equal(revoke_signature_of(&bad[0]), QY_OK);
  load_group(&older, f.folder, f.gid);
  assert_int_equal(revoke_signature_of(&bad[1]), QY_OK);
  load_group(&newer, f.folder, f.gid);
  quote_recipe recipe = {.sigrl = &newer.sigrl, .spoil = swap_proofs};
  assert_string_equal(ask(4, &f.member, &recipe), "SIGNATURE_REVOKED");
  recipe.spoil = double_first_proof;
  assert_string_equal(ask(4, &f.member, &recipe), "SIGNATURE_REVOKED");
  recipe = (quote_recipe){.sigrl = &older.sigrl, .spoil = claim_newest_version}; /* one proof of two */
  assert_string_equal(ask(4, &f.member, &recipe), "SIGNATURE_INVALID");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_EPID_SIGRL_COUNT);
  member_free(&bad[0]);
  member_free(&bad[1]);
}

/* Where a list had existed and its entries are gone, an old list's proofs are not looked at, and so not believed. */
static void emptied_sigrl(void **state)
{
  (void)state;
  uint8_t key[QY_EPID_MEMBER_KEY_SIZE];
  test_member bad;
  QY_SCOPED_GROUP(older);
  QY_SCOPED_BUFFER(text, 4096);
  member_make(&bad, f.folder, f.gid);
  assert_int_equal(revoke_signature_of(&bad), QY_OK);
  load_group(&older, f.folder, f.gid);
  assert_ok(qy_reports_sigrl_make(&text, &f.context, f.gid, NULL, &assert_why));
  assert_int_equal(text.size, 4 * ((80 + 128 + 2) / 3));
  member_key_bytes(key, &bad);
  assert_ok(qy_endorser_revoke_key(f.folder, QY_VIEW_OF(key), NULL, &assert_why));
  quote_recipe recipe = {0};
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  recipe.sigrl = &older.sigrl;
  assert_string_equal(ask(4, &f.member, &recipe), "SIGRL_VERSION_MISMATCH");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_SIGRL_ABSENT);
  qy_buffer_clear(&text);
  qy_buffer_init(&text, 4096);
  assert_ok(qy_reports_sigrl_make(&text, &f.context, f.gid, NULL, &assert_why));
  assert_int_equal(text.size, 0);
  member_free(&bad);
}

/* ---- Lists on disk ---- */

static void sigrl_name(char name[QY_PATH_SIZE], const char *file)
{
  (void)snprintf(name, QY_PATH_SIZE, "public/groups/%08x/%s", f.gid, file);
}

/* Putting an old list back, or taking the list away, changes nothing while the service runs. */
static void lists_do_not_get_older(void **state)
{
  (void)state;
  char name[QY_PATH_SIZE];
  char path[QY_PATH_SIZE];
  test_member bad;
  QY_SCOPED_BUFFER(older, 65536);
  const quote_recipe recipe = {0};
  member_make(&bad, f.folder, f.gid);
  assert_int_equal(revoke_signature_of(&bad), QY_OK);
  sigrl_name(name, "sigrl.bin");
  read_below(&older, f.folder, name);
  assert_int_equal(revoke_signature_of(&f.member), QY_OK);
  QY_SCOPED_GROUP(newer);
  load_group(&newer, f.folder, f.gid);
  const quote_recipe with_list = {.sigrl = &newer.sigrl};
  assert_string_equal(ask(4, &f.member, &with_list), "SIGNATURE_REVOKED");
  write_below(f.folder, name, qy_buffer_view(&older));
  assert_string_equal(ask(4, &f.member, &with_list), "SIGNATURE_REVOKED");
  assert_ok(qy_path_join(path, sizeof path, f.folder, name, &assert_why));
  assert_int_equal(unlink(path), 0);
  assert_string_equal(ask(4, &f.member, &recipe), "SIGRL_VERSION_MISMATCH");
  member_free(&bad);
}

/* GroupRL too, also for a group that was not asked for before. */
static void grouprl_does_not_get_older(void **state)
{
  (void)state;
  char path[QY_PATH_SIZE];
  uint32_t other = 0;
  test_member elsewhere;
  const qy_group_tcb tcb = {.cpu_svn_level = 5, .pve_svn = 1, .pce_svn = 1};
  const quote_recipe recipe = {0};
  assert_ok(qy_endorser_add_group(&other, f.folder, &tcb, &assert_why));
  member_make(&elsewhere, f.folder, other);
  assert_ok(qy_endorser_revoke_group(f.folder, f.gid, 1, &assert_why));
  assert_string_equal(ask(4, &f.member, &recipe), "GROUP_REVOKED");
  assert_ok(qy_path_join(path, sizeof path, f.folder, "public/grouprl.bin", &assert_why));
  assert_int_equal(unlink(path), 0);
  assert_string_equal(ask(4, &f.member, &recipe), "GROUP_REVOKED");
  qy_held_group held;
  qy_error why = {0};
  assert_int_equal(qy_reports_cache_hold(&held, f.cache, other, &why), QY_ERR_REFUSED); /* reports-list-version */
  assert_non_null(strstr(why.message, "older than the one in use"));
  assert_string_equal(ask(4, &elsewhere, &recipe), "internal"); /* no answer is better than an unsure one */
  member_free(&elsewhere);
}

/* Nobody without a key, nor with another: by one check. */
static void callers_are_known_by_their_key(void **state)
{
  (void)state;
  qy_subscription_keys keys;
  qy_subscription found;
  static const char *const wrong[] = {NULL, "", "0", "00000000000000000000000000000000"};
  const uint8_t spid[QY_SPID_SIZE] = {7};
  assert_ok(qy_reports_subscribe(&keys, f.folder, spid, true, "someone", &assert_why));
  assert_ok(qy_reports_cache_subscription(&found, f.cache, keys.primary, f.trace, &assert_why));
  assert_memory_equal(found.spid, spid, sizeof spid);
  assert_int_equal(qy_trace_find(f.trace, QY_CHECK_REPORTS_SUBSCRIPTION_KEY)->outcome, QY_OUTCOME_HELD);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    memset(f.trace, 0, sizeof *f.trace);
    assert_int_equal(qy_reports_cache_subscription(&found, f.cache, wrong[i], f.trace, NULL), QY_ERR_DENIED);
    assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_SUBSCRIPTION_KEY);
    assert_true(qy_view_is_zero(qy_view_over(&found, sizeof found)));
  }
}

static void damaged_lists_leave_the_known_ones(void **state)
{
  (void)state;
  char name[QY_PATH_SIZE];
  const quote_recipe recipe = {0};
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  sigrl_name(name, "privrl.bin");
  write_below(f.folder, name, qy_view_text("no list at all"));
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  sigrl_name(name, "tcb.json");
  write_below(f.folder, name, qy_view_text("{}"));
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  qy_reports_cache_free(&f.cache); /* a service that begins now knows nothing better, and so says nothing */
  assert_ok(qy_reports_cache_new(&f.cache, f.folder, &f.keys.epid_ca, &assert_why));
  f.context.cache = f.cache;
  assert_string_equal(ask(4, &f.member, &recipe), "internal");
}

static void sigrl_forms_must_agree(void **state)
{
  (void)state;
  char name[QY_PATH_SIZE];
  test_member bad;
  QY_SCOPED_BUFFER(older, 65536);
  QY_SCOPED_BUFFER(text, 65536);
  member_make(&bad, f.folder, f.gid);
  assert_int_equal(revoke_signature_of(&bad), QY_OK);
  sigrl_name(name, "sigrl.sgx");
  read_below(&older, f.folder, name);
  assert_int_equal(revoke_signature_of(&f.member), QY_OK);
  write_below(f.folder, name, qy_buffer_view(&older));
  memset(f.trace, 0, sizeof *f.trace);
  assert_int_equal(qy_reports_sigrl_make(&text, &f.context, f.gid, f.trace, NULL), QY_ERR_BUSY);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_LIST_FORMS);
  assert_ok(qy_endorser_mend(f.folder, &assert_why));
  assert_ok(qy_reports_sigrl_make(&text, &f.context, f.gid, NULL, &assert_why));
  qy_buffer_clear(&text);
  qy_buffer_init(&text, 65536);
  qy_buffer_clear(&older);
  qy_buffer_init(&older, 65536);
  read_below(&older, f.folder, name);
  older.bytes[older.size - 1] ^= 1; /* signed by nobody */
  write_below(f.folder, name, qy_buffer_view(&older));
  memset(f.trace, 0, sizeof *f.trace);
  assert_int_equal(qy_reports_sigrl_make(&text, &f.context, f.gid, f.trace, NULL), QY_ERR_REFUSED);
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_SIGRL_SIGNATURE);
  assert_int_equal(text.size, 0);
  assert_int_equal(qy_reports_sigrl_make(&text, &f.context, f.gid + 1, NULL, NULL), QY_ERR_NOT_FOUND);
  member_free(&bad);
}

/* ---- TCB ---- */

static void raise_everything(qy_tcb_policy *policy)
{
  policy->cpu_svn_level = 5;
  policy->qe_svn = 2;
  policy->pce_svn = 2;
  policy->out_of_date.count = 2;
  strcpy(policy->out_of_date.ids[0], "INTEL-SA-00334");
  strcpy(policy->out_of_date.ids[1], "INTEL-SA-00615");
  strcpy(policy->advisory_url, "https://advisories.example");
}

static void out_of_date(void **state)
{
  (void)state;
  qy_platform_info info;
  const quote_recipe recipe = {.cpu_svn_level = 4};
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  edit_policy(raise_everything);
  assert_string_equal(ask(4, &f.member, &recipe), "GROUP_OUT_OF_DATE");
  platform_info_of(&info);
  assert_int_equal(info.epid_group_flags, QY_GROUP_OUT_OF_DATE);
  assert_int_equal(info.tcb_flags, QY_TCB_CPU_SVN_OUT_OF_DATE | QY_TCB_QE_SVN_OUT_OF_DATE | QY_TCB_PCE_SVN_OUT_OF_DATE);
  assert_string_equal(text_of("advisoryURL"), "https://advisories.example");
  const json_t *ids = json_object_get(f.report, "advisoryIDs");
  assert_int_equal(json_array_size(ids), 2);
  assert_string_equal(json_string_value(json_array_get(ids, 1)), "INTEL-SA-00615");
  assert_int_equal(f.answer.advisory_ids.size, 0); /* version 4 needs no header for them */
  assert_string_equal(ask(3, &f.member, &recipe), "GROUP_OUT_OF_DATE");
  assert_false(qy_json_has(f.report, "advisoryIDs"));
  assert_false(qy_json_has(f.report, "advisoryURL"));
  assert_string_equal(qy_buffer_text(&f.answer.advisory_ids), "INTEL-SA-00334,INTEL-SA-00615");
  assert_string_equal(f.answer.advisory_url, "https://advisories.example");
}

static void raise_level(qy_tcb_policy *policy)
{
  policy->cpu_svn_level = 5;
}

/* The platform was updated, and signs with the key from before: its group says so. */
static void old_key_after_update(void **state)
{
  (void)state;
  uint32_t other = 0;
  test_member old;
  qy_platform_info info;
  const qy_group_tcb tcb = {.cpu_svn_level = 4, .pve_svn = 1, .pce_svn = 1};
  const quote_recipe recipe = {.cpu_svn_level = 5};
  assert_ok(qy_endorser_add_group(&other, f.folder, &tcb, &assert_why));
  member_make(&old, f.folder, other);
  assert_string_equal(ask(4, &old, &recipe), "OK");
  edit_policy(raise_level);
  assert_string_equal(ask(4, &f.member, &recipe), "OK");
  assert_string_equal(ask(4, &old, &recipe), "GROUP_OUT_OF_DATE");
  assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_GROUP_TCB);
  f.gid = other;
  platform_info_of(&info);
  assert_int_equal(info.epid_group_flags, QY_GROUP_OUT_OF_DATE);
  assert_int_equal(info.tcb_flags, 0);
  member_free(&old);
}

static qy_tcb_state wanted_state;

static void set_state(qy_tcb_policy *policy)
{
  policy->states[4] = wanted_state;
  policy->advisories[4].count = 1;
  strcpy(policy->advisories[4].ids[0], "INTEL-SA-00334");
}

static void configured_states(void **state)
{
  (void)state;
  static const struct {
    qy_tcb_state state;
    const char *v4;
    const char *v3;
    bool has_info;
  } ROWS[] = {{QY_TCB_NEEDS_CONFIGURATION, "CONFIGURATION_NEEDED", "CONFIGURATION_NEEDED", true},
              {QY_TCB_NEEDS_SW_HARDENING, "SW_HARDENING_NEEDED", "CONFIGURATION_NEEDED", false},
              {QY_TCB_NEEDS_BOTH, "CONFIGURATION_AND_SW_HARDENING_NEEDED", "CONFIGURATION_NEEDED", true}};
  const quote_recipe recipe = {0};
  for (size_t i = 0; i < 3; i++) {
    wanted_state = ROWS[i].state;
    edit_policy(set_state);
    assert_string_equal(ask(4, &f.member, &recipe), ROWS[i].v4);
    assert_int_equal(qy_json_has(f.report, "platformInfoBlob"), ROWS[i].has_info);
    assert_int_equal(json_array_size(json_object_get(f.report, "advisoryIDs")), 1);
    assert_int_equal(qy_trace_failed(f.trace)->id, QY_CHECK_REPORTS_PLATFORM_STATE);
    if (ROWS[i].has_info) {
      qy_platform_info info;
      platform_info_of(&info);
      assert_int_equal(info.epid_group_flags, 0);
      assert_int_equal(info.tcb_flags, QY_TCB_CONFIGURATION_NEEDED);
    }
    assert_string_equal(ask(3, &f.member, &recipe), ROWS[i].v3);
    assert_int_equal(json_integer_value(json_object_get(f.report, "version")), 3);
    assert_string_equal(qy_buffer_text(&f.answer.advisory_ids), "INTEL-SA-00334");
  }
}

static void manifests(void **state)
{
  (void)state;
  uint8_t manifest[256];
  uint8_t hash[32];
  uint8_t told[32];
  qy_platform_info info;
  const quote_recipe recipe = {0};
  QY_SCOPED_BUFFER(quote, 65536);
  quote_make(&quote, f.folder, &f.member, &recipe);
  memset(manifest, 0x77, sizeof manifest);
  assert_ok(qy_sha256(hash, QY_VIEW_OF(manifest), &assert_why));
  for (unsigned status = 0; status < QY_PSE_STATUS_COUNT; status++) {
    f.context.pse_status = (qy_pse_status)status;
    assert_ok(ask_bytes(4, qy_buffer_view(&quote), NULL, true));
    read_report();
    assert_string_equal(text_of("isvEnclaveQuoteStatus"), "OK");
    assert_string_equal(text_of("pseManifestStatus"), qy_pse_status_name((qy_pse_status)status));
    assert_ok(qy_json_hex(told, sizeof told, f.report, "pseManifestHash", "report", &assert_why));
    assert_memory_equal(told, hash, sizeof hash);
    const bool wants_info =
        status == QY_PSE_OUT_OF_DATE || status == QY_PSE_REVOKED || status == QY_PSE_RL_VERSION_MISMATCH;
    assert_int_equal(qy_json_has(f.report, "platformInfoBlob"), wants_info);
    if (wants_info) {
      platform_info_of(&info);
      assert_int_not_equal(info.pse_flags, 0);
    }
  }
  quote.bytes[100] ^= 1;
  assert_ok(ask_bytes(4, qy_buffer_view(&quote), NULL, true));
  read_report();
  assert_false(qy_json_has(f.report, "pseManifestStatus"));
  assert_true(qy_json_has(f.report, "pseManifestHash"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

static int finish(void **state)
{
  (void)state;
  endorser_master_remove();
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(good_quote_is_ok),
      TEST(pseudonyms_link),
      TEST(callers_get_only_their_own),
      TEST(malformed_quotes_get_no_report),
      TEST(bad_signatures_are_invalid),
      TEST(broken_seals_are_invalid),
      TEST(wrong_basename_is_invalid),
      TEST(other_group_is_invalid),
      TEST(revoked_group),
      TEST(revoked_key),
      TEST(revoked_signature),
      TEST(stale_sigrl),
      TEST(tampered_proofs),
      TEST(emptied_sigrl),
      TEST(lists_do_not_get_older),
      TEST(grouprl_does_not_get_older),
      TEST(damaged_lists_leave_the_known_ones),
      TEST(sigrl_forms_must_agree),
      TEST(out_of_date),
      TEST(old_key_after_update),
      TEST(configured_states),
      TEST(manifests),
      TEST(callers_are_known_by_their_key),
  };
  return cmocka_run_group_tests(tests, NULL, finish);
}
