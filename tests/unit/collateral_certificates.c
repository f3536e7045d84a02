/* SPDX-License-Identifier: Apache-2.0 */
/* DER, the SGX extension, certificates and lists that are wrong in one place each. */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <collateral/der.h>
#include <collateral/parts.h>
#include <quotary/collateral.h>

#include "der_support.h"

#define SIZE_LIMIT (1u << 20)
#define CHAIN "dcap/real/tdx4-dcapqvl/pck_chain.pem"
#define LIST "dcap/real/tdx4-dcapqvl/pck_crl.der"

/* ---- DER ---- */

static qy_status content_status(const uint8_t *bytes, size_t size)
{
  qy_reader in = qy_reader_over(qy_view_over(bytes, size));
  (void)qy_der_content(&in, QY_DER_OCTET_STRING, "it");
  return qy_read_finish(&in, "DER", NULL);
}
#define CONTENT(...) content_status((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void lengths_are_definite_and_short(void **state)
{
  (void)state;
  assert_int_equal(CONTENT(0x04, 0x00), QY_OK);
  assert_int_equal(CONTENT(0x04, 0x01, 0x55), QY_OK);
  assert_int_equal(CONTENT(0x05, 0x00), QY_ERR_MALFORMED);
  assert_int_equal(CONTENT(0x04, 0x01), QY_ERR_TRUNCATED);
  assert_int_equal(CONTENT(0x04), QY_ERR_TRUNCATED);
  assert_int_equal(CONTENT(0x04, 0x00, 0x00), QY_ERR_MALFORMED);
  assert_int_equal(CONTENT(0x04, 0x80, 0x00, 0x00), QY_ERR_MALFORMED);             /* indefinite */
  assert_int_equal(CONTENT(0x04, 0x81, 0x01, 0x55), QY_ERR_MALFORMED);             /* too long a form */
  assert_int_equal(CONTENT(0x04, 0x82, 0x00, 0x80), QY_ERR_MALFORMED);             /* the same */
  assert_int_equal(CONTENT(0x04, 0x84, 0x01, 0x00, 0x00, 0x00), QY_ERR_MALFORMED); /* beyond what is read */
  assert_int_equal(CONTENT(0x04, 0x83, 0xff, 0xff, 0xff), QY_ERR_TRUNCATED);
  assert_int_equal(CONTENT(0x04, 0xff), QY_ERR_MALFORMED);
  uint8_t longer[3 + 0x80] = {0x04, 0x81, 0x80};
  assert_int_equal(content_status(longer, sizeof(longer)), QY_OK);
  assert_int_equal(content_status(longer, sizeof(longer) - 1), QY_ERR_TRUNCATED);
}

static qy_status number_status(uint64_t *out, const uint8_t *bytes, size_t size)
{
  qy_reader in = qy_reader_over(qy_view_over(bytes, size));
  *out = qy_der_number(&in, QY_DER_INTEGER, 300, "it");
  return qy_read_finish(&in, "DER", NULL);
}
#define NUMBER(out, ...) number_status((out), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void integers_have_one_form(void **state)
{
  (void)state;
  uint64_t value = 0;
  assert_ok(NUMBER(&value, 0x02, 0x01, 0x00));
  assert_int_equal(value, 0);
  assert_ok(NUMBER(&value, 0x02, 0x02, 0x00, 0xff));
  assert_int_equal(value, 255);
  assert_ok(NUMBER(&value, 0x02, 0x02, 0x01, 0x2c));
  assert_int_equal(value, 300);
  assert_int_equal(NUMBER(&value, 0x02, 0x02, 0x01, 0x2d), QY_ERR_MALFORMED); /* 301 */
  assert_int_equal(NUMBER(&value, 0x02, 0x01, 0xff), QY_ERR_MALFORMED);       /* -1 */
  assert_int_equal(NUMBER(&value, 0x02, 0x02, 0x00, 0x7f), QY_ERR_MALFORMED); /* a needless zero */
  assert_int_equal(NUMBER(&value, 0x02, 0x00), QY_ERR_MALFORMED);
  assert_int_equal(NUMBER(&value, 0x02, 0x09, 0, 0xff, 0, 0, 0, 0, 0, 0, 0), QY_ERR_MALFORMED);
  assert_int_equal(value, 0);
}

