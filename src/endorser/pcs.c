/* SPDX-License-Identifier: Apache-2.0 */
#include <endorser/pcs.h>

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/log.h>
#include <endorser/dcap.h>
#include <net/http_client.h>

#define MAX_DOCUMENT (1u << 20)
#define MAX_CHAIN 16384u
#define PCE_ID 0

/* One request, on its way to an answer. */
typedef struct ask {
  const qy_pcs *pcs;
  const qy_http_request *request;
  qy_http_response *response;
  const struct call *call;
  int64_t now_s;
} ask;

typedef struct call {
  const char *path;
  qy_status (*answer)(const ask *a, qy_error *why);
  qy_pcs_document document;
  const char *chain_header;
} call;

/* ---- Pieces ---- */

/* A parameter in hex, of exactly so many bytes. */
static qy_status read_hex(uint8_t *out, size_t size, const ask *a, const char *name, qy_error *why)
{
  char text[2 * QY_PEK_RSA_SIZE + 1];
  QY_TRY(qy_http_request_query(text, sizeof text, a->request, name, why));
  return qy_hex_decode(out, size, qy_view_text(text), name, why);
}

static bool has(const ask *a, const char *name)
{
  char text[2 * QY_PEK_RSA_SIZE + 1];
  return qy_http_request_query(text, sizeof text, a->request, name, NULL) != QY_ERR_NOT_FOUND;
}

/* What was not given is the client's fault, as what was given wrongly. */
static qy_status need(qy_status status)
{
  return status == QY_OK ? QY_OK : QY_ERR_MALFORMED;
}

static qy_status append_file(qy_buffer *out, const ask *a, const char *name, qy_error *why)
{
  return qy_issuer_read(out, a->pcs->folder, QY_DIR_DCAP, name, why);
}

/* The issuers of what the body holds, in a header: the signer, then the root. */
static qy_status add_chain(const ask *a, const char *header, const char *signer, qy_error *why)
{
  QY_SCOPED_BUFFER(pem, MAX_CHAIN);
  QY_SCOPED_BUFFER(encoded, 3 * MAX_CHAIN);
  QY_TRY(append_file(&pem, a, signer, why));
  QY_TRY(append_file(&pem, a, QY_FILE_DCAP_ROOT, why));
  qy_http_encode_append(&encoded, qy_buffer_view(&pem));
  QY_TRY(qy_buffer_finish(&encoded, header, why));
  qy_http_response_header(a->response, header, qy_buffer_text(&encoded));
  return QY_OK;
}

static const char *ca_file(qy_dcap_ca ca)
{
  return ca == QY_DCAP_PLATFORM ? QY_FILE_DCAP_PLATFORM_CA : QY_FILE_DCAP_PROCESSOR_CA;
}

static qy_status load_world(qy_dcap_world *out, const ask *a, qy_error *why)
{
  qy_tcb_levels levels;
  QY_TRY(qy_tcb_levels_load(&levels, a->pcs->folder, why));
  return qy_dcap_world_load(out, a->pcs->folder, &levels, why);
}

/* ---- TCB info and identities ---- */

/* update=early|standard, or tcbEvaluationDataNumber=N, or neither: standard. */
static qy_status read_evaluation(size_t *out, const qy_dcap_world *world, const ask *a, qy_error *why)
{
  char text[16] = "standard";
  const bool by_update = has(a, "update");
  if (has(a, "tcbEvaluationDataNumber")) {
    char *end = NULL;
    QY_TRY(need(qy_http_request_query(text, sizeof text, a->request, "tcbEvaluationDataNumber", why)));
    const unsigned long number = strtoul(text, &end, 10);
    if (by_update || text[0] < '0' || text[0] > '9' || *end != '\0') {
      return qy_fail(why, QY_ERR_MALFORMED, "tcbEvaluationDataNumber: a number, and no update with it");
    }
    return qy_dcap_evaluation_by_number(out, world, number, why);
  }
  if (by_update) {
    QY_TRY(need(qy_http_request_query(text, sizeof text, a->request, "update", why)));
  }
  if (strcmp(text, "early") != 0 && strcmp(text, "standard") != 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "update: early or standard, not \"%s\"", text);
  }
  *out = text[0] == 'e' ? qy_dcap_evaluation_early(world) : qy_dcap_evaluation_standard(world, a->now_s);
  return QY_OK;
}

