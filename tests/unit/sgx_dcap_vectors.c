/* SPDX-License-Identifier: Apache-2.0 */
/* Real quotes, and those derived from them, against the verdicts of Intel's quote verification library. */
#include "dcap_vector_quote.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <crypto/x509.h>

static const char *qvl_quote_status(const json_t *one)
{
  const char *status = json_string_value(json_object_get(json_object_get(one, "intel_qvl"), "quote"));
  assert_non_null(status);
  return status;
}

/* ---- Real quotes ---- */

/* What the index of the vectors says of each. */
static const struct {
  const char *name;
  uint16_t version;
  qy_dcap_body_type body_type;
  uint16_t certification_type;
  size_t trailing;
} real[] = {
    {"sgx3-automata-plat", 3, QY_DCAP_BODY_ENCLAVE, 5, 0},
    {"sgx3-dcapqvl", 3, QY_DCAP_BODY_ENCLAVE, 5, 0},
    {"sgx3-fortanix-2020b", 3, QY_DCAP_BODY_ENCLAVE, 5, 0},
    {"sgx3-fortanix-corrupted", 3, QY_DCAP_BODY_ENCLAVE, 5, 0},
    {"sgx3-fortanix-tcbv2-2020", 3, QY_DCAP_BODY_ENCLAVE, 5, 0},
    {"sgx3-occlum-debug", 3, QY_DCAP_BODY_ENCLAVE, 5, 0},
    {"sgx3-oe-evidence", 3, QY_DCAP_BODY_ENCLAVE, 5, 0},
    {"sgx3-qvlsample-certtype1", 3, QY_DCAP_BODY_ENCLAVE, 1, 0},
    {"sgx3-secret", 3, QY_DCAP_BODY_ENCLAVE, 5, 0},
    {"tdx4-automata", 4, QY_DCAP_BODY_TD_1_0, 5, 3065},
    {"tdx4-dcapqvl", 4, QY_DCAP_BODY_TD_1_0, 5, 70},
    {"tdx4-gotdx-spr", 4, QY_DCAP_BODY_TD_1_0, 5, 39},
    {"tdx4-oe", 4, QY_DCAP_BODY_TD_1_0, 5, 0},
    {"tdx4-qvlsample", 4, QY_DCAP_BODY_TD_1_0, 5, 0},
    {"tdx4-tdxhex", 4, QY_DCAP_BODY_TD_1_0, 5, 70},
    {"tdx4-trustee-tdx20", 4, QY_DCAP_BODY_TD_1_0, 5, 70},
    {"tdx5-dcapqvl-outdated", 5, QY_DCAP_BODY_TD_1_5, 5, 0},
    {"tdx5-gotdx", 5, QY_DCAP_BODY_TD_1_5, 5, 0},
    {"tdx5-oe-relaunch", 5, QY_DCAP_BODY_TD_1_5, 5, 0},
};

static void read_real(qy_buffer *out, const char *name, const char *file)
{
  char path[256];
  (void)snprintf(path, sizeof(path), "dcap/real/%s/%s", name, file);
  vectors_read(out, path);
}

static void real_quotes(void **state)
{
  (void)state;
  vectors_need();
  for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
    QY_SCOPED_BUFFER(bytes, 1u << 20);
    QY_SCOPED_BUFFER(chain, 1u << 20);
    char path[256];
    qy_dcap_quote quote;
    (void)snprintf(path, sizeof(path), "dcap/real/%s/meta.json", real[i].name);
    json_t *meta = vectors_json(path);
    read_real(&bytes, real[i].name, "quote.bin");
    read_real(&chain, real[i].name, "pck_chain.pem");
    assert_true(dcap_vector_check_quote(qy_buffer_view(&bytes), qvl_quote_status(meta), qy_buffer_view(&chain)));
    assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), NULL));
    assert_int_equal(quote.header.version, real[i].version);
    assert_int_equal(quote.header.tee, real[i].body_type == QY_DCAP_BODY_ENCLAVE ? QY_TEE_SGX : QY_TEE_TDX);
    assert_int_equal(quote.body_type, real[i].body_type);
    assert_int_equal(quote.certification.type, real[i].certification_type);
    assert_int_equal(quote.trailing.size, real[i].trailing);
    assert_int_equal(quote.unclaimed.size, 0);
    assert_true((quote.td.xfam & ~QY_XFAM_ALLOWED) == 0);
    json_decref(meta);
  }
}