static qy_status time_status(int64_t *out, uint8_t tag, const char *text)
{
  uint8_t bytes[64] = {tag, (uint8_t)strlen(text)};
  memcpy(bytes + 2, text, strlen(text));
  qy_reader in = qy_reader_over(qy_view_over(bytes, 2 + strlen(text)));
  *out = qy_der_time(&in, "it");
  return qy_read_finish(&in, "DER", NULL);
}

static void times_have_the_forms_of_rfc_5280(void **state)
{
  (void)state;
  int64_t time_s = 0;
  assert_ok(time_status(&time_s, QY_DER_UTC_TIME, "261123100000Z"));
  assert_int_equal(time_s, 1795428000);
  assert_ok(time_status(&time_s, QY_DER_GENERALIZED_TIME, "20261123100000Z"));
  assert_int_equal(time_s, 1795428000);
  assert_ok(time_status(&time_s, QY_DER_UTC_TIME, "491231235959Z"));
  assert_int_equal(time_s, 2524607999);
  assert_ok(time_status(&time_s, QY_DER_UTC_TIME, "500101000000Z")); /* 1950 */
  assert_int_equal(time_s, -631152000);
  static const char *const bad[] = {"2611231000Z",   "261123100000",  "261123100000+0000", "261123100060Z",
                                    "260229100000Z", "26112310000Z0", "26-123100000Z",     "261323100000Z"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(time_status(&time_s, QY_DER_UTC_TIME, bad[i]), QY_ERR_MALFORMED);
  }
  assert_int_equal(time_status(&time_s, QY_DER_GENERALIZED_TIME, "20261123100000.5Z"), QY_ERR_MALFORMED);
  assert_int_equal(time_status(&time_s, QY_DER_GENERALIZED_TIME, "261123100000Z"), QY_ERR_MALFORMED);
  assert_int_equal(time_status(&time_s, QY_DER_OCTET_STRING, "20261123100000Z"), QY_ERR_MALFORMED);
}

static void elements_are_left_at_their_end(void **state)
{
  (void)state;
  static const uint8_t nested[] = {0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x07};
  for (size_t wrong = 0; wrong < 3; wrong++) {
    uint8_t bytes[sizeof(nested) + 1] = {0};
    memcpy(bytes, nested, sizeof(nested));
    bytes[3] = (uint8_t)(wrong == 1 ? 4 : 3); /* reaches beyond what it is in */
    bytes[1] = (uint8_t)(wrong == 2 ? 6 : 5); /* has a byte left over */
    qy_reader in = qy_reader_over(qy_view_over(bytes, wrong == 2 ? sizeof(bytes) : sizeof(nested)));
    const size_t outer = qy_der_enter(&in, QY_DER_SEQUENCE, "outer");
    const size_t inner = qy_der_enter(&in, QY_DER_SEQUENCE, "inner");
    const uint64_t number = qy_der_number(&in, QY_DER_INTEGER, 7, "number");
    qy_der_leave(&in, inner, "inner");
    qy_der_leave(&in, outer, "outer");
    const qy_status status = qy_read_finish(&in, "DER", NULL);
    assert_int_equal(status, wrong == 0 ? QY_OK : wrong == 1 ? QY_ERR_TRUNCATED : QY_ERR_MALFORMED);
    assert_int_equal(number, wrong == 1 ? 0 : 7);
  }
}

/* ---- The SGX extension, built anew with one thing wrong ---- */

