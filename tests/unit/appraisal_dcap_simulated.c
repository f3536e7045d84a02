/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes of every version and body that a world of our own makes, sound and damaged, through what real quotes go through
 * (appraisal_dcap_vectors.c). What Intel's library would say of each is written here by its order of checks. */
#include "dcap_world.h"

#include <stdio.h>
#include <string.h>

#include "dcap_vector.h"

#define SINCE 1746057600 /* tcbDate of the levels that dcap_world.c has */

static const struct {
  uint16_t version;
  qy_dcap_body_type body_type;
} forms[] = {{3, QY_DCAP_BODY_ENCLAVE}, {4, QY_DCAP_BODY_ENCLAVE}, {5, QY_DCAP_BODY_ENCLAVE},  {4, QY_DCAP_BODY_TD_1_0},
             {5, QY_DCAP_BODY_TD_1_0},  {5, QY_DCAP_BODY_TD_1_5},  {5, QY_DCAP_BODY_TD_1_5_EX}};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* Where a bit is flipped. */
typedef enum place {
  NOWHERE,
  KEY_TYPE,
  VENDOR,
  USER_DATA,
  BODY,
  SIGNATURE,
  KEY,
  QE_REPORT,
  QE_SIGNATURE,
  QE_AUTH,
  CERTIFICATION, /* signed by nobody: the chain is verified by itself */
  LAST_CUT,      /* the last byte is missing */
  ONE_MORE       /* a byte behind it, which nobody signs */
} place;

static const struct {
  place where;
  const char *status;
} damages[] = {{NOWHERE, "STATUS_OK"},
               {KEY_TYPE, "STATUS_UNSUPPORTED_QUOTE_FORMAT"},
               {VENDOR, "STATUS_UNSUPPORTED_QUOTE_FORMAT"},
               {USER_DATA, "STATUS_INVALID_QUOTE_SIGNATURE"},
               {BODY, "STATUS_INVALID_QUOTE_SIGNATURE"},
               {SIGNATURE, "STATUS_INVALID_QUOTE_SIGNATURE"},
               {KEY, "STATUS_INVALID_QE_REPORT_DATA"},
               {QE_REPORT, "STATUS_INVALID_QE_REPORT_SIGNATURE"},
               {QE_SIGNATURE, "STATUS_INVALID_QE_REPORT_SIGNATURE"},
               {QE_AUTH, "STATUS_INVALID_QE_REPORT_DATA"},
               {CERTIFICATION, "STATUS_OK"},
               {LAST_CUT, "STATUS_UNSUPPORTED_QUOTE_FORMAT"},
               {ONE_MORE, "STATUS_OK"}};
#define DAMAGES (sizeof(damages) / sizeof(damages[0]))

static size_t offset_of(place where, const qy_dcap_quote *quote)
{
  const uint8_t *base = quote->all.bytes;
  switch (where) {
  case KEY_TYPE:
    return 2;
  case VENDOR:
    return 12;
  case USER_DATA:
    return 28;
  case BODY:
    return quote->signed_part.size - 1;
  case SIGNATURE:
    return (size_t)(quote->signature.bytes - base) + 40;
  case KEY:
    return (size_t)(quote->attestation_key.bytes - base);
  case QE_REPORT:
    return (size_t)(quote->qe_report_bytes.bytes - base) + 20;
  case QE_SIGNATURE:
    return (size_t)(quote->qe_report_signature.bytes - base) + 40;
  case QE_AUTH:
    return (size_t)(quote->qe_auth_data.bytes - base);
  default:
    return (size_t)(quote->certification.data.bytes - base) + 100;
  }
}

static void damage(qy_buffer *bytes, place where)
{
  qy_dcap_quote quote;
  assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(bytes), NULL));
  if (where == LAST_CUT) {
    bytes->size--;
  } else if (where == ONE_MORE) {
    qy_buffer_append(bytes, "x", 1);
  } else if (where != NOWHERE) {
    bytes->bytes[offset_of(where, &quote)] ^= 1;
  }
}