static qy_status send_document(const ask *a, const qy_dcap_kind *kind, uint32_t number, qy_error *why)
{
  QY_TRY(qy_dcap_signed_get(&a->response->body, a->pcs->folder, a->call->document, kind, number, why));
  a->response->content_type = "application/json";
  return add_chain(a, a->call->chain_header, QY_FILE_DCAP_SIGNING, why);
}

static qy_status answer_tcb(const ask *a, qy_error *why)
{
  uint8_t fmspc[QY_FMSPC_SIZE];
  qy_dcap_world world;
  size_t evaluation = 0;
  QY_TRY(need(read_hex(fmspc, sizeof fmspc, a, "fmspc", why)));
  QY_TRY(load_world(&world, a, why));
  QY_TRY(read_evaluation(&evaluation, &world, a, why));
  const qy_dcap_kind *kind = qy_dcap_kind_by_fmspc(fmspc);
  if (kind == NULL || (a->call->document == QY_PCS_TDX_TCB && !kind->has_tdx)) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "there is no such FMSPC");
  }
  return send_document(a, kind, world.evaluations[evaluation].number, why);
}

static qy_status answer_identity(const ask *a, qy_error *why)
{
  qy_dcap_world world;
  size_t evaluation = 0;
  QY_TRY(load_world(&world, a, why));
  QY_TRY(read_evaluation(&evaluation, &world, a, why));
  return send_document(a, NULL, world.evaluations[evaluation].number, why);
}

static qy_status answer_numbers(const ask *a, qy_error *why)
{
  return send_document(a, NULL, 0, why);
}

/* "all", or a name of the kind's platform. */
static qy_status answer_fmspcs(const ask *a, qy_error *why)
{
  char wanted[16] = "all";
  const char *between = "[";
  bool known = false;
  if (has(a, "platform")) {
    QY_TRY(need(qy_http_request_query(wanted, sizeof wanted, a->request, "platform", why)));
  }
  static const char *const NAMES[] = {"all", "client", "E3", "E5"};
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
    known = known || strcmp(wanted, NAMES[i]) == 0;
  }
  if (!known) {
    return qy_fail(why, QY_ERR_MALFORMED, "platform: all, client, E3 or E5, not \"%s\"", wanted);
  }
  for (size_t i = 0; i < QY_DCAP_KIND_COUNT; i++) {
    const qy_dcap_kind *kind = &qy_dcap_kinds[i];
    if (strcmp(wanted, "all") == 0 || strcmp(wanted, kind->platform) == 0) {
      char fmspc[2 * QY_FMSPC_SIZE + 1];
      qy_hex_encode(fmspc, QY_VIEW_OF(kind->fmspc));
      qy_buffer_appendf(&a->response->body, "%s{\"fmspc\":\"%s\",\"platform\":\"%s\"}", between, fmspc, kind->platform);
      between = ",";
    }
  }
  qy_buffer_append_text(&a->response->body, between[0] == '[' ? "[]" : "]");
  a->response->content_type = "application/json";
  return QY_OK;
}

/* ---- Revocation lists ---- */

static void append_pem(qy_buffer *out, const char *label, qy_view der)
{
  QY_SCOPED_BUFFER(text, MAX_DOCUMENT);
  qy_base64_append(&text, der);
  qy_buffer_appendf(out, "-----BEGIN %s-----\n", label);
  for (size_t at = 0; at < text.size; at += 64) {
    qy_buffer_append(out, text.bytes + at, text.size - at < 64 ? text.size - at : 64);
    qy_buffer_append_text(out, "\n");
  }
  qy_buffer_appendf(out, "-----END %s-----\n", label);
}

