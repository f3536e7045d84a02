/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP collateral over HTTP, as Intel's PCS serves it: what comes is read by room collateral and verified by libcrypto. */
#include "endorser_dcap_support.h"
#include "service_thread.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509_vfy.h>

#include <base/encoding.h>
#include <net/http_client.h>
#include <registry/dcap.h>

#define SGX4 "/sgx/certification/v4/"
#define SGX3 "/sgx/certification/v3/"
#define TDX4 "/tdx/certification/v4/"
#define SERVER "fmspc=5153494d0002"
#define CLIENT "fmspc=5153494d0001"

typedef struct fixture {
  char folder[QY_PATH_SIZE];
  service_thread service;
  qy_http_client *client;
  test_machine machine;
} fixture;

static fixture f;

static qy_status run(service_thread *self, qy_error *why)
{
  const qy_endorser_config config = {.folder = self->folder, .ready = service_thread_ready, .context = self};
  return qy_endorser_run(&config, self->stop_fd, why);
}

static int make(void **state)
{
  const qy_http_client_config config = {.system_roots = true, .allow_plain = true};
  (void)state;
  endorser_make(f.folder);
  machine_make(&f.machine, f.folder, 0x10);
  machine_enroll(&f.machine, f.folder);
  service_thread_start(&f.service, run, f.folder);
  assert_ok(qy_http_client_new(&f.client, &config, &assert_why));
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  service_thread_stop(&f.service);
  qy_http_client_free(&f.client);
  machine_clear(&f.machine);
  scratch_remove(f.folder);
  return 0;
}

static unsigned get(qy_http_answer *answer, const char *path)
{
  char url[2048];
  (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", f.service.port, path);
  const qy_http_call call = {.url = url};
  assert_ok(qy_http_exchange(answer, f.client, &call, &assert_why));
  assert_non_null(qy_http_answer_header(answer, "Request-ID"));
  return answer->status;
}

/* The issuer chain in a header: two certificates; the first is handed out, the second is the endorser's root. */
static void take_chain(qy_buffer *issuer, const qy_http_answer *answer, const char *header, const char *common_name)
{
  QY_SCOPED_BUFFER(pem, 1u << 16);
  QY_SCOPED_BUFFER(root, 1u << 16);
  QY_SCOPED_SGX_CHAIN(chain);
  const char *value = qy_http_answer_header(answer, header);
  assert_non_null(value);
  qy_http_decode_append(&pem, qy_view_text(value));
  assert_ok(qy_sgx_chain_from_pem(&chain, qy_buffer_view(&pem), NULL, &assert_why));
  assert_int_equal(chain.count, 2);
  assert_true(qy_view_equal(chain.certificates[0].subject.common_name, qy_view_text(common_name)));
  read_below(&root, f.folder, "public/dcap/root-ca.pem");
  const char *text = qy_buffer_text(&pem);
  const char *second = strstr(text + 1, "-----BEGIN");
  assert_non_null(second);
  assert_string_equal(second, qy_buffer_text(&root));
  qy_buffer_append(issuer, text, (size_t)(second - text));
}

/* ---- TCB info and identities ---- */

static void get_tcb_info(qy_tcb_info *out, qy_http_answer *answer, const char *path, const char *header)
{
  QY_SCOPED_BUFFER(signer, 1u << 16);
  assert_int_equal(get(answer, path), 200);
  take_chain(&signer, answer, header, "Simulated SGX TCB Signing");
  check_tcb_info(out, qy_buffer_view(&answer->body), qy_buffer_view(&signer));
}

static void tcb_info_is_served(void **state)
{
  static const struct {
    const char *path;
    const char *header;
    bool is_tdx;
    unsigned version;
    unsigned number;
  } CASES[] = {
      {SGX4 "tcb?" SERVER, "TCB-Info-Issuer-Chain", false, 3, 16},
      {SGX4 "tcb?fmspc=5153494D0002&update=standard", "TCB-Info-Issuer-Chain", false, 3, 16},
      {SGX4 "tcb?" CLIENT "&update=early", "TCB-Info-Issuer-Chain", false, 3, 17},
      {SGX4 "tcb?" SERVER "&tcbEvaluationDataNumber=16", "TCB-Info-Issuer-Chain", false, 3, 16},
      {TDX4 "tcb?" SERVER "&tcbEvaluationDataNumber=17", "TCB-Info-Issuer-Chain", true, 3, 17},
      {SGX3 "tcb?" SERVER, "SGX-TCB-Info-Issuer-Chain", false, 2, 16},
  };
  static qy_tcb_info info;
  (void)state;
  for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
    QY_SCOPED_HTTP_ANSWER(answer);
    get_tcb_info(&info, &answer, CASES[i].path, CASES[i].header);
    assert_int_equal(info.is_tdx, CASES[i].is_tdx);
    assert_int_equal(info.version, CASES[i].version);
    assert_int_equal(info.evaluation_number, CASES[i].number);
  }
}