typedef enum flaw {
  SOUND = 0,
  PLATFORM,
  PPID_SHORT,
  CPU_SVN_SHORT,
  FMSPC_LONG,
  PCE_ID_SHORT,
  TYPE_BEYOND,
  TYPE_INTEGER,
  COMPONENT_WIDE,
  COMPONENT_TWICE,
  COMPONENT_MISSING,
  COMPONENT_NEGATIVE,
  PCE_SVN_WIDE,
  PPID_TWICE,
  PPID_MISSING, /* and something else in its place */
  FOUR_ITEMS,
  SIX_ITEMS,
  ID_FOREIGN,
  ITEM_LONG,
  TRAILING,
  CONFIGURATION_BAD,
  FLAWS
} flaw;

static void element(qy_buffer *out, uint8_t tag, const qy_buffer *content)
{
  qy_buffer_append(out, &tag, 1);
  if (content->size >= 256) {
    const uint8_t header[] = {0x82, (uint8_t)(content->size >> 8), (uint8_t)content->size};
    qy_buffer_append(out, header, sizeof(header));
  } else if (content->size >= 128) {
    const uint8_t header[] = {0x81, (uint8_t)content->size};
    qy_buffer_append(out, header, sizeof(header));
  } else {
    const uint8_t size = (uint8_t)content->size;
    qy_buffer_append(out, &size, 1);
  }
  qy_buffer_append(out, content->bytes, content->size);
}

/* SEQUENCE { 1.2.840.113741.1.13.1.`under`.`number`, value } */
static void item(qy_buffer *out, uint8_t under, uint8_t number, uint8_t tag, const void *value, size_t size,
                 bool longer)
{
  QY_SCOPED_BUFFER(id, 64);
  QY_SCOPED_BUFFER(bytes, 4096);
  QY_SCOPED_BUFFER(pair, 4096);
  qy_buffer_append(&id, "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01", 9);
  if (under != 0) {
    qy_buffer_append(&id, &under, 1);
  }
  qy_buffer_append(&id, &number, 1);
  qy_buffer_append(&bytes, value, size);
  element(&pair, QY_DER_OID, &id);
  element(&pair, tag, &bytes);
  if (longer) {
    qy_buffer_append(&pair, "\x05\x00", 2);
  }
  element(out, QY_DER_SEQUENCE, &pair);
}

static void make_tcb(qy_buffer *out, flaw wrong)
{
  static const uint8_t octets[17] = {1, 2, 3};
  QY_SCOPED_BUFFER(tcb, 4096);
  for (uint8_t i = 1; i <= 16; i++) {
    const uint8_t wide[] = {1, 0};
    const uint8_t svn[] = {wrong == COMPONENT_NEGATIVE && i == 5 ? 0x80 : i};
    const uint8_t number = wrong == COMPONENT_TWICE && i == 9 ? 8 : i;
    if (wrong == COMPONENT_WIDE && i == 3) {
      item(&tcb, 2, number, QY_DER_INTEGER, wide, 2, false);
    } else if (wrong != COMPONENT_MISSING || i != 16) {
      item(&tcb, 2, number, QY_DER_INTEGER, svn, 1, false);
    }
  }
  item(&tcb, 2, 17, QY_DER_INTEGER, wrong == PCE_SVN_WIDE ? "\x01\x00\x00" : "\x01\x00", wrong == PCE_SVN_WIDE ? 3 : 2,
       false);
  item(&tcb, 2, 18, QY_DER_OCTET_STRING, octets, wrong == CPU_SVN_SHORT ? 15 : 16, false);
  qy_buffer_append(out, tcb.bytes, tcb.size);
}

static void make_configuration(qy_buffer *out, flaw wrong)
{
  QY_SCOPED_BUFFER(configuration, 4096);
  item(&configuration, 7, 1, QY_DER_BOOLEAN, "\xff", 1, false);
  item(&configuration, 7, 2, QY_DER_BOOLEAN, wrong == CONFIGURATION_BAD ? "\x01" : "\x00", 1, false);
  item(out, 0, 7, QY_DER_SEQUENCE, configuration.bytes, configuration.size, false);
}

