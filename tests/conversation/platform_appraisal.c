/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_appraisal.h"

#include <stdio.h>
#include <stdlib.h>

#include <base/encoding.h>
#include <base/file.h>
#include <json/json.h>
#include <net/http_client.h>

#include "../unit/dcap_vector.h"

#define LIMIT (1u << 20)

static void must(qy_status status, const qy_error *why)
{
  if (status != QY_OK) {
    fail_msg("%s: %s", qy_status_name(status), why->message);
  }
}

typedef struct collateral {
  qy_buffer tcb_info, tcb_chain, identity, identity_chain, pck_crl, root_crl, root;
} collateral;

static void get(qy_buffer *body, qy_buffer *chain, const world *all, const char *path, const char *header)
{
  qy_error why = {0};
  char url[512];
  const qy_http_client_config config = {.allow_plain = true, .system_roots = true};
  QY_SCOPED_HTTP_CLIENT(client);
  QY_SCOPED_HTTP_ANSWER(answer);
  (void)snprintf(url, sizeof(url), "%s%s", all->url, path);
  const qy_http_call call = {.url = url};
  must(qy_http_client_new(&client, &config, &why), &why);
  must(qy_http_exchange(&answer, client, &call, &why), &why);
  must(qy_http_answer_need_success(&answer, path, &why), &why);
  qy_buffer_init(body, LIMIT);
  qy_buffer_append(body, answer.body.bytes, answer.body.size);
  if (chain != NULL) {
    qy_buffer_init(chain, LIMIT);
    qy_http_decode_append(chain, qy_view_text(qy_http_answer_header(&answer, header)));
  }
}

/* As whoever appraises a quote of this machine would ask for it. */
static void fetch(collateral *out, const world *all, uint32_t tee)
{
  const char *kind = tee == QY_TEE_TDX ? "tdx" : "sgx";
  char path[256];
  qy_error why = {0};
  (void)snprintf(path, sizeof(path), "%s/certification/v4/tcb?fmspc=5153494d0002&update=early", kind);
  get(&out->tcb_info, &out->tcb_chain, all, path, "TCB-Info-Issuer-Chain");
  (void)snprintf(path, sizeof(path), "%s/certification/v4/qe/identity?update=early", kind);
  get(&out->identity, &out->identity_chain, all, path, "SGX-Enclave-Identity-Issuer-Chain");
  get(&out->pck_crl, NULL, all, "sgx/certification/v4/pckcrl?ca=platform&encoding=der", NULL);
  get(&out->root_crl, NULL, all, "IntelSGXRootCA.der", NULL);
  qy_buffer_init(&out->root, LIMIT);
  (void)snprintf(path, sizeof(path), "%s/public/dcap/root-ca.pem", all->endorser);
  must(qy_file_read(&out->root, path, &why), &why);
}

static void drop(collateral *from)
{
  qy_buffer *const all[] = {&from->tcb_info, &from->tcb_chain, &from->identity, &from->identity_chain,
                            &from->pck_crl,  &from->root_crl,  &from->root};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    qy_buffer_clear(all[i]);
  }
}

static void appraise(qy_dcap_verdict *out, const world *all, uint32_t tee, qy_view quote)
{
  qy_error why = {0};
  collateral served;
  qy_policy policy;
  qy_dcap_collateral *set = NULL;
  fetch(&served, all, tee);
  const qy_dcap_files files = {.tcb_info = qy_buffer_view(&served.tcb_info),
                               .identity = qy_buffer_view(&served.identity),
                               .tcb_chain = qy_buffer_view(&served.tcb_chain),
                               .identity_chain = qy_buffer_view(&served.identity_chain),
                               .root_crl = qy_buffer_view(&served.root_crl),
                               .pck_crl = qy_buffer_view(&served.pck_crl),
                               .root = qy_buffer_view(&served.root)};
  const qy_dcap_evidence evidence = {.quote = quote};
  qy_policy_built_in(&policy);
  must(qy_dcap_collateral_new(&set, &files, &why), &why);
  must(qy_dcap_appraise(out, &evidence, set, &policy, qy_clock_now_s() + 1, &why), &why);
  qy_dcap_collateral_free(&set);
  drop(&served);
}

qy_dcap_verdict *world_appraise(const world *all, uint32_t tee, qy_view quote)
{
  qy_dcap_verdict *verdict = malloc(sizeof(*verdict));
  assert_non_null(verdict);
  appraise(verdict, all, tee, quote);
  return verdict;
}

/* ---- As a real quote ---- */