static void identities_are_served(void **state)
{
  static const struct {
    const char *path;
    qy_identity_id id;
    unsigned number;
  } CASES[] = {{SGX4 "qe/identity", QY_IDENTITY_QE, 16},
               {SGX3 "qe/identity", QY_IDENTITY_QE, 16},
               {TDX4 "qe/identity?update=early", QY_IDENTITY_TD_QE, 17},
               {SGX4 "qve/identity?tcbEvaluationDataNumber=17", QY_IDENTITY_QVE, 17}};
  (void)state;
  for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
    qy_enclave_identity identity;
    QY_SCOPED_HTTP_ANSWER(answer);
    QY_SCOPED_BUFFER(signer, 1u << 16);
    assert_int_equal(get(&answer, CASES[i].path), 200);
    take_chain(&signer, &answer, "SGX-Enclave-Identity-Issuer-Chain", "Simulated SGX TCB Signing");
    check_identity(&identity, qy_buffer_view(&answer.body), qy_buffer_view(&signer));
    assert_int_equal(identity.id, CASES[i].id);
    assert_int_equal(identity.evaluation_number, CASES[i].number);
  }
}

static void numbers_and_fmspcs_are_served(void **state)
{
  (void)state;
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_SCOPED_BUFFER(signer, 1u << 16);
  assert_int_equal(get(&answer, TDX4 "tcbevaluationdatanumbers"), 200);
  take_chain(&signer, &answer, "TCB-Evaluation-Data-Numbers-Issuer-Chain", "Simulated SGX TCB Signing");
  check_signed_json(qy_buffer_view(&answer.body), "tcbEvaluationDataNumbers", qy_buffer_view(&signer));
  assert_int_equal(get(&answer, SGX4 "fmspcs"), 200);
  assert_string_equal(
      qy_buffer_text(&answer.body),
      "[{\"fmspc\":\"5153494d0001\",\"platform\":\"client\"},{\"fmspc\":\"5153494d0002\",\"platform\":\"E5\"}]");
  assert_int_equal(get(&answer, SGX4 "fmspcs?platform=E5"), 200);
  assert_string_equal(qy_buffer_text(&answer.body), "[{\"fmspc\":\"5153494d0002\",\"platform\":\"E5\"}]");
  assert_int_equal(get(&answer, SGX4 "fmspcs?platform=E3"), 200);
  assert_string_equal(qy_buffer_text(&answer.body), "[]");
}

/* ---- Lists ---- */

static void check_list(qy_view bytes, qy_view issuer_pem)
{
  bool valid = false;
  QY_SCOPED_SGX_CRL(list);
  QY_SCOPED_SGX_CHAIN(issuer);
  assert_ok(qy_sgx_crl_decode(&list, bytes, &assert_why));
  assert_ok(qy_sgx_chain_from_pem(&issuer, issuer_pem, NULL, &assert_why));
  assert_ok(qy_sgx_crl_signed_by(&valid, &list, &issuer.certificates[0], &assert_why));
  assert_true(valid);
}

static void lists_are_served(void **state)
{
  static const char *const PATHS[] = {SGX4 "pckcrl?ca=platform&encoding=der", SGX4 "pckcrl?ca=platform",
                                      SGX3 "pckcrl?ca=platform&encoding=pem", SGX4 "pckcrl?ca=processor"};
  (void)state;
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_SCOPED_BUFFER(root, 1u << 16);
  for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
    QY_SCOPED_BUFFER(issuer, 1u << 16);
    assert_int_equal(get(&answer, PATHS[i]), 200);
    assert_int_equal(answer.body.bytes[0], i == 0 ? 0x30 : '-');
    take_chain(&issuer, &answer, "SGX-PCK-CRL-Issuer-Chain",
               i < 3 ? "Simulated SGX PCK Platform CA" : "Simulated SGX PCK Processor CA");
    check_list(qy_buffer_view(&answer.body), qy_buffer_view(&issuer));
  }
  read_below(&root, f.folder, "public/dcap/root-ca.pem");
  assert_int_equal(get(&answer, "/IntelSGXRootCA.der"), 200);
  assert_int_equal(answer.body.bytes[0], 0x30);
  check_list(qy_buffer_view(&answer.body), qy_buffer_view(&root));
  assert_int_equal(get(&answer, SGX4 "rootcacrl"), 200);
  assert_int_equal(answer.body.bytes[0], '3');
  check_list(qy_buffer_view(&answer.body), qy_buffer_view(&root));
}