static void make_extension(qy_buffer *out, flaw wrong)
{
  static const uint8_t octets[17] = {0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6};
  const bool platform = wrong == PLATFORM || wrong == CONFIGURATION_BAD;
  QY_SCOPED_BUFFER(tcb, 4096);
  QY_SCOPED_BUFFER(all, 8192);
  make_tcb(&tcb, wrong);
  if (wrong != PPID_MISSING) {
    item(&all, 0, 1, QY_DER_OCTET_STRING, octets, wrong == PPID_SHORT ? 15 : 16, wrong == ITEM_LONG);
  }
  item(&all, 0, wrong == ID_FOREIGN ? 9 : 2, QY_DER_SEQUENCE, tcb.bytes, tcb.size, false);
  item(&all, 0, 4, QY_DER_OCTET_STRING, octets, wrong == FMSPC_LONG ? 7 : 6, false); /* the order is free */
  item(&all, 0, 3, QY_DER_OCTET_STRING, octets, wrong == PCE_ID_SHORT ? 1 : 2, false);
  if (wrong != FOUR_ITEMS) {
    item(&all, 0, 5, wrong == TYPE_INTEGER ? QY_DER_INTEGER : QY_DER_ENUMERATED, wrong == TYPE_BEYOND ? "\x03" : "\x01",
         1, false);
  }
  if (wrong == PPID_TWICE) {
    item(&all, 0, 1, QY_DER_OCTET_STRING, octets, 16, false);
  }
  if (platform || wrong == SIX_ITEMS || wrong == PPID_MISSING) {
    item(&all, 0, 6, QY_DER_OCTET_STRING, octets, 16, false);
  }
  if (platform) {
    make_configuration(&all, wrong);
  }
  element(out, QY_DER_SEQUENCE, &all);
  if (wrong == TRAILING) {
    qy_buffer_append(out, "\x05\x00", 2);
  }
}

static qy_status extension_status(const char *critical)
{
  QY_SCOPED_BUFFER(content, 64);
  QY_SCOPED_BUFFER(extension, 64);
  hex_bytes(&content, "0603551d14");
  hex_bytes(&content, critical);
  hex_bytes(&content, "0403020101");
  der_element(&extension, 0x30, content.bytes, content.size);
  qy_reader in = qy_reader_over(qy_buffer_view(&extension));
  const qy_der_extension read = qy_der_read_extension(&in);
  assert_int_equal(read.is_critical, in.status == QY_OK && critical[0] != 0);
  return qy_read_finish(&in, "DER", NULL);
}

static void what_is_not_critical_does_not_say_so(void **state)
{
  (void)state;
  assert_ok(extension_status(""));
  assert_ok(extension_status("0101ff"));
  assert_int_equal(extension_status("010100"), QY_ERR_MALFORMED); /* the default is left out */
  assert_int_equal(extension_status("010101"), QY_ERR_MALFORMED);
}

static void the_sgx_extension_is_strict(void **state)
{
  (void)state;
  for (int wrong = SOUND; wrong < FLAWS; wrong++) {
    QY_SCOPED_BUFFER(value, 1 << 14);
    qy_pck_extension extension;
    make_extension(&value, (flaw)wrong);
    const qy_status status = qy_pck_extension_decode(&extension, qy_buffer_view(&value), NULL);
    const qy_status expected = wrong <= PLATFORM ? QY_OK : wrong == PPID_MISSING ? QY_ERR_NOT_FOUND : QY_ERR_MALFORMED;
    if (status != expected) {
      fail_msg("flaw %d: %s", wrong, qy_status_name(status));
    }
    assert_int_equal(qy_view_is_zero(QY_VIEW_OF(extension.fmspc)), status != QY_OK);
  }
}