static json_t *expectation(const char *status)
{
  const bool is_ok = strcmp(status, "STATUS_OK") == 0;
  json_t *object = json_pack("{s:{s:s, s:s, s:s, s:s}, s:I}", "intel_qvl", "pck", "STATUS_OK", "tcbinfo", "STATUS_OK",
                             "qeid", "STATUS_OK", "quote", status, "time", (json_int_t)WORLD_NOW_S);
  assert_non_null(object);
  if (is_ok) {
    json_t *info = json_pack("{s:I, s:I, s:i, s:s, s:s, s:s, s:s}", "launchDate", (json_int_t)SINCE, "currentDate",
                             (json_int_t)SINCE, "evalNum", 17, "launch", "UpToDate", "current", "UpToDate", "launchAdv",
                             "", "currentAdv", "");
    assert_int_equal(json_object_set_new(json_object_get(object, "intel_qvl"), "ci", info), 0);
  }
  return object;
}

static void copy(qy_buffer *to, const qy_buffer *from)
{
  qy_buffer_append(to, from->bytes, from->size);
}

static void check(const dcap_world *world, const char *name, place where, const char *status)
{
  json_t *object = expectation(status);
  dcap_vector one;
  dcap_vector_open(&one, name, object);
  const qy_buffer *const from[DCAP_VECTOR_FILES] = {[DCAP_VECTOR_QUOTE] = &world->quote,
                                                    [DCAP_VECTOR_TCB_INFO] = &world->tcb_info_text,
                                                    [DCAP_VECTOR_IDENTITY] = &world->identity_text,
                                                    [DCAP_VECTOR_TCB_CHAIN] = &world->signing_chain,
                                                    [DCAP_VECTOR_IDENTITY_CHAIN] = &world->signing_chain,
                                                    [DCAP_VECTOR_PCK_CHAIN] = &world->pck_chain,
                                                    [DCAP_VECTOR_ROOT_CRL] = &world->root_crl,
                                                    [DCAP_VECTOR_PCK_CRL] = &world->pck_crl,
                                                    [DCAP_VECTOR_ROOT] = &world->pem[ROOT]};
  for (size_t i = 0; i < DCAP_VECTOR_FILES; i++) {
    copy(&one.files[i], from[i]);
  }
  damage(&one.files[DCAP_VECTOR_QUOTE], where);
  dcap_vector_check(&one);
  dcap_vector_close(&one);
  json_decref(object);
}

static void simulated_quotes_agree(void **state)
{
  dcap_world *world = *state;
  dcap_vector_differences = 0;
  for (size_t i = 0; i < FORMS; i++) {
    world_reset(world, forms[i].body_type);
    world->version = forms[i].version;
    world_make(world);
    for (size_t j = 0; j < DAMAGES; j++) {
      char name[64];
      (void)snprintf(name, sizeof(name), "v%u %s, damage %zu", forms[i].version, qy_dcap_body_name(forms[i].body_type),
                     j);
      check(world, name, damages[j].where, damages[j].status);
    }
  }
  assert_int_equal(dcap_vector_differences, 0);
}

/* Each byte less, down to nothing, is refused; for want of bytes, whatever is cut. */
static void simulated_quotes_cut_short(void **state)
{
  dcap_world *world = *state;
  for (size_t i = 0; i < FORMS; i++) {
    world_reset(world, forms[i].body_type);
    world->version = forms[i].version;
    world_make(world);
    for (size_t size = 0; size < world->quote.size; size++) {
      const qy_view cut = size == 0 ? (qy_view){NULL, 0} : qy_view_over(world->quote.bytes, size);
      qy_dcap_quote quote;
      qy_error why = {0};
      assert_int_equal(qy_dcap_quote_decode(&quote, cut, &why), QY_ERR_TRUNCATED);
      assert_non_null(strstr(why.message, "quote"));
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(simulated_quotes_agree),
                                     cmocka_unit_test(simulated_quotes_cut_short)};
  return cmocka_run_group_tests(tests, open_world, close_world);
}