/* None was left out. */
static void every_real_quote_is_listed(void **state)
{
  (void)state;
  vectors_need();
  size_t count = 0;
  DIR *folder = opendir(vectors_path("dcap/real"));
  assert_non_null(folder);
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    count += entry->d_name[0] != '.';
  }
  closedir(folder);
  assert_int_equal(count, sizeof(real) / sizeof(real[0]));
}

/* Each byte less, down to nothing, is refused as soon as it reaches what the lengths claim. */
static void real_quotes_cut_short(void **state)
{
  (void)state;
  vectors_need();
  static const char *const names[] = {"sgx3-automata-plat", "sgx3-qvlsample-certtype1", "tdx4-dcapqvl",
                                      "tdx5-oe-relaunch"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    QY_SCOPED_BUFFER(bytes, 1u << 20);
    qy_dcap_quote quote;
    read_real(&bytes, names[i], "quote.bin");
    assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), NULL));
    const size_t needed = bytes.size - quote.trailing.size;
    for (size_t size = 0; size < bytes.size; size++) {
      uint8_t *copy = malloc(size + (size == 0));
      assert_non_null(copy);
      memcpy(copy, bytes.bytes, size);
      const qy_status status = qy_dcap_quote_decode(&quote, qy_view_over(copy, size), NULL);
      assert_int_equal(status, size < needed ? QY_ERR_TRUNCATED : QY_OK);
      free(copy);
    }
  }
}

/* The chain that a quote carries is the one that its vector has beside it, whether a NUL ends it or not. */
static void pem_of_real_quotes(void **state)
{
  (void)state;
  vectors_need();
  size_t readable = 0;
  size_t ended_by_nul = 0;
  for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
    QY_SCOPED_BUFFER(bytes, 1u << 20);
    QY_SCOPED_CHAIN(chain);
    qy_dcap_quote quote;
    read_real(&bytes, real[i].name, "quote.bin");
    assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), NULL));
    const qy_view pem = qy_certification_pem(&quote.certification);
    ended_by_nul += pem.size == quote.certification.data.size - 1;
    if (qy_chain_from_pem(&chain, pem, NULL) == QY_OK) {
      assert_int_equal(chain.count, 3);
      readable++;
    }
  }
  assert_int_equal(readable, 17); /* two samples of Intel's have a type 1, and DER where PEM should be */
  assert_int_equal(ended_by_nul, 10);
}

/* ---- Derived quotes ---- */

static void read_blob(qy_buffer *out, const json_t *files, const char *name)
{
  char path[256];
  const char *id = json_string_value(json_object_get(files, name));
  assert_non_null(id);
  (void)snprintf(path, sizeof(path), "dcap/blobs/%s", id);
  vectors_read(out, path);
}

static void derived_quotes(void **state)
{
  (void)state;
  vectors_need();
  size_t index = 0;
  size_t refused = 0;
  json_t *one = NULL;
  json_t *cases = vectors_json("dcap/cases.jsonl");
  json_array_foreach(cases, index, one)
  {
    QY_SCOPED_BUFFER(bytes, 1u << 20);
    QY_SCOPED_BUFFER(chain, 1u << 20);
    const json_t *files = json_object_get(one, "files");
    read_blob(&bytes, files, "quote.bin");
    read_blob(&chain, files, "pck_chain.pem");
    const qy_view quote = bytes.size == 0 ? (qy_view){NULL, 0} : qy_buffer_view(&bytes);
    refused += !dcap_vector_check_quote(quote, qvl_quote_status(one), qy_buffer_view(&chain));
  }
  assert_int_equal(json_array_size(cases), 263);
  assert_int_equal(refused, 54);
  json_decref(cases);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(real_quotes),           cmocka_unit_test(every_real_quote_is_listed),
      cmocka_unit_test(real_quotes_cut_short), cmocka_unit_test(pem_of_real_quotes),
      cmocka_unit_test(derived_quotes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
