/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP quotes and TD reports as trees: what is shown is what stands at the offsets of the layout. */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <describe/describe.h>
#include <image/td_image.h>
#include <quotary/dcap_quote.h>
#include <quotary/exchange.h>

#define LIMIT (1u << 20)

static json_t *described(qy_view bytes, const char *kind)
{
  json_t *tree = NULL;
  qy_error why = {0};
  if (qy_describe(&tree, bytes, NULL, &why) != QY_OK) {
    fail_msg("%s", why.message);
  }
  assert_string_equal(json_string_value(json_object_get(tree, "kind")), kind);
  return tree;
}

/* "a.b.0.c": members, and elements by number. */
static const json_t *at(const json_t *tree, const char *path)
{
  char copy[128];
  char *state = NULL;
  (void)snprintf(copy, sizeof(copy), "%s", path);
  for (char *step = strtok_r(copy, ".", &state); step != NULL; step = strtok_r(NULL, ".", &state)) {
    tree = json_is_array(tree) ? json_array_get(tree, (size_t)strtoul(step, NULL, 10)) : json_object_get(tree, step);
  }
  return tree;
}

static const char *text_at(const json_t *tree, const char *path)
{
  const char *text = json_string_value(at(tree, path));
  if (text == NULL) {
    fail_msg("no text %s", path);
  }
  return text;
}

static void assert_hex_at(const json_t *tree, const char *path, const uint8_t *bytes, size_t size)
{
  char text[256];
  assert_true(2 * size < sizeof(text));
  qy_hex_encode(text, qy_view_over(bytes, size));
  assert_string_equal(text_at(tree, path), text);
}

/* Elements of an array of words, with a comma between them. */
static void assert_words_at(const json_t *tree, const char *path, const char *words)
{
  char text[512] = "";
  size_t index = 0;
  json_t *word = NULL;
  json_array_foreach(at(tree, path), index, word)
  {
    (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", index > 0 ? "," : "",
                   json_string_value(word));
  }
  assert_string_equal(text, words);
}

static void read_quote(qy_buffer *out, const char *name)
{
  char path[256];
  (void)snprintf(path, sizeof(path), "dcap/real/%s/quote.bin", name);
  vectors_read(out, path);
}

static void assert_pck_chain(const json_t *tree)
{
  const json_t *certificates = at(tree, "quoting_enclave.certification.certificates");
  assert_string_equal(text_at(tree, "quoting_enclave.certification.content"), "pck-chain");
  assert_int_equal(json_array_size(certificates), 3);
  assert_non_null(strstr(text_at(certificates, "0.subject"), "Intel SGX PCK Certificate"));
  assert_string_equal(text_at(certificates, "0.issuer"), text_at(certificates, "1.subject"));
  assert_string_equal(text_at(certificates, "1.issuer"), text_at(certificates, "2.subject"));
  assert_non_null(strstr(text_at(certificates, "2.subject"), "Intel SGX Root CA"));
  assert_string_equal(text_at(certificates, "2.not_before"), "2018-05-21T10:45:10Z");
  assert_string_equal(text_at(certificates, "2.not_after"), "2049-12-31T23:59:59Z");
}