/* ---- PCK certificates ---- */

static void pck_path(char out[1200], const test_machine *machine, const char *call, const char *pce_svn)
{
  uint8_t encrypted[QY_PEK_RSA_SIZE];
  char encrypted_text[2 * QY_PEK_RSA_SIZE + 1], cpu_svn[2 * QY_CPU_SVN_SIZE + 1];
  world_encrypted_ppid(encrypted, &machine->w, &machine->w.machine);
  qy_hex_encode(encrypted_text, QY_VIEW_OF(encrypted));
  qy_hex_encode(cpu_svn, QY_VIEW_OF(machine->w.machine.cpu_svn));
  (void)snprintf(out, 1200, SGX4 "%s?encrypted_ppid=%s&cpusvn=%s&pcesvn=%s&pceid=0000", call, encrypted_text, cpu_svn,
                 pce_svn);
}

static void get_list(qy_buffer *out, const char *path)
{
  QY_SCOPED_HTTP_ANSWER(answer);
  assert_int_equal(get(&answer, path), 200);
  qy_buffer_append(out, answer.body.bytes, answer.body.size);
}

static int verdict_on(qy_view leaf, qy_view issuer)
{
  QY_SCOPED_BUFFER(root, 1u << 16);
  QY_SCOPED_BUFFER(pck_crl, 1u << 16);
  QY_SCOPED_BUFFER(root_crl, 1u << 16);
  read_below(&root, f.folder, "public/dcap/root-ca.pem");
  get_list(&pck_crl, SGX4 "pckcrl?ca=platform&encoding=der");
  get_list(&root_crl, "/IntelSGXRootCA.der");
  return libcrypto_verdict(leaf, issuer, qy_buffer_view(&root), qy_buffer_view(&pck_crl), qy_buffer_view(&root_crl),
                           qy_clock_now_s() + 1);
}

/* "0200" is PCE 2, little-endian; "0900" is one that nobody signed, for which the newest stands. */
static void pck_certificates_are_served(void **state)
{
  static const char *const PCE_SVNS[] = {"0200", "0100", "0900"};
  static const char *const FOUND[] = {"0200", "0100", "0200"};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    char path[1200], tcbm[64];
    qy_pck_extension facts;
    QY_SCOPED_HTTP_ANSWER(answer);
    QY_SCOPED_BUFFER(issuer, 1u << 16);
    QY_SCOPED_SGX_CHAIN(leaf);
    pck_path(path, &f.machine, "pckcert", PCE_SVNS[i]);
    assert_int_equal(get(&answer, path), 200);
    take_chain(&issuer, &answer, "SGX-PCK-Certificate-Issuer-Chain", "Simulated SGX PCK Platform CA");
    assert_string_equal(qy_http_answer_header(&answer, "SGX-FMSPC"), "5153494d0002");
    assert_string_equal(qy_http_answer_header(&answer, "SGX-PCK-Certificate-CA-Type"), "platform");
    qy_hex_encode(tcbm, QY_VIEW_OF(f.machine.w.machine.cpu_svn));
    (void)snprintf(tcbm + 32, sizeof tcbm - 32, "%s", FOUND[i]);
    assert_string_equal(qy_http_answer_header(&answer, "SGX-TCBm"), tcbm);
    assert_ok(qy_sgx_chain_from_pem(&leaf, qy_buffer_view(&answer.body), NULL, &assert_why));
    assert_ok(qy_pck_extension_decode(&facts, leaf.certificates[0].sgx_extension, &assert_why));
    assert_memory_equal(facts.ppid, f.machine.w.machine.enrolled.ppid, sizeof facts.ppid);
    assert_int_equal(facts.pce_svn, FOUND[i][1] - '0');
    assert_int_equal(verdict_on(qy_buffer_view(&answer.body), qy_buffer_view(&issuer)), X509_V_OK);
  }
}

