/* SPDX-License-Identifier: Apache-2.0 */
/* Real collateral, read here and by libcrypto and the tree parser: both see the same. */
#include "vectors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <base/encoding.h>
#include <crypto/x509.h>
#include <json/json.h>
#include <quotary/collateral.h>

#define SIZE_LIMIT (1u << 20)
#define REAL 19

static size_t for_each_real(void (*visit)(const char *folder))
{
  DIR *folder = opendir(vectors_path("dcap/real"));
  size_t count = 0;
  assert_non_null(folder);
  for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (entry->d_name[0] != '.') {
      char path[512];
      (void)snprintf(path, sizeof(path), "dcap/real/%s", entry->d_name);
      visit(path);
      count++;
    }
  }
  closedir(folder);
  return count;
}

/* Intel's own sample: made up, root before intermediate, SVNs beyond a byte. */
static bool is_made_up(const char *folder)
{
  return strstr(folder, "tdx4-qvlsample") != NULL;
}

static void read_file(qy_buffer *out, const char *folder, const char *name)
{
  char path[640];
  (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
  vectors_read(out, path);
}

/* ---- Certificates ---- */

static void compare_certificate(const qy_sgx_certificate *ours, const qy_certificate *theirs)
{
  char text[512];
  char serial[2 * 32 + 1] = "";
  char common_name[128];
  qy_p256_public key;
  assert_true(qy_view_equal(ours->der, qy_certificate_der(theirs)));
  assert_int_equal(ours->not_before_s, qy_certificate_not_before_s(theirs));
  assert_int_equal(ours->not_after_s, qy_certificate_not_after_s(theirs));
  assert_int_equal(ours->is_ca, qy_certificate_is_ca(theirs));
  assert_int_equal(ours->signs_certificates, ours->is_ca);
  assert_false(ours->has_unknown_critical);
  assert_ok(qy_certificate_p256_key(&key, theirs, NULL));
  assert_memory_equal(ours->public_key, key.bytes, sizeof(key.bytes));
  qy_certificate_serial(text, sizeof(text), theirs);
  for (size_t i = 0; i < ours->serial.size && i < 32; i++) {
    (void)snprintf(serial + 2 * i, 3, "%02X", ours->serial.bytes[i]);
  }
  assert_string_equal(serial, text);
  qy_certificate_subject(text, sizeof(text), theirs);
  (void)snprintf(common_name, sizeof(common_name), "CN=%.*s", (int)ours->subject.common_name.size,
                 (const char *)ours->subject.common_name.bytes);
  assert_non_null(strstr(text, common_name));
  qy_certificate_issuer(text, sizeof(text), theirs);
  (void)snprintf(common_name, sizeof(common_name), "CN=%.*s", (int)ours->issuer.common_name.size,
                 (const char *)ours->issuer.common_name.bytes);
  assert_non_null(strstr(text, common_name));
}

/* Who signed whom is the same too, for every pair; each is signed by one. */
static void compare_signatures(const qy_sgx_chain *ours, const qy_chain *theirs)
{
  for (size_t i = 0; i < ours->count; i++) {
    size_t signers = 0;
    for (size_t j = 0; j < ours->count; j++) {
      bool by_ours = false;
      bool by_theirs = false;
      assert_ok(qy_sgx_certificate_signed_by(&by_ours, &ours->certificates[i], &ours->certificates[j], NULL));
      assert_ok(qy_certificate_signed_by(&by_theirs, theirs->certificates[i], theirs->certificates[j], NULL));
      by_ours &= qy_sgx_same_name(&ours->certificates[i].issuer, &ours->certificates[j].subject);
      assert_int_equal(by_ours, by_theirs);
      signers += by_ours;
    }
    assert_int_equal(signers, 1);
  }
}

static void visit_chain(const char *folder, const char *name, size_t count)
{
  QY_SCOPED_BUFFER(pem, SIZE_LIMIT);
  QY_SCOPED_SGX_CHAIN(ours);
  QY_SCOPED_CHAIN(theirs);
  qy_error why = {0};
  read_file(&pem, folder, name);
  if (qy_sgx_chain_from_pem(&ours, qy_buffer_view(&pem), NULL, &why) != QY_OK) {
    fail_msg("%s/%s: %s", folder, name, why.message);
  }
  assert_ok(qy_chain_from_pem(&theirs, qy_buffer_view(&pem), NULL));
  assert_int_equal(ours.count, count);
  assert_int_equal(theirs.count, count);
  for (size_t i = 0; i < count; i++) {
    compare_certificate(&ours.certificates[i], theirs.certificates[i]);
  }
  compare_signatures(&ours, &theirs);
}

/* Known by other means: the quote's own header is not looked at here, the TCB info is. */
static void visit_extension(const char *folder)
{
  QY_SCOPED_BUFFER(pem, SIZE_LIMIT);
  QY_SCOPED_BUFFER(text, SIZE_LIMIT);
  QY_SCOPED_SGX_CHAIN(chain);
  QY_SCOPED_JSON(tree);
  qy_pck_extension extension;
  qy_error why = {0};
  read_file(&pem, folder, "pck_chain.pem");
  read_file(&text, folder, "tcb_info.json");
  assert_ok(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&pem), NULL, NULL));
  if (qy_pck_extension_decode(&extension, chain.certificates[0].sgx_extension, &why) != QY_OK) {
    fail_msg("%s: %s", folder, why.message);
  }
  assert_int_equal(chain.certificates[1].sgx_extension.size, 0);
  assert_int_equal(chain.certificates[2].sgx_extension.size, 0);
  assert_ok(qy_json_parse(&tree, qy_buffer_view(&text), NULL));
  uint8_t fmspc[QY_FMSPC_SIZE];
  uint8_t pce_id[QY_PCE_ID_SIZE];
  const json_t *info = json_object_get(tree, "tcbInfo");
  assert_ok(qy_json_hex(fmspc, sizeof(fmspc), info, "fmspc", "it", NULL));
  assert_ok(qy_json_hex(pce_id, sizeof(pce_id), info, "pceId", "it", NULL));
  assert_memory_equal(extension.fmspc, fmspc, sizeof(fmspc));
  assert_memory_equal(extension.pce_id, pce_id, sizeof(pce_id));
  const qy_view issuer = chain.certificates[0].issuer.common_name;
  const bool by_platform_ca = issuer.size == 25 && memcmp(issuer.bytes, "Intel SGX PCK Platform CA", 25) == 0;
  assert_int_equal(extension.has_platform, by_platform_ca);
  assert_int_equal(qy_view_is_zero(QY_VIEW_OF(extension.platform_instance_id)), !by_platform_ca);
  assert_int_equal(extension.smt_enabled == QY_CONFIGURED_UNKNOWN, !by_platform_ca);
  assert_false(qy_view_is_zero(QY_VIEW_OF(extension.cpu_svn)));
  assert_true(is_made_up(folder) || (extension.pce_svn > 0 && extension.pce_svn < 20));
}

