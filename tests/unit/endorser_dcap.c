/* SPDX-License-Identifier: Apache-2.0 */
/* What an endorser publishes of DCAP platforms: read by room collateral, verified by libcrypto, and turned against itself. */
#include "endorser_dcap_support.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/x509_vfy.h>

#include <base/encoding.h>
#include <crypto/x509.h>
#include <endorser/dcap.h>
#include <provisioning/keys.h>

#define DAY_S 86400

static char folder[QY_PATH_SIZE];
static int64_t begun_s; /* when the endorser was made */

static void read_dcap(qy_buffer *out, const char *name)
{
  char path[QY_PATH_SIZE];
  (void)snprintf(path, sizeof path, "public/dcap/%s", name);
  qy_buffer_clear(out);
  qy_buffer_init(out, 1u << 20);
  read_below(out, folder, path);
}

static void get_signed(qy_buffer *out, qy_pcs_document document, const char *kind, uint32_t number)
{
  qy_buffer_clear(out);
  qy_buffer_init(out, 1u << 20);
  assert_ok(
      qy_dcap_signed_get(out, folder, document, kind == NULL ? NULL : qy_dcap_kind_by_name(kind), number, &assert_why));
}

static int fresh(void **state)
{
  static qy_dcap_world begun;
  qy_tcb_levels levels;
  (void)state;
  endorser_make(folder);
  assert_ok(qy_tcb_levels_load(&levels, folder, &assert_why));
  assert_ok(qy_dcap_world_load(&begun, folder, &levels, &assert_why));
  begun_s = begun.issued_s;
  return 0;
}

static int drop(void **state)
{
  (void)state;
  scratch_remove(folder);
  return 0;
}

/* ---- Certificates and lists ---- */

static void check_ca(const char *name, const char *common_name, bool is_ca)
{
  bool valid = false;
  QY_SCOPED_BUFFER(pem, 1u << 20);
  QY_SCOPED_BUFFER(root_pem, 1u << 20);
  QY_SCOPED_SGX_CHAIN(chain);
  QY_SCOPED_SGX_CHAIN(root);
  read_dcap(&pem, name);
  read_dcap(&root_pem, "root-ca.pem");
  assert_ok(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&pem), NULL, &assert_why));
  assert_ok(qy_sgx_chain_from_pem(&root, qy_buffer_view(&root_pem), NULL, &assert_why));
  const qy_sgx_certificate *ours = &chain.certificates[0];
  assert_true(qy_view_equal(ours->subject.common_name, qy_view_text(common_name)));
  assert_int_equal(ours->serial.size, QY_DCAP_SERIAL_SIZE);
  assert_int_equal(ours->is_ca, is_ca);
  assert_int_equal(ours->signs_certificates, is_ca);
  assert_int_equal(ours->signs_lists, is_ca);
  assert_int_equal(ours->signs_data, !is_ca);
  assert_false(ours->has_unknown_critical);
  assert_true(qy_sgx_same_name(&ours->issuer, &root.certificates[0].subject));
  assert_ok(qy_sgx_certificate_signed_by(&valid, ours, &root.certificates[0], &assert_why));
  assert_true(valid);
}

static void authorities_are_certified(void **state)
{
  (void)state;
  check_ca("root-ca.pem", "Simulated SGX Root CA", true);
  check_ca("processor-ca.pem", "Simulated SGX PCK Processor CA", true);
  check_ca("platform-ca.pem", "Simulated SGX PCK Platform CA", true);
  check_ca("tcb-signing.pem", "Simulated SGX TCB Signing", false);
  assert_true(exists_below(folder, "issuer/dcap-root.pem"));
}

