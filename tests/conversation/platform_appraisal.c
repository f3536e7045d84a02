/* SPDX-License-Identifier: Apache-2.0 */
#include "platform_appraisal.h"

#include <stdio.h>
#include <stdlib.h>

#include <base/encoding.h>
#include <base/file.h>
#include <net/http_client.h>

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