static void visit_chains(const char *folder)
{
  visit_chain(folder, "pck_chain.pem", 3);
  visit_chain(folder, "pck_crl_chain.pem", 2);
  visit_chain(folder, "tcb_chain.pem", 2);
  visit_chain(folder, "qe_chain.pem", 2);
  visit_chain(folder, "root_ca.pem", 1);
  visit_extension(folder);
}

static void chains_are_what_libcrypto_reads(void **state)
{
  (void)state;
  vectors_need();
  assert_int_equal(for_each_real(visit_chains), REAL);
}

/* The built-in key is that of the root of most of them; two are of Intel's own tests. */
static size_t of_intel;

static void count_intel(const char *folder)
{
  QY_SCOPED_BUFFER(pem, SIZE_LIMIT);
  QY_SCOPED_SGX_CHAIN(chain);
  read_file(&pem, folder, "root_ca.pem");
  assert_ok(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&pem), NULL, NULL));
  of_intel += memcmp(chain.certificates[0].public_key, qy_intel_sgx_root_key, 64) == 0;
}

static void the_root_key_is_intels(void **state)
{
  (void)state;
  vectors_need();
  of_intel = 0;
  (void)for_each_real(count_intel);
  assert_int_equal(of_intel, REAL - 2);
}

/* ---- Revocation lists ---- */

static int64_t time_of(const ASN1_TIME *time)
{
  struct tm parts;
  int64_t seconds = 0;
  assert_int_equal(ASN1_TIME_to_tm(time, &parts), 1);
  assert_true(qy_time_from_civil(&seconds, parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                                 parts.tm_min, parts.tm_sec));
  return seconds;
}