static void check_list(qy_pcs_document document, const char *issuer_name, size_t revoked, int64_t valid_s)
{
  bool valid = false;
  QY_SCOPED_BUFFER(der, 1u << 20);
  QY_SCOPED_BUFFER(pem, 1u << 20);
  QY_SCOPED_SGX_CHAIN(issuer);
  QY_SCOPED_SGX_CRL(list);
  get_signed(&der, document, NULL, 0);
  read_dcap(&pem, issuer_name);
  assert_ok(qy_sgx_chain_from_pem(&issuer, qy_buffer_view(&pem), NULL, &assert_why));
  assert_ok(qy_sgx_crl_decode(&list, qy_buffer_view(&der), &assert_why));
  assert_int_equal(list.extensions, QY_SGX_CRL_HAS_ALL);
  assert_false(list.has_unknown_critical);
  assert_int_equal(list.revoked_count, revoked);
  assert_int_equal(list.next_update_s - list.this_update_s, valid_s);
  assert_true(list.number >= 1);
  assert_true(qy_sgx_same_name(&list.issuer, &issuer.certificates[0].subject));
  assert_ok(qy_sgx_crl_signed_by(&valid, &list, &issuer.certificates[0], &assert_why));
  assert_true(valid);
}

static void lists_are_signed(void **state)
{
  (void)state;
  check_list(QY_PCS_ROOT_CRL, "root-ca.pem", 0, 365 * DAY_S);
  check_list(QY_PCS_PROCESSOR_CRL, "processor-ca.pem", 0, 30 * DAY_S);
  check_list(QY_PCS_PLATFORM_CRL, "platform-ca.pem", 0, 30 * DAY_S);
}

/* ---- Documents ---- */

static void read_tcb_info(qy_tcb_info *out, qy_buffer *text, qy_pcs_document document, const char *kind,
                          uint32_t number)
{
  QY_SCOPED_BUFFER(signer, 1u << 20);
  get_signed(text, document, kind, number);
  read_dcap(&signer, "tcb-signing.pem");
  check_tcb_info(out, qy_buffer_view(text), qy_buffer_view(&signer));
}

static void read_identity(qy_enclave_identity *out, qy_buffer *text, qy_pcs_document document, uint32_t number)
{
  QY_SCOPED_BUFFER(signer, 1u << 20);
  get_signed(text, document, NULL, number);
  read_dcap(&signer, "tcb-signing.pem");
  check_identity(out, qy_buffer_view(text), qy_buffer_view(&signer));
}

static void tcb_info_says_what_is_asked_for(void **state)
{
  (void)state;
  static qy_tcb_info info;
  qy_tcb_levels levels;
  QY_SCOPED_BUFFER(text, 1u << 20);
  qy_tcb_levels_default(&levels);
  read_tcb_info(&info, &text, QY_PCS_SGX_TCB, "server", 17);
  assert_false(info.is_tdx);
  assert_int_equal(info.version, 3);
  assert_int_equal(info.evaluation_number, 17);
  assert_int_equal(info.issued_s, begun_s);
  assert_int_equal(info.next_update_s, begun_s + 30 * DAY_S);
  assert_memory_equal(info.fmspc, "QSIM\0\2", 6);
  assert_true(qy_view_is_zero(QY_VIEW_OF(info.pce_id)));
  assert_int_equal(info.level_count, levels.count);
  for (size_t i = 0; i < info.level_count; i++) { /* levels 5 and 4 are what 17 asks for */
    assert_memory_equal(info.levels[i].sgx, levels.cpu_svns[levels.count - 1 - i], 16);
    assert_int_equal(info.levels[i].pce_svn, 1);
    assert_int_equal(info.levels[i].status, i < 2 ? QY_TCB_STATUS_UP_TO_DATE : QY_TCB_STATUS_OUT_OF_DATE);
    assert_int_equal(info.levels[i].advisories.count, i < 2 ? 0 : i < 3 ? 1 : 2);
    assert_true(i == 0 || info.levels[i].date_s <= info.levels[i - 1].date_s);
  }
  assert_true(qy_view_equal(info.sgx_kinds[0].type, qy_view_text("Early Microcode Update")));
  read_tcb_info(&info, &text, QY_PCS_SGX_TCB_V2, "client", 16);
  assert_int_equal(info.version, 2);
  assert_memory_equal(info.fmspc, "QSIM\0\1", 6);
  assert_int_equal(info.evaluation_number, 16);
  assert_int_equal(info.levels[2].status, QY_TCB_STATUS_UP_TO_DATE);
  assert_int_equal(info.levels[3].status, QY_TCB_STATUS_OUT_OF_DATE);
}

