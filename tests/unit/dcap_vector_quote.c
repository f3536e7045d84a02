/* SPDX-License-Identifier: Apache-2.0 */
#include "dcap_vector_quote.h"

#include <stdlib.h>
#include <string.h>

#include <crypto/p256.h>
#include <crypto/x509.h>

#include "sgx_dcap_support.h"

static bool status_is(const char *status, const char *name)
{
  return strcmp(status, name) == 0;
}

static void check_round_trip(const qy_dcap_quote *quote, qy_view bytes)
{
  uint8_t *again = malloc(bytes.size);
  size_t size = 0;
  assert_non_null(again);
  assert_ok(qy_dcap_quote_encode(again, bytes.size, &size, quote, &assert_why));
  assert_int_equal(size, bytes.size);
  assert_memory_equal(again, bytes.bytes, size);
  free(again);
}

static bool signed_by(const uint8_t key[64], qy_view message, qy_view signature)
{
  bool valid = false;
  qy_p256_public public_key;
  memcpy(public_key.bytes, key, 64);
  return qy_p256_verify(&valid, &public_key, &message, 1, signature.bytes, NULL) == QY_OK && valid;
}

/* What was taken out of the quote verifies, or fails where Intel's fails: the views are the right bytes. Intel's stops at
 * the first failure, so that nothing is known of what comes behind it. */
static void check_signatures(const qy_dcap_quote *quote, const char *status, qy_view pck_chain)
{
  QY_SCOPED_CHAIN(chain);
  qy_p256_public pck;
  uint8_t report_data[QY_REPORT_DATA_SIZE];
  assert_ok(qy_chain_from_pem(&chain, pck_chain, &assert_why));
  assert_ok(qy_certificate_p256_key(&pck, chain.certificates[0], &assert_why));
  const bool qe_report = signed_by(pck.bytes, quote->qe_report_bytes, quote->qe_report_signature);
  assert_int_equal(qe_report, !status_is(status, "STATUS_INVALID_QE_REPORT_SIGNATURE"));
  if (!qe_report) {
    return;
  }
  assert_ok(qy_dcap_qe_report_data(report_data, quote->attestation_key.bytes, quote->qe_auth_data, &assert_why));
  const bool bound = memcmp(report_data, quote->qe_report.report_data, 64) == 0;
  assert_int_equal(bound, !status_is(status, "STATUS_INVALID_QE_REPORT_DATA"));
  if (!bound) {
    return;
  }
  const bool quoted = signed_by(quote->attestation_key.bytes, quote->signed_part, quote->signature);
  assert_int_equal(quoted, !status_is(status, "STATUS_INVALID_QUOTE_SIGNATURE"));
}

/* Those at which Intel's ends before it looks at signatures, for reasons that are not in the quote. */
static bool ends_early(const char *status)
{
  static const char *const names[] = {"INVALID_PCK_CERT",
                                      "INVALID_PCK_CRL",
                                      "PCK_REVOKED",
                                      "TCB_INFO_MISMATCH",
                                      "TDX_MODULE_MISMATCH",
                                      "UNSUPPORTED_PCK_RL_FORMAT",
                                      "UNSUPPORTED_QE_IDENTITY_FORMAT",
                                      "UNSUPPORTED_TCB_INFO_FORMAT"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(status + strlen("STATUS_"), names[i]) == 0) {
      return true;
    }
  }
  return false;
}

bool dcap_vector_check_quote(qy_view bytes, const char *status, qy_view pck_chain)
{
  qy_dcap_quote quote;
  qy_error why = {0};
  const bool accepted = qy_dcap_quote_decode(&quote, bytes, &why) == QY_OK;
  assert_int_equal(accepted, !status_is(status, "STATUS_UNSUPPORTED_QUOTE_FORMAT"));
  assert_int_equal(accepted, second_reading(bytes.bytes, bytes.size));
  if (!accepted) {
    assert_true(strlen(why.message) > 10);
    return false;
  }
  check_round_trip(&quote, bytes);
  if (!ends_early(status)) {
    check_signatures(&quote, status, pck_chain);
  }
  return true;
}