static void the_sgx_extension_says_what_stands_there(void **state)
{
  (void)state;
  for (int kind = SOUND; kind <= PLATFORM; kind++) {
    QY_SCOPED_BUFFER(value, 1 << 14);
    qy_pck_extension extension;
    make_extension(&value, (flaw)kind);
    assert_ok(qy_pck_extension_decode(&extension, qy_buffer_view(&value), NULL));
    for (uint8_t i = 0; i < 16; i++) {
      assert_int_equal(extension.components[i], i + 1);
    }
    assert_int_equal(extension.pce_svn, 256);
    assert_int_equal(extension.cpu_svn[2], 3);
    assert_int_equal(extension.ppid[15], 0);
    assert_int_equal(extension.ppid[6], 0xa6);
    assert_int_equal(extension.fmspc[5], 0xa5);
    assert_int_equal(extension.pce_id[1], 0xa1);
    assert_int_equal(extension.sgx_type, QY_SGX_SCALABLE);
    assert_int_equal(extension.has_platform, kind == PLATFORM);
    assert_int_equal(extension.platform_instance_id[0], kind == PLATFORM ? 0xa0 : 0);
    assert_int_equal(extension.dynamic_platform, kind == PLATFORM ? QY_CONFIGURED_TRUE : QY_CONFIGURED_UNKNOWN);
    assert_int_equal(extension.cached_keys, kind == PLATFORM ? QY_CONFIGURED_FALSE : QY_CONFIGURED_UNKNOWN);
    assert_int_equal(extension.smt_enabled, QY_CONFIGURED_UNKNOWN);
    for (size_t size = 0; size < value.size; size++) {
      uint8_t *cut = malloc(size == 0 ? 1 : size);
      assert_non_null(cut);
      memcpy(cut, value.bytes, size);
      assert_int_not_equal(qy_pck_extension_decode(&extension, qy_view_over(cut, size), NULL), QY_OK);
      free(cut);
    }
  }
}

static void nesting_is_no_recursion(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(deep, 1 << 20);
  for (size_t i = 0; i < 100000; i++) {
    qy_buffer_append(&deep, "\x30\x83\x01\x86\xa0", 5);
  }
  qy_pck_extension extension;
  qy_sgx_certificate certificate;
  qy_sgx_crl crl;
  assert_int_not_equal(qy_pck_extension_decode(&extension, qy_buffer_view(&deep), NULL), QY_OK);
  assert_int_not_equal(qy_sgx_certificate_decode(&certificate, qy_buffer_view(&deep), NULL), QY_OK);
  assert_int_not_equal(qy_sgx_crl_decode(&crl, qy_buffer_view(&deep), NULL), QY_OK);
}

/* ---- Real ones, damaged ---- */

static void read_chain(qy_sgx_chain *out)
{
  QY_SCOPED_BUFFER(pem, SIZE_LIMIT);
  vectors_read(&pem, CHAIN);
  assert_ok(qy_sgx_chain_from_pem(out, qy_buffer_view(&pem), NULL, NULL));
}

static void truncated_certificates_are_refused(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_SGX_CHAIN(chain);
  read_chain(&chain);
  for (size_t i = 0; i < chain.count; i++) {
    const qy_view der = chain.certificates[i].der;
    qy_sgx_certificate certificate;
    uint8_t *copy = malloc(der.size + 1);
    assert_non_null(copy);
    memcpy(copy, der.bytes, der.size);
    copy[der.size] = 0;
    assert_ok(qy_sgx_certificate_decode(&certificate, qy_view_over(copy, der.size), NULL));
    assert_int_equal(qy_sgx_certificate_decode(&certificate, qy_view_over(copy, der.size + 1), NULL), QY_ERR_MALFORMED);
    free(copy);
    for (size_t size = 0; size < der.size; size++) {
      uint8_t *cut = malloc(size == 0 ? 1 : size);
      assert_non_null(cut);
      memcpy(cut, der.bytes, size);
      assert_int_not_equal(qy_sgx_certificate_decode(&certificate, qy_view_over(cut, size), NULL), QY_OK);
      free(cut);
    }
  }
}