static void tdx_tcb_info_has_modules(void **state)
{
  (void)state;
  static qy_tcb_info info;
  QY_SCOPED_BUFFER(text, 1u << 20);
  read_tcb_info(&info, &text, QY_PCS_TDX_TCB, "server", 17);
  assert_true(info.is_tdx);
  assert_int_equal(info.module_count, 1);
  assert_true(info.modules[0].has_version);
  assert_int_equal(info.modules[0].version, QY_DCAP_TDX_MODULE_VERSION);
  assert_int_equal(info.modules[0].level_count, 1);
  assert_int_equal(info.module_levels[0].isv_svn, 1);
  assert_int_equal(info.module_levels[0].status, QY_TCB_STATUS_UP_TO_DATE);
  const uint8_t tdx[16] = {1, 1, 17};
  assert_memory_equal(info.levels[0].tdx, tdx, sizeof tdx);
}

static void identities_name_the_enclaves(void **state)
{
  (void)state;
  static const struct {
    qy_pcs_document document;
    uint32_t number;
    qy_identity_id id;
    unsigned product;
    uint64_t flags;
  } CASES[] = {{QY_PCS_QE_IDENTITY, 16, QY_IDENTITY_QE, QY_DCAP_QE_PRODUCT, 0x11},
               {QY_PCS_TD_QE_IDENTITY, 17, QY_IDENTITY_TD_QE, QY_DCAP_TD_QE_PRODUCT, 0x11},
               {QY_PCS_QVE_IDENTITY, 17, QY_IDENTITY_QVE, QY_DCAP_QVE_PRODUCT, 0x01}};
  qy_signed_enclaves enclaves;
  assert_ok(qy_signed_enclaves_load(&enclaves, folder, &assert_why));
  for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
    qy_enclave_identity identity;
    QY_SCOPED_BUFFER(text, 1u << 20);
    read_identity(&identity, &text, CASES[i].document, CASES[i].number);
    assert_int_equal(identity.id, CASES[i].id);
    assert_int_equal(identity.isv_prod_id, CASES[i].product);
    assert_int_equal(identity.attributes.flags, CASES[i].flags);
    assert_memory_equal(identity.mr_signer, enclaves.identity.mr_signer, sizeof identity.mr_signer);
    assert_int_equal(identity.level_count, 1);
    assert_int_equal(identity.levels[0].isv_svn, 1);
    assert_int_equal(identity.levels[0].status, QY_TCB_STATUS_UP_TO_DATE);
  }
}

static void numbers_are_signed(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(text, 1u << 20);
  QY_SCOPED_BUFFER(signer, 1u << 20);
  read_dcap(&signer, "tcb-signing.pem");
  get_signed(&text, QY_PCS_TDX_NUMBERS, NULL, 0);
  check_signed_json(qy_buffer_view(&text), "tcbEvaluationDataNumbers", qy_buffer_view(&signer));
  json_t *object = json_loadb((const char *)text.bytes, text.size, JSON_REJECT_DUPLICATES, NULL);
  const json_t *body = json_object_get(object, "tcbEvaluationDataNumbers");
  const json_t *list = json_object_get(body, "tcbEvalNumbers");
  assert_string_equal(json_string_value(json_object_get(body, "id")), "TDX");
  assert_int_equal(json_array_size(list), 2);
  assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "tcbEvaluationDataNumber")), 17);
  json_decref(object);
}

/* ---- PCK certificates ---- */