static void all_pck_certificates_are_served(void **state)
{
  static const char *const CALLS[] = {"pckcerts", "pckcerts/config"};
  (void)state;
  for (size_t i = 0; i < 2; i++) {
    char path[1200];
    QY_SCOPED_HTTP_ANSWER(answer);
    QY_SCOPED_BUFFER(issuer, 1u << 16);
    QY_SCOPED_BUFFER(leaf, 1u << 16);
    pck_path(path, &f.machine, CALLS[i], "0200");
    assert_int_equal(get(&answer, path), 200);
    take_chain(&issuer, &answer, "SGX-PCK-Certificate-Issuer-Chain", "Simulated SGX PCK Platform CA");
    json_t *list = json_loadb((const char *)answer.body.bytes, answer.body.size, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(list), 5 * 2);
    const json_t *newest = json_array_get(list, 0);
    assert_int_equal(json_array_size(json_object_get(json_object_get(newest, "tcb"), "sgxtcbcomponents")), 16);
    qy_http_decode_append(&leaf, qy_view_text(json_string_value(json_object_get(newest, "cert"))));
    assert_int_equal(verdict_on(qy_buffer_view(&leaf), qy_buffer_view(&issuer)), X509_V_OK);
    json_decref(list);
  }
}

/* ---- What is refused ---- */

static void wrong_questions_are_told(void **state)
{
  static const struct {
    const char *path;
    unsigned status;
  } CASES[] = {
      {SGX4 "tcb", 400},
      {SGX4 "tcb?fmspc=5153494d00", 400},
      {SGX4 "tcb?fmspc=5153494d000g", 400},
      {SGX4 "tcb?fmspc=00906ed50000", 404},
      {TDX4 "tcb?" CLIENT, 404},
      {SGX4 "tcb?" SERVER "&update=late", 400},
      {SGX4 "tcb?" SERVER "&update=early&tcbEvaluationDataNumber=17", 400},
      {SGX4 "tcb?" SERVER "&tcbEvaluationDataNumber=15", 410},
      {SGX4 "tcb?" SERVER "&tcbEvaluationDataNumber=99", 404},
      {SGX4 "tcb?" SERVER "&tcbEvaluationDataNumber=-1", 400},
      {SGX4 "tcb?" SERVER "&tcbEvaluationDataNumber=", 400},
      {SGX4 "tcb?" SERVER "&" SERVER, 400},
      {SGX4 "qe/identity?update=EARLY", 400},
      {SGX4 "qe/identity?tcbEvaluationDataNumber=1", 410},
      {TDX4 "qve/identity", 404},
      {SGX4 "pckcrl", 400},
      {SGX4 "pckcrl?ca=root", 400},
      {SGX4 "pckcrl?ca=platform&encoding=hex", 400},
      {SGX4 "pckcert?encrypted_ppid=00&cpusvn=00&pcesvn=0000&pceid=0000", 400},
      {SGX4 "pckcerts", 400},
      {SGX4 "fmspcs?platform=toaster", 400},
      {SGX4 "nothing", 404},
      {"/sgx/certification/v2/tcb?" SERVER, 404},
      {"/nothing", 404},
  };
  (void)state;
  for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
    QY_SCOPED_HTTP_ANSWER(answer);
    const unsigned status = get(&answer, CASES[i].path);
    if (status != CASES[i].status) {
      fail_msg("%s: %u", CASES[i].path, status);
    }
    assert_int_equal(answer.body.size, 0);
  }
}

static void unknown_machines_have_no_certificates(void **state)
{
  char path[1200];
  test_machine stranger;
  (void)state;
  QY_SCOPED_HTTP_ANSWER(answer);
  machine_make(&stranger, f.folder, 0x77);
  pck_path(path, &stranger, "pckcert", "0100");
  assert_int_equal(get(&answer, path), 404);
  pck_path(path, &f.machine, "pckcert", "0000"); /* a PCE that never was */
  assert_int_equal(get(&answer, path), 404);
  memset(f.machine.w.machine.cpu_svn, 0, QY_CPU_SVN_SIZE);
  pck_path(path, &f.machine, "pckcert", "0100");
  assert_int_equal(get(&answer, path), 404);
  machine_set_level(&f.machine, 5);
  path[strlen(SGX4 "pckcert?encrypted_ppid=") + 10] ^= 1; /* still hex, or not: never a machine */
  assert_int_equal(get(&answer, path), 400);
  machine_enroll(&stranger, f.folder);
  pck_path(path, &stranger, "pckcert", "0100");
  assert_int_equal(get(&answer, path), 200);
  assert_ok(qy_endorser_revoke_platform(f.folder, stranger.w.machine.enrolled.ppid, &assert_why));
  assert_int_equal(get(&answer, path), 404);
  machine_clear(&stranger);
}