/* The date of the highest level of these, or `earliest` if that is earlier. */
static int64_t earlier_date(int64_t earliest, const json_t *of, const char *member)
{
  int64_t date_s = 0;
  assert_ok(qy_json_time(&date_s, json_array_get(json_object_get(of, member), 0), "tcbDate", "level", NULL));
  return date_s < earliest ? date_s : earliest;
}

static int64_t evaluation_number(const json_t *of)
{
  return json_integer_value(json_object_get(of, "tcbEvaluationDataNumber"));
}

/* What Intel's library would say of a machine at the highest levels. */
static json_t *expectation(const collateral *served)
{
  QY_SCOPED_JSON(tcb_info);
  QY_SCOPED_JSON(identity);
  assert_ok(qy_json_parse(&tcb_info, qy_buffer_view(&served->tcb_info), NULL));
  assert_ok(qy_json_parse(&identity, qy_buffer_view(&served->identity), NULL));
  const json_t *info = json_object_get(tcb_info, "tcbInfo");
  const json_t *enclave = json_object_get(identity, "enclaveIdentity");
  int64_t date_s = earlier_date(earlier_date(INT64_MAX, info, "tcbLevels"), enclave, "tcbLevels");
  const json_t *module = json_array_get(json_object_get(info, "tdxModuleIdentities"), 0);
  date_s = module == NULL ? date_s : earlier_date(date_s, module, "tcbLevels");
  const int64_t numbers[] = {evaluation_number(info), evaluation_number(enclave)};
  return json_pack("{s:{s:s, s:s, s:s, s:s, s:{s:I, s:I, s:I, s:s, s:s, s:s, s:s}}, s:I}", "intel_qvl", "pck",
                   "STATUS_OK", "tcbinfo", "STATUS_OK", "qeid", "STATUS_OK", "quote", "STATUS_OK", "ci", "launchDate",
                   (json_int_t)date_s, "currentDate", (json_int_t)date_s, "evalNum",
                   (json_int_t)(numbers[0] < numbers[1] ? numbers[0] : numbers[1]), "launch", "UpToDate", "current",
                   "UpToDate", "launchAdv", "", "currentAdv", "", "time", (json_int_t)qy_clock_now_s() + 1);
}

void world_check_as_real(const world *all, uint32_t tee, qy_view quote)
{
  collateral served;
  dcap_vector one;
  qy_dcap_quote decoded;
  assert_ok(qy_dcap_quote_decode(&decoded, quote, NULL));
  fetch(&served, all, tee);
  json_t *object = expectation(&served);
  assert_non_null(object);
  dcap_vector_open(&one, "of the simulated machine", object);
  const qy_view files[DCAP_VECTOR_FILES] = {[DCAP_VECTOR_QUOTE] = quote,
                                            [DCAP_VECTOR_TCB_INFO] = qy_buffer_view(&served.tcb_info),
                                            [DCAP_VECTOR_IDENTITY] = qy_buffer_view(&served.identity),
                                            [DCAP_VECTOR_TCB_CHAIN] = qy_buffer_view(&served.tcb_chain),
                                            [DCAP_VECTOR_IDENTITY_CHAIN] = qy_buffer_view(&served.identity_chain),
                                            [DCAP_VECTOR_PCK_CHAIN] = qy_certification_pem(&decoded.certification),
                                            [DCAP_VECTOR_ROOT_CRL] = qy_buffer_view(&served.root_crl),
                                            [DCAP_VECTOR_PCK_CRL] = qy_buffer_view(&served.pck_crl),
                                            [DCAP_VECTOR_ROOT] = qy_buffer_view(&served.root)};
  for (size_t i = 0; i < DCAP_VECTOR_FILES; i++) {
    qy_buffer_append(&one.files[i], files[i].bytes, files[i].size);
  }
  dcap_vector_differences = 0;
  dcap_vector_check(&one);
  assert_int_equal(dcap_vector_differences, 0);
  dcap_vector_close(&one);
  json_decref(object);
  drop(&served);
}

void world_need_trust(const qy_dcap_verdict *verdict)
{
  const qy_check_record *failed = qy_trace_failed(&verdict->trace);
  if (verdict->trust != QY_TRUSTED) {
    fail_msg("%s: %s, expected %s, found %s", qy_trust_name(verdict->trust),
             failed == NULL ? "no check" : qy_check_name(failed->id), failed == NULL ? "" : failed->expected.chars,
             failed == NULL ? "" : failed->actual.chars);
  }
  assert_int_equal(verdict->qvl.pck_chain, QY_QVL_OK);
  assert_int_equal(verdict->qvl.tcb_info, QY_QVL_OK);
  assert_int_equal(verdict->qvl.identity, QY_QVL_OK);
  assert_int_equal(verdict->qvl.quote, QY_QVL_OK);
}