static void load_machine(qy_machine_record *out, const test_machine *machine)
{
  assert_ok(qy_machine_record_load(out, folder, machine->w.machine.enrolled.ppid, &assert_why));
}

static void get_pck(qy_dcap_pck *out, const test_machine *machine, int64_t now_s)
{
  qy_dcap_tcbm tcbm;
  QY_SCOPED_MACHINE_RECORD(record);
  load_machine(&record, machine);
  qy_buffer_clear(&out->pem);
  qy_dcap_pck_init(out);
  assert_ok(qy_dcap_tcbm_of(&tcbm, folder, machine->w.machine.cpu_svn, machine->w.machine.level.pce_svn, &assert_why));
  assert_ok(qy_dcap_pck_get(out, folder, &record, &tcbm, now_s, &assert_why));
}

static int verdict_on_pck(const qy_dcap_pck *pck, const char *ca, int64_t now_s)
{
  const bool of_platform = strcmp(ca, "platform") == 0;
  char pem[64];
  QY_SCOPED_BUFFER(intermediate, 1u << 20);
  QY_SCOPED_BUFFER(root, 1u << 20);
  QY_SCOPED_BUFFER(pck_crl, 1u << 20);
  QY_SCOPED_BUFFER(root_crl, 1u << 20);
  (void)snprintf(pem, sizeof pem, "%s-ca.pem", ca);
  read_dcap(&intermediate, pem);
  read_dcap(&root, "root-ca.pem");
  get_signed(&pck_crl, of_platform ? QY_PCS_PLATFORM_CRL : QY_PCS_PROCESSOR_CRL, NULL, 0);
  get_signed(&root_crl, QY_PCS_ROOT_CRL, NULL, 0);
  return libcrypto_verdict(qy_buffer_view(&pck->pem), qy_buffer_view(&intermediate), qy_buffer_view(&root),
                           qy_buffer_view(&pck_crl), qy_buffer_view(&root_crl), now_s);
}

/* The key in the certificate is the one by which the machine's PCE signs. */
static void check_pck_key(const test_machine *machine, const qy_sgx_certificate *certificate)
{
  uint8_t body[QY_REPORT_BODY_SIZE] = {7};
  uint8_t signature[64];
  bool valid = false;
  qy_p256_public key;
  const qy_view message = QY_VIEW_OF(body);
  world_certify(signature, &machine->w.machine, &machine->w.machine.level, body);
  memcpy(key.bytes, certificate->public_key, sizeof key.bytes);
  assert_ok(qy_p256_verify(&valid, &key, &message, 1, signature, &assert_why));
  assert_true(valid);
}

static void pck_certificates_tell_the_machine(void **state)
{
  (void)state;
  for (unsigned level = 1; level <= 5; level += 2) {
    test_machine machine;
    qy_pck_extension facts;
    QY_SCOPED_PCK(pck);
    QY_SCOPED_PCK(again);
    QY_SCOPED_SGX_CHAIN(chain);
    machine_make(&machine, folder, (uint8_t)(0x30 + level));
    machine_set_level(&machine, level);
    machine_enroll(&machine, folder);
    get_pck(&pck, &machine, begun_s);
    assert_ok(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&pck.pem), NULL, &assert_why));
    const qy_sgx_certificate *leaf = &chain.certificates[0];
    assert_true(qy_view_equal(leaf->subject.common_name, qy_view_text("Simulated SGX PCK Certificate")));
    assert_ok(qy_pck_extension_decode(&facts, leaf->sgx_extension, &assert_why));
    assert_memory_equal(facts.ppid, machine.w.machine.enrolled.ppid, sizeof facts.ppid);
    assert_memory_equal(facts.components, machine.w.machine.cpu_svn, sizeof facts.components);
    assert_memory_equal(facts.cpu_svn, machine.w.machine.cpu_svn, sizeof facts.cpu_svn);
    assert_int_equal(facts.pce_svn, machine.w.machine.level.pce_svn);
    assert_memory_equal(facts.fmspc, "QSIM\0\2", 6);
    assert_true(facts.has_platform);
    assert_int_equal(facts.sgx_type, QY_SGX_SCALABLE);
    assert_int_equal(facts.smt_enabled, QY_CONFIGURED_TRUE);
    check_pck_key(&machine, leaf);
    assert_int_equal(verdict_on_pck(&pck, "platform", begun_s + 60), X509_V_OK);
    assert_int_equal(verdict_on_pck(&pck, "platform", begun_s + 31 * DAY_S), X509_V_ERR_CRL_HAS_EXPIRED);
    get_pck(&again, &machine, begun_s + 99); /* what was made is kept */
    assert_true(qy_view_equal(qy_buffer_view(&pck.pem), qy_buffer_view(&again.pem)));
    machine_clear(&machine);
  }
}