static void compare_entries(const qy_sgx_crl *ours, X509_CRL *theirs)
{
  const STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(theirs);
  const int count = entries == NULL ? 0 : sk_X509_REVOKED_num(entries);
  assert_int_equal(ours->revoked_count, count);
  for (int i = 0; i < count; i++) {
    const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i));
    uint8_t bytes[32];
    const int size = ASN1_STRING_length(serial);
    assert_in_range(size, 1, 20);
    memcpy(bytes, ASN1_STRING_get0_data(serial), (size_t)size);
    assert_true(qy_sgx_crl_revokes(ours, qy_view_over(bytes, (size_t)size)));
    bytes[size - 1] ^= 0x55;
    assert_false(qy_sgx_crl_revokes(ours, qy_view_over(bytes, (size_t)size)));
    bytes[size - 1] ^= 0x55;
    bytes[size] = 0;
    assert_false(qy_sgx_crl_revokes(ours, qy_view_over(bytes, (size_t)size + 1)));
    assert_false(qy_sgx_crl_revokes(ours, qy_view_over(bytes, (size_t)size - 1)));
  }
  assert_false(qy_sgx_crl_revokes(ours, (qy_view){NULL, 0}));
}

static void compare_crl(const char *folder, const char *name, const char *issuers, size_t issuer_index)
{
  QY_SCOPED_BUFFER(der, SIZE_LIMIT);
  QY_SCOPED_BUFFER(pem, SIZE_LIMIT);
  QY_SCOPED_SGX_CRL(ours);
  QY_SCOPED_SGX_CHAIN(chain);
  read_file(&der, folder, name);
  qy_error why = {0};
  if (qy_sgx_crl_decode(&ours, qy_buffer_view(&der), &why) != QY_OK) {
    fail_msg("%s/%s: %s", folder, name, why.message);
  }
  const uint8_t *at = der.bytes;
  X509_CRL *theirs = d2i_X509_CRL(NULL, &at, (long)der.size);
  assert_non_null(theirs);
  assert_int_equal(ours.this_update_s, time_of(X509_CRL_get0_lastUpdate(theirs)));
  assert_int_equal(ours.next_update_s, time_of(X509_CRL_get0_nextUpdate(theirs)));
  assert_int_equal(ours.extensions, QY_SGX_CRL_HAS_ALL);
  assert_false(ours.has_unknown_critical);
  assert_int_equal(ours.number, 1);
  compare_entries(&ours, theirs);
  X509_CRL_free(theirs);
  read_file(&pem, folder, issuers);
  assert_ok(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&pem), NULL, NULL));
  issuer_index = is_made_up(folder) ? 1 - issuer_index : issuer_index;
  bool valid = false;
  assert_true(qy_sgx_same_name(&ours.issuer, &chain.certificates[issuer_index].subject));
  assert_ok(qy_sgx_crl_signed_by(&valid, &ours, &chain.certificates[issuer_index], NULL));
  assert_true(valid);
  assert_ok(qy_sgx_crl_signed_by(&valid, &ours, &chain.certificates[1 - issuer_index], NULL));
  assert_false(valid);
}

static void visit_crls(const char *folder)
{
  compare_crl(folder, "root_crl.der", "pck_crl_chain.pem", 1);
  compare_crl(folder, "pck_crl.der", "pck_crl_chain.pem", 0);
}

static void lists_are_what_libcrypto_reads(void **state)
{
  (void)state;
  vectors_need();
  assert_int_equal(for_each_real(visit_crls), REAL);
}

/* The same list in its three forms. */
static void visit_forms(const char *folder)
{
  QY_SCOPED_BUFFER(der, SIZE_LIMIT);
  QY_SCOPED_BUFFER(hex, SIZE_LIMIT);
  QY_SCOPED_BUFFER(pem, SIZE_LIMIT);
  read_file(&der, folder, "pck_crl.der");
  qy_hex_append(&hex, qy_buffer_view(&der));
  qy_buffer_append_text(&hex, "\n");
  qy_buffer_append_text(&pem, "-----BEGIN X509 CRL-----\n");
  qy_base64_append(&pem, qy_buffer_view(&der));
  qy_buffer_append_text(&pem, "\n-----END X509 CRL-----\n");
  const qy_view forms[] = {qy_buffer_view(&der), qy_buffer_view(&hex), qy_buffer_view(&pem)};
  for (size_t i = 0; i < 3; i++) {
    QY_SCOPED_SGX_CRL(crl);
    assert_ok(qy_sgx_crl_decode(&crl, forms[i], NULL));
    assert_true(qy_view_equal(crl.der, qy_buffer_view(&der)));
    assert_int_equal(crl.storage == NULL, i == 0);
  }
}

static void lists_come_in_three_forms(void **state)
{
  (void)state;
  vectors_need();
  assert_int_equal(for_each_real(visit_forms), REAL);
}

/* ---- JSON ---- */