static void an_enclave(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(bytes, LIMIT);
  read_quote(&bytes, "sgx3-automata-plat");
  const uint8_t *b = bytes.bytes;
  json_t *tree = described(qy_buffer_view(&bytes), "dcap-quote");
  assert_int_equal(json_integer_value(at(tree, "version")), 3);
  assert_string_equal(text_at(tree, "tee"), "sgx");
  assert_int_equal(json_integer_value(at(tree, "qe_svn")), 9);
  assert_int_equal(json_integer_value(at(tree, "pce_svn")), 14);
  assert_string_equal(text_at(tree, "qe_vendor_id"), "939a7233f79c4ca9940a0db3957f0607");
  assert_hex_at(tree, "qe_id", b + 28, 16);
  assert_hex_at(tree, "report_body.mrenclave", b + 48 + 64, 32);
  assert_hex_at(tree, "report_body.report_data", b + 48 + 320, 64);
  assert_hex_at(tree, "signature", b + 436, 64);
  assert_hex_at(tree, "attestation_key", b + 500, 64);
  assert_hex_at(tree, "quoting_enclave.report_body.mrsigner", b + 564 + 128, 32);
  assert_hex_at(tree, "quoting_enclave.report_signature", b + 564 + 384, 64);
  assert_string_equal(text_at(tree, "quoting_enclave.auth_data"),
                      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  assert_pck_chain(tree);
  assert_null(at(tree, "td"));
  assert_null(at(tree, "unsigned_bytes_behind"));
  json_decref(tree);
}

static void a_trust_domain(void **state)
{
  (void)state;
  vectors_need();
  static const char *const names[] = {"tdx4-dcapqvl", "tdx5-oe-relaunch"};
  for (size_t i = 0; i < 2; i++) {
    QY_SCOPED_BUFFER(bytes, LIMIT);
    read_quote(&bytes, names[i]);
    const uint8_t *td = bytes.bytes + (i == 0 ? 48 : 54);
    json_t *tree = described(qy_buffer_view(&bytes), "dcap-quote");
    assert_int_equal(json_integer_value(at(tree, "version")), 4 + i);
    assert_string_equal(text_at(tree, "tee"), "tdx");
    assert_null(at(tree, "qe_svn"));
    assert_string_equal(text_at(tree, "td.form"), i == 0 ? "td-1.0" : "td-1.5");
    assert_hex_at(tree, "td.mrtd", td + 136, 48);
    assert_hex_at(tree, "td.rtmr0", td + 328, 48);
    assert_hex_at(tree, "td.rtmr3", td + 472, 48);
    assert_hex_at(tree, "td.mrseam", td + 16, 48);
    assert_hex_at(tree, "td.report_data", td + 520, 64);
    assert_int_equal(json_integer_value(at(tree, "td.tdx_module_version")), td[1]);
    assert_int_equal(json_integer_value(at(tree, "td.tdx_module_svn")), td[0]);
    assert_true(json_is_false(at(tree, "td.debug")));
    assert_words_at(tree, "td.td_attributes", "SEPT_VE_DISABLE");
    assert_int_equal(at(tree, "td.tee_tcb_svn2") != NULL, i == 1);
    assert_int_equal(json_integer_value(at(tree, "unsigned_bytes_behind")), i == 0 ? 70 : 0);
    assert_pck_chain(tree);
    json_decref(tree);
  }
}

/* Certification data that cannot be read is said to be so, and the rest is shown. */
static void certification_of_other_kinds(void **state)
{
  (void)state;
  vectors_need();
  static const char *const names[] = {"sgx3-qvlsample-certtype1", "tdx4-qvlsample"};
  for (size_t i = 0; i < 2; i++) {
    QY_SCOPED_BUFFER(bytes, LIMIT);
    read_quote(&bytes, names[i]);
    json_t *tree = described(qy_buffer_view(&bytes), "dcap-quote");
    assert_string_equal(text_at(tree, "quoting_enclave.certification.content"), i == 0 ? "ppid-clear" : "pck-chain");
    assert_true(strlen(text_at(tree, "quoting_enclave.certification.unreadable")) > 10);
    assert_hex_at(tree, "user_data_behind", bytes.bytes + 44, 4);
    assert_null(at(tree, "quoting_enclave.auth_data"));
    assert_non_null(at(tree, "quoting_enclave.certification.data"));
    assert_null(at(tree, "quoting_enclave.certification.certificates"));
    json_decref(tree);
  }
}

static void as_text(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(bytes, LIMIT);
  QY_SCOPED_BUFFER(hex, LIMIT);
  QY_SCOPED_BUFFER(base64, LIMIT);
  read_quote(&bytes, "tdx5-gotdx");
  qy_hex_append(&hex, qy_buffer_view(&bytes));
  qy_buffer_append_text(&hex, "\n");
  qy_base64_append(&base64, qy_buffer_view(&bytes));
  json_t *from_hex = described(qy_buffer_view(&hex), "dcap-quote");
  json_t *from_base64 = described(qy_buffer_view(&base64), "dcap-quote");
  assert_string_equal(text_at(from_hex, "encoding"), "hex");
  assert_string_equal(text_at(from_base64, "encoding"), "base64");
  json_decref(from_hex);
  json_decref(from_base64);
}

/* Cut anywhere before its padding, it is no quote any more, and most of one is said to end too soon. */
static void cut_short(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(bytes, LIMIT);
  read_quote(&bytes, "tdx4-dcapqvl");
  for (size_t size = 0; size < bytes.size - 70; size += size < 1200 ? 1 : 17) {
    json_t *tree = NULL;
    qy_error why = {0};
    uint8_t *copy = malloc(size + (size == 0));
    assert_non_null(copy);
    memcpy(copy, bytes.bytes, size);
    if (qy_describe(&tree, qy_view_over(copy, size), NULL, &why) == QY_OK) {
      assert_string_not_equal(text_at(tree, "kind"), "dcap-quote");
      json_decref(tree);
    } else if (size >= 48) {
      assert_non_null(strstr(why.message, "closest: DCAP quote"));
    }
    free(copy);
  }
}

/* ---- Made here: what no real quote at hand has ---- */

static void bits_without_a_name_are_kept(void **state)
{
  (void)state;
  qy_td_report report = {.type = QY_TD_REPORT_TYPE,
                         .version = 3,
                         .valid = QY_TD_REPORT_VALID,
                         .td_attributes = QY_TD_DEBUG | QY_TD_PERFMON | 0x6,
                         .xfam = 0x3 | 1ull << 40,
                         .vmid = 2};
  uint8_t bytes[QY_TD_REPORT_SIZE];
  assert_ok(qy_td_report_bind(&report, NULL));
  qy_td_report_encode(bytes, &report);
  json_t *tree = described(QY_VIEW_OF(bytes), "td-report");
  assert_string_equal(text_at(tree, "td.form"), "td-1.5-ex");
  assert_int_equal(json_integer_value(at(tree, "quoted_in_version")), 5);
  assert_int_equal(json_integer_value(at(tree, "td.vmid")), 2);
  assert_true(json_is_true(at(tree, "td.debug")));
  assert_words_at(tree, "td.td_attributes", "DEBUG,PERFMON,0x6 (reserved)");
  assert_words_at(tree, "td.xfam", "X87,SSE,0x10000000000 (reserved)");
  assert_hex_at(tree, "tee_info_hash", bytes + 80, 48);
  json_decref(tree);

  json_t *none = NULL;
  bytes[1000] = 1; /* reserved */
  assert_int_not_equal(qy_describe(&none, QY_VIEW_OF(bytes), "td-report", NULL), QY_OK);
  assert_null(none);
}

static void the_keys_that_a_provider_takes(void **state)
{
  (void)state;
  uint8_t spid[QY_SPID_SIZE], bytes[QY_ATT_KEY_LIST_SIZE(2)];
  qy_att_key_list list;
  memset(spid, 0x5a, sizeof(spid));
  qy_evidence_offer(&list, 1u << QY_EVIDENCE_EPID | 1u << QY_EVIDENCE_TDX, spid, QY_LINKABLE);
  qy_att_key_list_encode(bytes, &list);
  json_t *tree = described(QY_VIEW_OF(bytes), "key-list");
  assert_int_equal(json_array_size(json_object_get(tree, "keys")), 2);
  assert_string_equal(text_at(tree, "keys.0.evidence"), "epid");
  assert_string_equal(text_at(tree, "keys.0.quote_type"), "linkable");
  assert_hex_at(tree, "keys.0.spid", spid, sizeof(spid));
  assert_hex_at(tree, "keys.0.mrsigner", bytes + 8 + 6, 32);
  assert_string_equal(text_at(tree, "keys.1.evidence"), "tdx");
  assert_null(at(tree, "keys.1.spid"));
  json_decref(tree);
}

static void an_image_of_a_trust_domain(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(file, LIMIT);
  const qy_td_image_request request = {
      .program = qy_view_text("program"),
      .section_count = 1,
      .sections = {{.name = "provider-key", .bytes = qy_view_text("key")}},
      .configuration = qy_view_text("configuration"),
  };
  qy_td_image image;
  uint8_t mr_td[QY_TD_HASH_SIZE];
  assert_int_equal(qy_td_image_build(&file, &request, NULL), QY_OK);
  assert_int_equal(qy_td_image_decode(&image, qy_buffer_view(&file), NULL), QY_OK);
  assert_int_equal(qy_td_image_measure(mr_td, &image, NULL), QY_OK);
  json_t *tree = described(qy_buffer_view(&file), "td-image");
  assert_hex_at(tree, "mrtd", mr_td, sizeof(mr_td));
  assert_words_at(tree, "td_attributes", "SEPT_VE_DISABLE");
  assert_string_equal(text_at(tree, "sections.0.name"), "provider-key");
  assert_int_equal(json_integer_value(at(tree, "configuration_size")), 13);
  json_decref(tree);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_enclave),
      cmocka_unit_test(a_trust_domain),
      cmocka_unit_test(certification_of_other_kinds),
      cmocka_unit_test(as_text),
      cmocka_unit_test(cut_short),
      cmocka_unit_test(bits_without_a_name_are_kept),
      cmocka_unit_test(the_keys_that_a_provider_takes),
      cmocka_unit_test(an_image_of_a_trust_domain),
  };
  return cmocka_run_group_tests_name("describe: DCAP", tests, NULL, NULL);
}