static void clients_are_of_the_processor_ca(void **state)
{
  (void)state;
  test_machine machine;
  qy_pck_extension facts;
  QY_SCOPED_PCK(pck);
  QY_SCOPED_SGX_CHAIN(chain);
  machine_make(&machine, folder, 0x41);
  machine.record[strlen(machine.record) - 1] = '\0';
  (void)snprintf(machine.record + strlen(machine.record), sizeof machine.record - strlen(machine.record),
                 ",\"kind\":\"client\"}");
  machine_enroll(&machine, folder);
  get_pck(&pck, &machine, begun_s);
  assert_ok(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&pck.pem), NULL, &assert_why));
  assert_ok(qy_pck_extension_decode(&facts, chain.certificates[0].sgx_extension, &assert_why));
  assert_false(facts.has_platform);
  assert_int_equal(facts.sgx_type, QY_SGX_STANDARD);
  assert_int_equal(verdict_on_pck(&pck, "processor", begun_s), X509_V_OK);
  assert_int_equal(verdict_on_pck(&pck, "platform", begun_s), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  machine_clear(&machine);
}

static void unknown_kinds_are_refused(void **state)
{
  (void)state;
  test_machine machine;
  machine_make(&machine, folder, 0x42);
  machine.record[strlen(machine.record) - 1] = '\0';
  (void)snprintf(machine.record + strlen(machine.record), sizeof machine.record - strlen(machine.record),
                 ",\"kind\":\"toaster\"}");
  assert_int_equal(qy_endorser_enroll(folder, qy_view_text(machine.record), NULL), QY_ERR_MALFORMED);
  machine_clear(&machine);
}

/* ---- Turned against itself ---- */