static qy_status answer_pck_crl(const ask *a, qy_error *why)
{
  char ca_name[16], encoding[8] = "pem";
  QY_SCOPED_BUFFER(der, MAX_DOCUMENT);
  QY_TRY(need(qy_http_request_query(ca_name, sizeof ca_name, a->request, "ca", why)));
  if (has(a, "encoding")) {
    QY_TRY(need(qy_http_request_query(encoding, sizeof encoding, a->request, "encoding", why)));
  }
  const bool of_platform = strcmp(ca_name, "platform") == 0, as_der = strcmp(encoding, "der") == 0;
  if ((!of_platform && strcmp(ca_name, "processor") != 0) || (!as_der && strcmp(encoding, "pem") != 0)) {
    return qy_fail(why, QY_ERR_MALFORMED, "pckcrl: ca=processor|platform, encoding=pem|der");
  }
  QY_TRY(
      qy_dcap_signed_get(&der, a->pcs->folder, of_platform ? QY_PCS_PLATFORM_CRL : QY_PCS_PROCESSOR_CRL, NULL, 0, why));
  a->response->content_type = as_der ? "application/pkix-crl" : "application/x-pem-file";
  if (as_der) {
    qy_buffer_append(&a->response->body, der.bytes, der.size);
  } else {
    append_pem(&a->response->body, "X509 CRL", qy_buffer_view(&der));
  }
  return add_chain(a, a->call->chain_header, ca_file(of_platform ? QY_DCAP_PLATFORM : QY_DCAP_PROCESSOR), why);
}

static qy_status answer_root_crl(const ask *a, qy_error *why)
{
  a->response->content_type = "application/pkix-crl";
  return qy_dcap_signed_get(&a->response->body, a->pcs->folder, QY_PCS_ROOT_CRL, NULL, 0, why);
}

static qy_status answer_root_crl_hex(const ask *a, qy_error *why)
{
  QY_SCOPED_BUFFER(der, MAX_DOCUMENT);
  QY_TRY(qy_dcap_signed_get(&der, a->pcs->folder, QY_PCS_ROOT_CRL, NULL, 0, why));
  a->response->content_type = "text/plain";
  qy_hex_append(&a->response->body, qy_buffer_view(&der));
  return QY_OK;
}

/* ---- PCK certificates ---- */

/* The machine whose PPID was encrypted to this endorser. A machine that was thrown out has no certificates. */
static qy_status read_machine(qy_machine_record *out, const ask *a, qy_error *why)
{
  uint8_t encrypted[QY_PEK_RSA_SIZE];
  uint8_t ppid[QY_PEK_RSA_SIZE];
  uint8_t pce_id[QY_PCE_ID_SIZE];
  size_t size = sizeof ppid;
  QY_TRY(need(read_hex(encrypted, sizeof encrypted, a, "encrypted_ppid", why)));
  QY_TRY(need(read_hex(pce_id, sizeof pce_id, a, "pceid", why)));
  const qy_status opened = qy_rsa_oaep_decrypt(ppid, &size, a->pcs->ppid_key, QY_VIEW_OF(encrypted), why);
  if (opened != QY_OK || size != QY_PPID_SIZE) {
    return qy_fail(why, QY_ERR_MALFORMED, "encrypted_ppid: it does not open");
  }
  QY_TRY(qy_machine_record_load(out, a->pcs->folder, ppid, why));
  if (pce_id[0] != PCE_ID || pce_id[1] != 0 || out->revoked) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "no certificates for this platform");
  }
  return QY_OK;
}

static void tcbm_text(char out[2 * QY_PSVN_SIZE + 1], const qy_dcap_tcbm *tcbm)
{
  uint8_t bytes[QY_PSVN_SIZE];
  qy_psvn_encode(bytes, tcbm);
  qy_hex_encode(out, QY_VIEW_OF(bytes));
}

static qy_status add_pck_headers(const ask *a, const qy_dcap_kind *kind, qy_error *why)
{
  char fmspc[2 * QY_FMSPC_SIZE + 1];
  qy_hex_encode(fmspc, QY_VIEW_OF(kind->fmspc));
  qy_http_response_header(a->response, "SGX-FMSPC", fmspc);
  qy_http_response_header(a->response, "SGX-PCK-Certificate-CA-Type", qy_dcap_ca_name(kind->ca));
  return add_chain(a, a->call->chain_header, ca_file(kind->ca), why);
}