static int64_t number_of(const json_t *object, const char *member)
{
  const json_t *value = json_object_get(object, member);
  assert_true(json_is_integer(value));
  return json_integer_value(value);
}

static int64_t date_of(const json_t *object, const char *member)
{
  int64_t time_s = 0;
  assert_ok(qy_json_time(&time_s, object, member, "it", NULL));
  return time_s;
}

static void compare_advisories(const qy_view *names, qy_advisories ours, const json_t *level)
{
  const json_t *list = json_object_get(level, "advisoryIDs");
  assert_int_equal(ours.count, json_array_size(list));
  for (size_t i = 0; i < ours.count; i++) {
    assert_true(qy_view_equal(names[ours.first + i], qy_view_text(json_string_value(json_array_get(list, i)))));
  }
}

static bool same_versions(const qy_tcb_level *ours, const json_t *tcb, bool is_tdx)
{
  const json_t *sgx = json_object_get(tcb, "sgxtcbcomponents");
  const json_t *tdx = json_object_get(tcb, "tdxtcbcomponents");
  for (size_t i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    char name[32];
    (void)snprintf(name, sizeof(name), "sgxtcbcomp%02zusvn", i + 1);
    const int64_t svn = sgx == NULL ? number_of(tcb, name) : number_of(json_array_get(sgx, i), "svn");
    if (ours->sgx[i] != (uint8_t)svn || (is_tdx && ours->tdx[i] != (uint8_t)number_of(json_array_get(tdx, i), "svn"))) {
      return false;
    }
  }
  return ours->pce_svn == number_of(tcb, "pcesvn");
}

static void compare_levels(const qy_tcb_info *ours, const json_t *levels)
{
  assert_int_equal(ours->level_count, json_array_size(levels));
  for (size_t i = 0; i < ours->level_count; i++) {
    const json_t *level = json_array_get(levels, i);
    size_t at = 0;
    while (at < ours->level_count && !same_versions(&ours->levels[at], json_object_get(level, "tcb"), ours->is_tdx)) {
      at++;
    }
    assert_in_range(at, 0, ours->level_count - 1);
    const qy_tcb_level *found = &ours->levels[at];
    assert_string_equal(qy_tcb_status_name(found->status), json_string_value(json_object_get(level, "tcbStatus")));
    assert_int_equal(found->date_s, date_of(level, "tcbDate"));
    compare_advisories(ours->advisories, found->advisories, level);
  }
}

static void compare_modules(const qy_tcb_info *ours, const json_t *modules)
{
  assert_int_equal(ours->module_count, json_array_size(modules));
  for (size_t i = 0; i < ours->module_count; i++) {
    const json_t *module = json_array_get(modules, i);
    const qy_tdx_module_identity *found = &ours->modules[i];
    const json_t *levels = json_object_get(module, "tcbLevels");
    assert_true(qy_view_equal(found->id, qy_view_text(json_string_value(json_object_get(module, "id")))));
    assert_true(found->has_version);
    assert_int_equal(found->level_count, json_array_size(levels));
    for (size_t j = 0; j < found->level_count; j++) {
      const json_t *level = json_array_get(levels, j); /* Intel serves them highest first */
      const qy_svn_level *one = &ours->module_levels[found->first_level + j];
      assert_int_equal(one->isv_svn, number_of(json_object_get(level, "tcb"), "isvsvn"));
      assert_int_equal(one->date_s, date_of(level, "tcbDate"));
      assert_string_equal(qy_tcb_status_name(one->status), json_string_value(json_object_get(level, "tcbStatus")));
      compare_advisories(ours->advisories, one->advisories, level);
    }
  }
}

static void expect_signed(const qy_signed_json *json, const char *folder, const char *chain_name)
{
  QY_SCOPED_BUFFER(pem, SIZE_LIMIT);
  QY_SCOPED_SGX_CHAIN(chain);
  bool valid = false;
  read_file(&pem, folder, chain_name);
  assert_ok(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&pem), NULL, NULL));
  assert_true(json->is_compact);
  const size_t signer = is_made_up(folder) ? 1 : 0;
  assert_ok(qy_signed_json_verify(&valid, json, chain.certificates[signer].public_key, NULL));
  assert_true(valid);
  assert_ok(qy_signed_json_verify(&valid, json, chain.certificates[1 - signer].public_key, NULL));
  assert_false(valid);
}