static void recovery_makes_older_tcbs_out_of_date(void **state)
{
  (void)state;
  static qy_tcb_info info;
  qy_enclave_identity identity;
  uint32_t number = 0;
  QY_SCOPED_BUFFER(text, 1u << 20);
  const qy_dcap_recovery nothing = {.cpu_level = 4};
  const qy_dcap_recovery lower = {.cpu_level = 3};
  const qy_dcap_recovery beyond = {.cpu_level = 6};
  const qy_dcap_recovery recovery = {.cpu_level = 5,
                                     .pce_svn = 2,
                                     .qe_svn = 3,
                                     .tdx_module_svn = 2,
                                     .standard_after_days = 10,
                                     .status = QY_TCB_STATUS_SW_HARDENING_NEEDED,
                                     .advisories = {.count = 1, .ids = {"QUOTARY-SIM-0018"}}};
  assert_int_equal(qy_endorser_tcb_recovery(&number, folder, &nothing, NULL), QY_ERR_ARGUMENT);
  assert_int_equal(qy_endorser_tcb_recovery(&number, folder, &lower, NULL), QY_ERR_DENIED);
  assert_int_equal(qy_endorser_tcb_recovery(&number, folder, &beyond, NULL), QY_ERR_ARGUMENT);
  assert_ok(qy_endorser_tcb_recovery(&number, folder, &recovery, &assert_why));
  assert_int_equal(number, 18);

  read_tcb_info(&info, &text, QY_PCS_TDX_TCB, "server", 18);
  assert_int_equal(info.level_count, 6); /* the newest with either PCE */
  assert_int_equal(info.levels[0].status, QY_TCB_STATUS_SW_HARDENING_NEEDED);
  assert_int_equal(info.levels[0].pce_svn, 2);
  assert_int_equal(info.levels[1].status, QY_TCB_STATUS_OUT_OF_DATE);
  assert_int_equal(info.levels[1].pce_svn, 1);
  assert_int_equal(info.levels[2].status, QY_TCB_STATUS_OUT_OF_DATE);
  assert_true(qy_view_equal(info.advisories[info.levels[2].advisories.first], qy_view_text("QUOTARY-SIM-0018")));
  assert_int_equal(info.module_level_count, 2);
  assert_int_equal(info.module_levels[0].isv_svn, 2);
  assert_int_equal(info.module_levels[1].status, QY_TCB_STATUS_OUT_OF_DATE);

  read_identity(&identity, &text, QY_PCS_QE_IDENTITY, 18);
  assert_int_equal(identity.level_count, 2);
  assert_int_equal(identity.levels[0].isv_svn, 3);
  assert_int_equal(identity.levels[0].status, QY_TCB_STATUS_UP_TO_DATE);
  assert_int_equal(identity.levels[1].isv_svn, 1);
  assert_int_equal(identity.levels[1].status, QY_TCB_STATUS_OUT_OF_DATE);
  assert_int_equal(identity.levels[1].advisories.count, 1);
  read_tcb_info(&info, &text, QY_PCS_SGX_TCB, "server", 17); /* an evaluation of the past stays as it was */
  assert_int_equal(info.levels[0].status, QY_TCB_STATUS_UP_TO_DATE);
}

static void revoked_pcks_are_on_the_list(void **state)
{
  (void)state;
  test_machine machine, other;
  QY_SCOPED_PCK(before);
  QY_SCOPED_PCK(after);
  QY_SCOPED_PCK(innocent);
  machine_make(&machine, folder, 0x51);
  machine_make(&other, folder, 0x61);
  machine_enroll(&machine, folder);
  machine_enroll(&other, folder);
  get_pck(&before, &machine, begun_s);
  get_pck(&innocent, &other, begun_s);
  assert_ok(qy_endorser_revoke_pck(folder, machine.w.machine.enrolled.ppid, &assert_why));
  assert_int_equal(qy_endorser_revoke_pck(folder, machine.w.machine.enrolled.ppid, NULL), QY_ERR_EXISTS);
  machine_set_level(&machine, 2); /* one that was never made before */
  get_pck(&after, &machine, begun_s);
  const int64_t now_s = qy_clock_now_s() + 1;
  check_list(QY_PCS_PLATFORM_CRL, "platform-ca.pem", 5 * 2, 30 * DAY_S); /* five levels, two PCEs */
  assert_int_equal(verdict_on_pck(&before, "platform", now_s), X509_V_ERR_CERT_REVOKED);
  assert_int_equal(verdict_on_pck(&after, "platform", now_s), X509_V_ERR_CERT_REVOKED);
  assert_int_equal(verdict_on_pck(&innocent, "platform", now_s), X509_V_OK);
  assert_ok(qy_endorser_revoke_authority(folder, QY_DCAP_NAME_PLATFORM_CA, &assert_why));
  assert_int_equal(verdict_on_pck(&innocent, "platform", now_s), X509_V_ERR_CERT_REVOKED);
  assert_int_equal(qy_endorser_revoke_pck(folder, TEST_SPID, NULL), QY_ERR_NOT_FOUND);
  machine_clear(&machine);
  machine_clear(&other);
}