static qy_status answer_pck(const ask *a, qy_error *why)
{
  uint8_t psvn[QY_PSVN_SIZE];
  char text[2 * QY_PSVN_SIZE + 1];
  qy_dcap_tcbm asked, found;
  QY_SCOPED_MACHINE_RECORD(machine);
  QY_SCOPED_PCK(pck);
  QY_TRY(need(read_hex(psvn, QY_CPU_SVN_SIZE, a, "cpusvn", why)));
  QY_TRY(need(read_hex(psvn + QY_CPU_SVN_SIZE, sizeof psvn - QY_CPU_SVN_SIZE, a, "pcesvn", why)));
  QY_TRY(qy_psvn_decode(&asked, QY_VIEW_OF(psvn), why));
  QY_TRY(read_machine(&machine, a, why));
  QY_TRY(qy_dcap_tcbm_of(&found, a->pcs->folder, asked.cpu_svn, asked.isv_svn, why));
  QY_TRY(qy_dcap_pck_get(&pck, a->pcs->folder, &machine, &found, a->now_s, why));
  tcbm_text(text, &found);
  qy_http_response_header(a->response, "SGX-TCBm", text);
  a->response->content_type = "application/x-pem-file";
  qy_buffer_append(&a->response->body, pck.pem.bytes, pck.pem.size);
  return add_pck_headers(a, machine.kind, why);
}

static qy_status append_pck(const ask *a, const qy_machine_record *machine, const qy_dcap_tcbm *tcbm,
                            const char *between, qy_error *why)
{
  qy_buffer *body = &a->response->body;
  char text[2 * QY_PSVN_SIZE + 1];
  QY_SCOPED_PCK(pck);
  QY_TRY(qy_dcap_pck_get(&pck, a->pcs->folder, machine, tcbm, a->now_s, why));
  qy_buffer_appendf(body, "%s{\"tcb\":{\"sgxtcbcomponents\":[", between);
  for (size_t i = 0; i < QY_CPU_SVN_SIZE; i++) {
    qy_buffer_appendf(body, "%s{\"svn\":%u}", i == 0 ? "" : ",", tcbm->cpu_svn[i]);
  }
  tcbm_text(text, tcbm);
  qy_buffer_appendf(body, "],\"pcesvn\":%u},\"tcbm\":\"%s\",\"cert\":\"", tcbm->isv_svn, text);
  qy_http_encode_append(body, qy_buffer_view(&pck.pem));
  qy_buffer_append_text(body, "\"}");
  return QY_OK;
}

/* Newest first. */
static qy_status answer_pcks(const ask *a, qy_error *why)
{
  qy_tcb_levels levels;
  qy_signed_enclaves enclaves;
  const char *between = "[";
  QY_SCOPED_MACHINE_RECORD(machine);
  QY_TRY(read_machine(&machine, a, why));
  QY_TRY(qy_tcb_levels_load(&levels, a->pcs->folder, why));
  QY_TRY(qy_signed_enclaves_load(&enclaves, a->pcs->folder, why));
  for (size_t level = levels.count; level > 0; level--) {
    for (uint16_t pce_svn = enclaves.pce_svn; pce_svn > 0; pce_svn--) {
      qy_dcap_tcbm tcbm = {.isv_svn = pce_svn};
      memcpy(tcbm.cpu_svn, levels.cpu_svns[level - 1], sizeof tcbm.cpu_svn);
      QY_TRY(append_pck(a, &machine, &tcbm, between, why));
      between = ",";
    }
  }
  qy_buffer_append_text(&a->response->body, between[0] == '[' ? "[]" : "]");
  a->response->content_type = "application/json";
  return add_pck_headers(a, machine.kind, why);
}

/* The configuration that a CPUSVN stands for makes no difference to a simulated machine's certificates. */
static qy_status answer_pcks_config(const ask *a, qy_error *why)
{
  uint8_t cpu_svn[QY_CPU_SVN_SIZE];
  QY_TRY(need(read_hex(cpu_svn, sizeof cpu_svn, a, "cpusvn", why)));
  return answer_pcks(a, why);
}

/* ---- Calls ---- */

#define SGX4 "/sgx/certification/v4/"
#define SGX3 "/sgx/certification/v3/"
#define TDX4 "/tdx/certification/v4/"
#define PCK_CHAIN "SGX-PCK-Certificate-Issuer-Chain"
#define CRL_CHAIN "SGX-PCK-CRL-Issuer-Chain"
#define IDENTITY_CHAIN "SGX-Enclave-Identity-Issuer-Chain"
#define NUMBERS_CHAIN "TCB-Evaluation-Data-Numbers-Issuer-Chain"