static void visit_tcb_info(const char *folder)
{
  QY_SCOPED_BUFFER(text, SIZE_LIMIT);
  QY_SCOPED_JSON(tree);
  qy_error why = {0};
  qy_tcb_info *ours = malloc(sizeof(*ours));
  assert_non_null(ours);
  read_file(&text, folder, "tcb_info.json");
  assert_ok(qy_json_parse(&tree, qy_buffer_view(&text), NULL));
  if (qy_tcb_info_decode(ours, qy_buffer_view(&text), NULL, &why) != QY_OK) {
    fail_msg("%s: %s", folder, why.message);
  }
  const json_t *info = json_object_get(tree, "tcbInfo");
  assert_int_equal(ours->version, number_of(info, "version"));
  assert_int_equal(ours->evaluation_number, number_of(info, "tcbEvaluationDataNumber"));
  assert_int_equal(ours->issued_s, date_of(info, "issueDate"));
  assert_int_equal(ours->next_update_s, date_of(info, "nextUpdate"));
  assert_int_equal(ours->is_tdx,
                   ours->version == 3 && strcmp(json_string_value(json_object_get(info, "id")), "TDX") == 0);
  assert_int_equal(ours->has_wide_svn, is_made_up(folder));
  compare_levels(ours, json_object_get(info, "tcbLevels"));
  compare_modules(ours, json_object_get(info, "tdxModuleIdentities"));
  expect_signed(&ours->json, folder, "tcb_chain.pem");
  free(ours);
}

static void tcb_infos_are_what_stands_there(void **state)
{
  (void)state;
  vectors_need();
  assert_int_equal(for_each_real(visit_tcb_info), REAL);
}

static void visit_identity(const char *folder)
{
  QY_SCOPED_BUFFER(text, SIZE_LIMIT);
  QY_SCOPED_JSON(tree);
  uint8_t mr_signer[QY_MEASUREMENT_SIZE];
  qy_enclave_identity ours;
  qy_error why = {0};
  read_file(&text, folder, "qe_identity.json");
  assert_ok(qy_json_parse(&tree, qy_buffer_view(&text), NULL));
  if (qy_enclave_identity_decode(&ours, qy_buffer_view(&text), NULL, &why) != QY_OK) {
    fail_msg("%s: %s", folder, why.message);
  }
  const json_t *identity = json_object_get(tree, "enclaveIdentity");
  assert_string_equal(qy_identity_id_name(ours.id), json_string_value(json_object_get(identity, "id")));
  assert_int_equal(ours.version, number_of(identity, "version"));
  assert_int_equal(ours.evaluation_number, number_of(identity, "tcbEvaluationDataNumber"));
  assert_int_equal(ours.issued_s, date_of(identity, "issueDate"));
  assert_int_equal(ours.next_update_s, date_of(identity, "nextUpdate"));
  assert_int_equal(ours.isv_prod_id, number_of(identity, "isvprodid"));
  assert_ok(qy_json_hex(mr_signer, sizeof(mr_signer), identity, "mrsigner", "it", NULL));
  assert_memory_equal(ours.mr_signer, mr_signer, sizeof(mr_signer));
  if (strstr(folder, "qvlsample") == NULL) { /* what all of Intel's quoting enclaves have */
    assert_int_equal(ours.misc_select, 0);
    assert_int_equal(ours.misc_select_mask, UINT32_MAX);
    assert_int_equal(ours.attributes.flags, 0x11);
    assert_int_equal(ours.attributes_mask.flags, 0xfffffffffffffffb); /* "FBFFFFFF..." */
  }
  const json_t *levels = json_object_get(identity, "tcbLevels");
  assert_int_equal(ours.level_count, json_array_size(levels));
  for (size_t i = 0; i < ours.level_count; i++) {
    const json_t *level = json_array_get(levels, i);
    assert_int_equal(ours.levels[i].isv_svn, number_of(json_object_get(level, "tcb"), "isvsvn"));
    assert_int_equal(ours.levels[i].date_s, date_of(level, "tcbDate"));
    compare_advisories(ours.advisories, ours.levels[i].advisories, level);
  }
  expect_signed(&ours.json, folder, "qe_chain.pem");
}

static void identities_are_what_stands_there(void **state)
{
  (void)state;
  vectors_need();
  assert_int_equal(for_each_real(visit_identity), REAL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chains_are_what_libcrypto_reads), cmocka_unit_test(the_root_key_is_intels),
      cmocka_unit_test(lists_are_what_libcrypto_reads),  cmocka_unit_test(lists_come_in_three_forms),
      cmocka_unit_test(tcb_infos_are_what_stands_there), cmocka_unit_test(identities_are_what_stands_there)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