static int verdict_on_signing(int64_t now_s)
{
  QY_SCOPED_BUFFER(signing, 1u << 20);
  QY_SCOPED_BUFFER(root, 1u << 20);
  QY_SCOPED_BUFFER(root_crl, 1u << 20);
  read_dcap(&signing, "tcb-signing.pem");
  read_dcap(&root, "root-ca.pem");
  get_signed(&root_crl, QY_PCS_ROOT_CRL, NULL, 0);
  return libcrypto_verdict(qy_buffer_view(&signing), (qy_view){0}, qy_buffer_view(&root), (qy_view){0},
                           qy_buffer_view(&root_crl), now_s);
}

static void what_lapsed_is_past(void **state)
{
  (void)state;
  static qy_tcb_info info;
  qy_enclave_identity identity;
  test_machine machine;
  QY_SCOPED_BUFFER(text, 1u << 20);
  QY_SCOPED_PCK(pck);
  machine_make(&machine, folder, 0x71);
  machine_enroll(&machine, folder);
  const int64_t now_s = qy_clock_now_s() + 1;
  assert_int_equal(verdict_on_signing(now_s), X509_V_OK);
  assert_ok(qy_endorser_expire(folder, QY_DCAP_LAPSED_TCB_INFO | QY_DCAP_LAPSED_PCK, true, &assert_why));
  read_tcb_info(&info, &text, QY_PCS_SGX_TCB, "server", 17);
  assert_true(info.next_update_s < now_s);
  read_identity(&identity, &text, QY_PCS_QE_IDENTITY, 17);
  assert_true(identity.next_update_s > now_s);
  get_pck(&pck, &machine, now_s);
  assert_int_equal(verdict_on_pck(&pck, "platform", now_s), X509_V_ERR_CERT_HAS_EXPIRED);
  assert_ok(qy_endorser_expire(folder, QY_DCAP_LAPSED_ALL, true, &assert_why));
  read_identity(&identity, &text, QY_PCS_QE_IDENTITY, 17);
  assert_true(identity.next_update_s < now_s);
  assert_int_equal(verdict_on_signing(now_s), X509_V_ERR_CRL_HAS_EXPIRED);
  assert_ok(qy_endorser_expire(folder, QY_DCAP_LAPSED_ROOT_CRL, false, &assert_why));
  assert_int_equal(verdict_on_signing(now_s), X509_V_ERR_CERT_HAS_EXPIRED);
  assert_ok(qy_endorser_expire(folder, QY_DCAP_LAPSED_ALL, false, &assert_why));
  assert_int_equal(verdict_on_signing(now_s), X509_V_OK);
  get_pck(&pck, &machine, now_s);
  assert_int_equal(verdict_on_pck(&pck, "platform", now_s), X509_V_OK);
  machine_clear(&machine);
}

/* What is asked for twice is signed once; what is old is signed anew; a folder from before there was DCAP gets it. */
static void mending_catches_up(void **state)
{
  (void)state;
  static qy_tcb_info info;
  QY_SCOPED_BUFFER(text, 1u << 20);
  QY_SCOPED_BUFFER(again, 1u << 20);
  read_tcb_info(&info, &text, QY_PCS_SGX_TCB, "server", 17);
  get_signed(&again, QY_PCS_SGX_TCB, "server", 17);
  assert_true(qy_view_equal(qy_buffer_view(&again), qy_buffer_view(&text)));
  assert_ok(qy_dcap_mend(folder, begun_s + QY_DCAP_RENEW_S, &assert_why)); /* not old yet */
  assert_true(exists_below(folder, "public/dcap/signed/1-sgx-tcb-5153494d0002-17.json"));
  assert_ok(qy_dcap_mend(folder, begun_s + 1 + QY_DCAP_RENEW_S, &assert_why));
  assert_false(exists_below(folder, "public/dcap/signed/1-sgx-tcb-5153494d0002-17.json"));
  read_tcb_info(&info, &text, QY_PCS_SGX_TCB, "server", 17);
  assert_int_equal(info.issued_s, begun_s + 1 + QY_DCAP_RENEW_S);
  char path[QY_PATH_SIZE];
  assert_ok(qy_path_join(path, sizeof path, folder, "public/dcap/world.json", &assert_why));
  assert_int_equal(remove(path), 0);
  assert_ok(qy_dcap_mend(folder, begun_s, &assert_why));
  authorities_are_certified(NULL);
}