static const call CALLS[] = {
    {.path = SGX4 "pckcert", .answer = answer_pck, .chain_header = PCK_CHAIN},
    {.path = SGX3 "pckcert", .answer = answer_pck, .chain_header = PCK_CHAIN},
    {.path = SGX4 "pckcerts", .answer = answer_pcks, .chain_header = PCK_CHAIN},
    {.path = SGX3 "pckcerts", .answer = answer_pcks, .chain_header = PCK_CHAIN},
    {.path = SGX4 "pckcerts/config", .answer = answer_pcks_config, .chain_header = PCK_CHAIN},
    {.path = SGX4 "pckcrl", .answer = answer_pck_crl, .chain_header = CRL_CHAIN},
    {.path = SGX3 "pckcrl", .answer = answer_pck_crl, .chain_header = CRL_CHAIN},
    {SGX4 "tcb", answer_tcb, QY_PCS_SGX_TCB, "TCB-Info-Issuer-Chain"},
    {SGX3 "tcb", answer_tcb, QY_PCS_SGX_TCB_V2, "SGX-TCB-Info-Issuer-Chain"},
    {TDX4 "tcb", answer_tcb, QY_PCS_TDX_TCB, "TCB-Info-Issuer-Chain"},
    {SGX4 "qe/identity", answer_identity, QY_PCS_QE_IDENTITY, IDENTITY_CHAIN},
    {SGX3 "qe/identity", answer_identity, QY_PCS_QE_IDENTITY, IDENTITY_CHAIN},
    {TDX4 "qe/identity", answer_identity, QY_PCS_TD_QE_IDENTITY, IDENTITY_CHAIN},
    {SGX4 "qve/identity", answer_identity, QY_PCS_QVE_IDENTITY, IDENTITY_CHAIN},
    {SGX3 "qve/identity", answer_identity, QY_PCS_QVE_IDENTITY, IDENTITY_CHAIN},
    {SGX4 "tcbevaluationdatanumbers", answer_numbers, QY_PCS_SGX_NUMBERS, NUMBERS_CHAIN},
    {TDX4 "tcbevaluationdatanumbers", answer_numbers, QY_PCS_TDX_NUMBERS, NUMBERS_CHAIN},
    {.path = SGX4 "fmspcs", .answer = answer_fmspcs},
    {.path = SGX4 "rootcacrl", .answer = answer_root_crl_hex},
    {.path = SGX3 "rootcacrl", .answer = answer_root_crl_hex},
    {.path = "/IntelSGXRootCA.der", .answer = answer_root_crl},
};

static const call *call_of(const char *path)
{
  for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
    if (strcmp(CALLS[i].path, path) == 0) {
      return &CALLS[i];
    }
  }
  return NULL;
}

static unsigned http_status_of(qy_status cause)
{
  switch (cause) {
  case QY_OK:
    return 200;
  case QY_ERR_MALFORMED:
    return 400;
  case QY_ERR_NOT_FOUND:
    return 404;
  case QY_ERR_DENIED: /* an evaluation that was retired */
    return 410;
  case QY_ERR_BUSY:
    return 503;
  default:
    return 500;
  }
}

/* What was signed long ago is signed anew before it is served. */
static qy_status renew(const ask *a, qy_error *why)
{
  qy_dcap_world world;
  QY_TRY(load_world(&world, a, why));
  if (a->now_s - world.issued_s <= QY_DCAP_RENEW_S) {
    return QY_OK;
  }
  QY_SCOPED_ISSUER(issuer);
  QY_TRY(qy_issuer_open(&issuer, a->pcs->folder, why));
  return qy_dcap_mend(a->pcs->folder, a->now_s, why);
}

void qy_pcs_serve(const qy_pcs *pcs, const qy_http_request *request, qy_http_response *response)
{
  const ask a = {pcs, request, response, call_of(request->path), qy_clock_now_s()};
  qy_error why = {0};
  qy_status status = a.call == NULL ? qy_fail(&why, QY_ERR_NOT_FOUND, "there is no such call") : renew(&a, &why);
  if (status == QY_OK) {
    status = a.call->answer(&a, &why);
  }
  response->status = http_status_of(status);
  if (status != QY_OK) {
    qy_buffer_clear(&response->body);
    qy_buffer_init(&response->body, MAX_DOCUMENT);
    response->content_type = NULL;
    qy_log(response->status >= 500 ? QY_LOG_ERROR : QY_LOG_INFO, "endorser", "%s: %u: %s", request->path,
           response->status, why.message);
  }
}