/* Whatever is changed: it is refused, or the issuer did not sign it. */
static void changed_certificates_are_not_signed(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_SGX_CHAIN(chain);
  read_chain(&chain);
  const qy_view der = chain.certificates[0].der;
  uint8_t *copy = malloc(der.size);
  assert_non_null(copy);
  memcpy(copy, der.bytes, der.size);
  for (size_t at = 0; at < der.size; at++) {
    for (unsigned bit = 0; bit < 8; bit += 3) {
      qy_sgx_certificate certificate;
      bool valid = false;
      copy[at] ^= (uint8_t)(1u << bit);
      if (qy_sgx_certificate_decode(&certificate, qy_view_over(copy, der.size), NULL) == QY_OK) {
        assert_ok(qy_sgx_certificate_signed_by(&valid, &certificate, &chain.certificates[1], NULL));
        assert_false(valid);
      }
      copy[at] ^= (uint8_t)(1u << bit);
    }
  }
  free(copy);
}

static void damaged_lists_are_refused(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_SGX_CHAIN(chain);
  QY_SCOPED_BUFFER(der, SIZE_LIMIT);
  read_chain(&chain);
  vectors_read(&der, LIST);
  for (size_t size = 0; size < der.size; size++) {
    QY_SCOPED_SGX_CRL(crl);
    uint8_t *cut = malloc(size == 0 ? 1 : size);
    assert_non_null(cut);
    memcpy(cut, der.bytes, size);
    assert_int_not_equal(qy_sgx_crl_decode(&crl, qy_view_over(cut, size), NULL), QY_OK);
    free(cut);
  }
  for (size_t at = 0; at < der.size; at++) {
    QY_SCOPED_SGX_CRL(crl);
    bool valid = false;
    der.bytes[at] ^= 0x04;
    if (qy_sgx_crl_decode(&crl, qy_buffer_view(&der), NULL) == QY_OK) {
      assert_ok(qy_sgx_crl_signed_by(&valid, &crl, &chain.certificates[1], NULL));
      assert_false(valid);
    }
    der.bytes[at] ^= 0x04;
  }
  QY_SCOPED_SGX_CRL(crl);
  qy_buffer_append(&der, "\0", 1);
  assert_ok(qy_sgx_crl_decode(&crl, qy_buffer_view(&der), NULL)); /* the NUL of a text */
  qy_buffer_append(&der, "\0", 1);
  assert_int_equal(qy_sgx_crl_decode(&crl, qy_buffer_view(&der), NULL), QY_ERR_MALFORMED);
}

/* ---- PEM ---- */

static qy_qvl_status chain_status(const char *prefix, const char *pem, const char *suffix)
{
  QY_SCOPED_BUFFER(text, SIZE_LIMIT);
  QY_SCOPED_SGX_CHAIN(chain);
  qy_qvl_status qvl = QY_QVL_OK;
  qy_buffer_append_text(&text, prefix);
  qy_buffer_append_text(&text, pem);
  qy_buffer_append_text(&text, suffix);
  const qy_status status = qy_sgx_chain_from_pem(&chain, qy_buffer_view(&text), &qvl, NULL);
  assert_int_equal(status == QY_OK, qvl == QY_QVL_OK);
  assert_int_equal(status == QY_OK, chain.der != NULL);
  return qvl;
}