/* ---- Against itself, while it runs ---- */

static void the_world_turns(void **state)
{
  static qy_tcb_info info;
  char path[1200];
  uint32_t number = 0;
  (void)state;
  QY_SCOPED_HTTP_ANSWER(answer);
  QY_SCOPED_BUFFER(issuer, 1u << 16);
  const qy_dcap_recovery recovery = {.cpu_level = 5};
  assert_ok(qy_endorser_tcb_recovery(&number, f.folder, &recovery, &assert_why));
  get_tcb_info(&info, &answer, SGX4 "tcb?" SERVER "&update=standard", "TCB-Info-Issuer-Chain");
  assert_int_equal(info.evaluation_number, number); /* at once, as no delay was asked for */
  assert_int_equal(info.levels[1].status, QY_TCB_STATUS_OUT_OF_DATE);

  pck_path(path, &f.machine, "pckcert", "0200");
  assert_ok(qy_endorser_revoke_pck(f.folder, f.machine.w.machine.enrolled.ppid, &assert_why));
  assert_int_equal(get(&answer, path), 200);
  take_chain(&issuer, &answer, "SGX-PCK-Certificate-Issuer-Chain", "Simulated SGX PCK Platform CA");
  assert_int_equal(verdict_on(qy_buffer_view(&answer.body), qy_buffer_view(&issuer)), X509_V_ERR_CERT_REVOKED);

  assert_ok(qy_endorser_expire(f.folder, QY_DCAP_LAPSED_TCB_INFO, true, &assert_why));
  get_tcb_info(&info, &answer, TDX4 "tcb?" SERVER, "TCB-Info-Issuer-Chain");
  assert_true(info.next_update_s < qy_clock_now_s());
  assert_ok(qy_endorser_expire(f.folder, QY_DCAP_LAPSED_TCB_INFO, false, &assert_why));
  get_tcb_info(&info, &answer, TDX4 "tcb?" SERVER, "TCB-Info-Issuer-Chain");
  assert_true(info.next_update_s > qy_clock_now_s());
}

/* Many that ask for what nobody asked for before get the same bytes. */
typedef struct asking {
  pthread_t thread;
  qy_buffer body;
} asking;

static void *ask_once(void *context)
{
  asking *self = context;
  qy_http_client *client = NULL;
  char url[128];
  const qy_http_client_config config = {.system_roots = true, .allow_plain = true};
  QY_SCOPED_HTTP_ANSWER(answer);
  (void)snprintf(url, sizeof url, "http://127.0.0.1:%u" SGX3 "tcb?" CLIENT, f.service.port);
  const qy_http_call call = {.url = url};
  if (qy_http_client_new(&client, &config, NULL) == QY_OK && qy_http_exchange(&answer, client, &call, NULL) == QY_OK &&
      answer.status == 200) {
    qy_buffer_append(&self->body, answer.body.bytes, answer.body.size);
  }
  qy_http_client_free(&client);
  return NULL;
}

static void all_get_the_same(void **state)
{
  asking all[6];
  (void)state;
  assert_ok(qy_endorser_expire(f.folder, 0, false, &assert_why)); /* everything is to be signed anew */
  for (size_t i = 0; i < 6; i++) {
    qy_buffer_init(&all[i].body, 1u << 20);
    assert_int_equal(pthread_create(&all[i].thread, NULL, ask_once, &all[i]), 0);
  }
  for (size_t i = 0; i < 6; i++) {
    assert_int_equal(pthread_join(all[i].thread, NULL), 0);
  }
  assert_true(all[0].body.size > 1000);
  for (size_t i = 0; i < 6; i++) {
    assert_true(qy_view_equal(qy_buffer_view(&all[0].body), qy_buffer_view(&all[i].body)));
  }
  for (size_t i = 0; i < 6; i++) {
    qy_buffer_clear(&all[i].body);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tcb_info_is_served),
      cmocka_unit_test(identities_are_served),
      cmocka_unit_test(numbers_and_fmspcs_are_served),
      cmocka_unit_test(lists_are_served),
      cmocka_unit_test(pck_certificates_are_served),
      cmocka_unit_test(all_pck_certificates_are_served),
      cmocka_unit_test(wrong_questions_are_told),
      cmocka_unit_test(unknown_machines_have_no_certificates),
      cmocka_unit_test(the_world_turns),
      cmocka_unit_test(all_get_the_same),
  };
  const int failed = cmocka_run_group_tests(tests, make, unmake);
  endorser_master_remove();
  return failed;
}