static void worlds_are_read_strictly(void **state)
{
  (void)state;
  static const struct {
    const char *from, *to;
  } SPOILS[] = {{"\"issued\"", "\"issue\""},
                {"\"number\": 17", "\"number\": 16"},
                {"\"number\": 17", "\"number\": 0"},
                {"\"UpToDate\"", "\"Revoked\""},
                {"\"cpu_level\": 4", "\"cpu_level\": 2"},
                {"\"cpu_level\": 4", "\"cpu_level\": 6"},
                {"\"qe_svn\": 1", "\"qe_svn\": 256"},
                {"\"QUOTARY-SIM-0017\"", "\"quotary\""},
                {"\"lapsed\": []", "\"lapsed\": [\"all\"]"},
                {"\"revoked\": []", "\"revoked\": [{}]"}};
  static qy_dcap_world written, again;
  qy_tcb_levels levels;
  QY_SCOPED_BUFFER(text, 1u << 20);
  qy_tcb_levels_default(&levels);
  qy_dcap_world_default(&written, &levels, begun_s);
  written.lapsed = QY_DCAP_LAPSED_PCK;
  written.revoked_count = 1;
  written.revoked[0] = (qy_dcap_revoked){.ca = QY_DCAP_PLATFORM, .serial = {0x41}, .revoked_s = begun_s};
  assert_ok(qy_dcap_world_encode(&text, &written, &assert_why));
  assert_ok(qy_dcap_world_decode(&again, qy_buffer_view(&text), &levels, &assert_why));
  assert_memory_equal(&again, &written, sizeof written);
  read_dcap(&text, "world.json");
  const char *whole = qy_buffer_text(&text);
  for (size_t i = 0; i < sizeof SPOILS / sizeof SPOILS[0]; i++) {
    QY_SCOPED_BUFFER(spoiled, 1u << 20);
    const char *at = strstr(whole, SPOILS[i].from);
    assert_non_null(at);
    qy_buffer_append(&spoiled, whole, (size_t)(at - whole));
    qy_buffer_append_text(&spoiled, SPOILS[i].to);
    qy_buffer_append_text(&spoiled, at + strlen(SPOILS[i].from));
    assert_int_equal(qy_dcap_world_decode(&again, qy_buffer_view(&spoiled), &levels, NULL), QY_ERR_MALFORMED);
  }
}

int main(void)
{
  const struct CMUnitTest looking[] = {
      cmocka_unit_test(authorities_are_certified),         cmocka_unit_test(lists_are_signed),
      cmocka_unit_test(tcb_info_says_what_is_asked_for),   cmocka_unit_test(tdx_tcb_info_has_modules),
      cmocka_unit_test(identities_name_the_enclaves),      cmocka_unit_test(numbers_are_signed),
      cmocka_unit_test(pck_certificates_tell_the_machine), cmocka_unit_test(clients_are_of_the_processor_ca),
      cmocka_unit_test(unknown_kinds_are_refused),         cmocka_unit_test(worlds_are_read_strictly),
  };
  const struct CMUnitTest changing[] = {
      cmocka_unit_test_setup_teardown(recovery_makes_older_tcbs_out_of_date, fresh, drop),
      cmocka_unit_test_setup_teardown(revoked_pcks_are_on_the_list, fresh, drop),
      cmocka_unit_test_setup_teardown(what_lapsed_is_past, fresh, drop),
      cmocka_unit_test_setup_teardown(mending_catches_up, fresh, drop),
  };
  int failed = cmocka_run_group_tests(looking, fresh, drop);
  failed += cmocka_run_group_tests(changing, NULL, NULL);
  endorser_master_remove();
  return failed;
}