static void chains_are_pem_and_nothing_else(void **state)
{
  (void)state;
  vectors_need();
  QY_SCOPED_BUFFER(text, SIZE_LIMIT);
  vectors_read(&text, CHAIN);
  const char *pem = qy_buffer_text(&text);
  assert_int_equal(chain_status("", pem, ""), QY_QVL_OK);
  assert_int_equal(chain_status(" \r\n", pem, "\n\n"), QY_QVL_OK);
  assert_int_equal(chain_status("", pem, pem), QY_QVL_OK); /* how many there are to be, is not known here */
  assert_int_equal(chain_status("", "", ""), QY_QVL_UNSUPPORTED_CERT_FORMAT);
  assert_int_equal(chain_status("", " \n", ""), QY_QVL_UNSUPPORTED_CERT_FORMAT);
  assert_int_equal(chain_status("subject=\n", pem, ""), QY_QVL_UNSUPPORTED_CERT_FORMAT);
  assert_int_equal(chain_status("", pem, "x"), QY_QVL_UNSUPPORTED_CERT_FORMAT);
  assert_int_equal(chain_status("", pem, "-----BEGIN CERTIFICATE-----\n"), QY_QVL_UNSUPPORTED_CERT_FORMAT);
  assert_int_equal(chain_status("", pem, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"),
                   QY_QVL_UNSUPPORTED_CERT_FORMAT);
  assert_int_equal(chain_status("", pem, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
                   QY_QVL_UNSUPPORTED_CERT_FORMAT);
  assert_int_equal(chain_status("", "-----BEGIN CERTIFICATE----------END CERTIFICATE-----", ""),
                   QY_QVL_UNSUPPORTED_CERT_FORMAT);
  assert_int_equal(chain_status(pem, pem, pem), QY_QVL_UNSUPPORTED_CERT_FORMAT); /* nine */
  QY_SCOPED_SGX_CHAIN(chain);
  assert_ok(qy_sgx_chain_from_pem(&chain, qy_view_over(text.bytes, text.size + 1), NULL, NULL)); /* with its NUL */
}

/* Without an extension that all of them have; Intel's library tells by the place what is missing. */
static void a_missing_extension_has_a_status(void **state)
{
  (void)state;
  vectors_need();
  static const qy_qvl_status expected[] = {QY_QVL_SGX_ROOT_CA_INVALID_EXTENSIONS,
                                           QY_QVL_SGX_INTERMEDIATE_CA_INVALID_EXTENSIONS,
                                           QY_QVL_SGX_PCK_INVALID_EXTENSIONS};
  static const uint8_t id[] = {QY_DER_OID, 3, 0x55, 0x1d, 0x23}; /* authorityKeyIdentifier */
  for (size_t which = 0; which < 3; which++) {
    QY_SCOPED_SGX_CHAIN(chain);
    QY_SCOPED_BUFFER(pem, SIZE_LIMIT);
    read_chain(&chain);
    for (size_t i = 0; i < 3; i++) {
      QY_SCOPED_BUFFER(der, SIZE_LIMIT);
      qy_buffer_append(&der, chain.certificates[i].der.bytes, chain.certificates[i].der.size);
      uint8_t *at = memmem(der.bytes, der.size, id, sizeof(id));
      assert_non_null(at);
      at[4] = i == which ? 0x7f : at[4];
      qy_buffer_append_text(&pem, "-----BEGIN CERTIFICATE-----\n");
      qy_base64_append(&pem, qy_buffer_view(&der));
      qy_buffer_append_text(&pem, "\n-----END CERTIFICATE-----\n");
    }
    assert_int_equal(chain_status("", qy_buffer_text(&pem), ""), expected[which]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(lengths_are_definite_and_short),
                                     cmocka_unit_test(integers_have_one_form),
                                     cmocka_unit_test(times_have_the_forms_of_rfc_5280),
                                     cmocka_unit_test(elements_are_left_at_their_end),
                                     cmocka_unit_test(what_is_not_critical_does_not_say_so),
                                     cmocka_unit_test(the_sgx_extension_is_strict),
                                     cmocka_unit_test(the_sgx_extension_says_what_stands_there),
                                     cmocka_unit_test(nesting_is_no_recursion),
                                     cmocka_unit_test(truncated_certificates_are_refused),
                                     cmocka_unit_test(changed_certificates_are_not_signed),
                                     cmocka_unit_test(damaged_lists_are_refused),
                                     cmocka_unit_test(chains_are_pem_and_nothing_else),
                                     cmocka_unit_test(a_missing_extension_has_a_status)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
