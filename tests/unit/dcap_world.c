/* SPDX-License-Identifier: Apache-2.0 */
#include "dcap_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <crypto/hash.h>
#include <crypto/x509.h>
#include <sgx/dcap_make.h>

#include "der_support.h"

#define SIZE_LIMIT (1u << 16)

static const uint8_t fmspc[QY_FMSPC_SIZE] = {0x00, 0x60, 0x6a, 0x00, 0x00, 0x01};
static const uint8_t pce_id[QY_PCE_ID_SIZE] = {0x00, 0x00};
static const char qe_signer[] = "8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff";

static qy_buffer *const *buffers(dcap_world *world, size_t *count)
{
  static qy_buffer *all[16];
  size_t at = 0;
  for (size_t i = 0; i < WORLD_CERTIFICATES; i++) {
    all[at++] = &world->pem[i];
  }
  qy_buffer *const others[] = {&world->pck_chain,     &world->signing_chain, &world->root_crl, &world->pck_crl,
                               &world->tcb_info_text, &world->identity_text, &world->quote};
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
    all[at++] = others[i];
  }
  *count = at;
  return all;
}

int open_world(void **state)
{
  dcap_world *world = calloc(1, sizeof(*world));
  test_random random_state = {.state = 4};
  const qy_random random = test_random_source(&random_state);
  size_t count = 0;
  assert_non_null(world);
  qy_buffer *const *all = buffers(world, &count);
  for (size_t i = 0; i < count; i++) {
    qy_buffer_init(all[i], SIZE_LIMIT);
  }
  for (size_t i = 0; i < WHOS; i++) {
    assert_ok(qy_p256_generate(&world->keys[i], &world->publics[i], &random, NULL));
  }
  *state = world;
  return 0;
}

int close_world(void **state)
{
  dcap_world *world = *state;
  size_t count = 0;
  qy_buffer *const *all = buffers(world, &count);
  for (size_t i = 0; i < count; i++) {
    qy_buffer_clear(all[i]);
  }
  for (size_t i = 0; i < WHOS; i++) {
    qy_secret_clear(&world->keys[i]);
  }
  free(world);
  return 0;
}

/* ---- As it is when nothing is wrong ---- */

static void reset_certificates(dcap_world *world)
{
  static const struct {
    const char *name;
    world_who issuer;
    bool is_ca;
  } rows[WORLD_CERTIFICATES] = {[ROOT] = {"Test SGX Root CA", ROOT, true},
                                [CA] = {"Test SGX PCK Platform CA", ROOT, true},
                                [PCK] = {"Test SGX PCK Certificate", CA, false},
                                [SIGNER] = {"Test SGX TCB Signing", ROOT, false}};
  for (size_t i = 0; i < WORLD_CERTIFICATES; i++) {
    world->certificates[i] = (world_certificate){.name = rows[i].name,
                                                 .issuer = rows[i].issuer,
                                                 .signed_by = rows[i].issuer,
                                                 .from_s = WORLD_NOW_S - 100 * WORLD_DAY_S,
                                                 .until_s = WORLD_NOW_S + (int64_t)(400 + 100 * i) * WORLD_DAY_S,
                                                 .is_ca = rows[i].is_ca};
  }
  world->root_list = (world_list){.signed_by = ROOT,
                                  .from_s = WORLD_NOW_S - 10 * WORLD_DAY_S,
                                  .until_s = WORLD_NOW_S + 200 * WORLD_DAY_S,
                                  .revoked = WHOS};
  world->pck_list = world->root_list;
  world->pck_list.signed_by = CA;
}

static void reset_documents(dcap_world *world)
{
  world->tcb_info = (world_document){.signed_by = SIGNER,
                                     .issued_s = WORLD_NOW_S - 5 * WORLD_DAY_S,
                                     .next_update_s = WORLD_NOW_S + 25 * WORLD_DAY_S,
                                     .evaluation_number = 17};
  world->identity = world->tcb_info;
  world->identity.evaluation_number = 18;
}

static void reset_subjects(dcap_world *world)
{
  QY_SCOPED_BUFFER(signer, 64);
  hex_bytes(&signer, qe_signer);
  world->qe_report = (qy_report_body){.attributes = {0x15, 0x3}, .isv_prod_id = 1, .isv_svn = WORLD_ISVSVN};
  memcpy(world->qe_report.mr_signer, signer.bytes, 32);
  world->report = (qy_report_body){.attributes = {0x5, 0x7}, .isv_prod_id = 3, .isv_svn = 2};
  memset(world->report.mr_enclave, 0xe1, 32);
  memset(world->report.mr_signer, 0x51, 32);
  memset(world->report.report_data, 0xda, 64);
  world->td = (qy_td_body){.tee_tcb_svn = {5, 3, 2}, .td_attributes = QY_TD_SEPT_VE_DISABLE, .xfam = 0x61ae7};
  memcpy(world->td.tee_tcb_svn2, world->td.tee_tcb_svn, 16);
  memset(world->td.mr_td, 0x7d, 48);
  for (size_t i = 0; i < QY_TD_RTMR_COUNT; i++) {
    memset(world->td.rtmr[i], (int)(0x90 + i), 48);
  }
  memset(world->td.mr_config_id, 0xc0, 48);
  memset(world->td.mr_owner, 0xc1, 48);
  memset(world->td.mr_owner_config, 0xc2, 48);
  memset(world->td.report_data, 0xda, 64);
}

void world_reset(dcap_world *world, qy_dcap_body_type body_type)
{
  reset_certificates(world);
  reset_documents(world);
  reset_subjects(world);
  memset(world->components, 5, sizeof(world->components));
  world->pce_svn = 10;
  world->keep_qe_data = false;
  world->qe_signed_by = PCK;
  world->quote_signed_by = ATTESTATION;
  world->body_type = body_type;
  world->version = body_type == QY_DCAP_BODY_ENCLAVE ? 3 : body_type == QY_DCAP_BODY_TD_1_0 ? 4 : 5;
  world->without_chain = false;
  world->key_off_curve = false;
  world->now_s = WORLD_NOW_S;
  world->report_data = qy_view_over(world->report.report_data, QY_REPORT_DATA_SIZE);
  qy_policy_built_in(&world->policy);
  world->policy.built_in = false;
  world->policy.mr_enclave_count = 1;
  memset(world->policy.mr_enclaves[0], 0xe1, 32);
  world->policy.td.mr_td_count = 1;
  memset(world->policy.td.mr_tds[0], 0x7d, 48);
  world->policy.tcb_evaluation_min = 17;
  world->policy.demands_report_data = true;
}

/* ---- Certificates and lists ---- */

static void make_sgx_extension(qy_buffer *out, const dcap_world *world)
{
  static const uint8_t octets[16] = {1, 2, 3};
  QY_SCOPED_BUFFER(tcb, 4096);
  QY_SCOPED_BUFFER(all, 8192);
  for (uint8_t i = 0; i < 16; i++) {
    der_item(&tcb, 2, (uint8_t)(i + 1), 0x02, &world->components[i], 1);
  }
  der_item(&tcb, 2, 17, 0x02, &world->pce_svn, 1);
  der_item(&tcb, 2, 18, 0x04, octets, 16);
  der_item(&all, 0, 1, 0x04, octets, 16);
  der_item(&all, 0, 2, 0x30, tcb.bytes, tcb.size);
  der_item(&all, 0, 3, 0x04, pce_id, 2);
  der_item(&all, 0, 4, 0x04, fmspc, 6);
  der_item(&all, 0, 5, 0x0a, "\x00", 1);
  der_element(out, 0x30, all.bytes, all.size);
}

/* The first place that has these bytes gets others. */
static void change_bytes(uint8_t *bytes, size_t size, const char *from_hex, const char *to_hex)
{
  QY_SCOPED_BUFFER(old, 64);
  QY_SCOPED_BUFFER(new, 64);
  hex_bytes(&old, from_hex);
  hex_bytes(&new, to_hex);
  uint8_t *at = memmem(bytes, size, old.bytes, old.size);
  assert_non_null(at);
  assert_int_equal(old.size, new.size);
  memcpy(at, new.bytes, new.size);
}

static void make_certificate(dcap_world *world, world_who who)
{
  const world_certificate *from = &world->certificates[who];
  const uint8_t serial[] = {0x11, (uint8_t)who};
  QY_SCOPED_BUFFER(extension, 8192);
  QY_SCOPED_CERTIFICATE(issuer);
  if (who == PCK && !from->without_extensions) {
    make_sgx_extension(&extension, world);
    if (from->from_hex != NULL) {
      change_bytes(extension.bytes, extension.size, from->from_hex, from->to_hex);
    }
  }
  const qy_certificate_request request = {.common_name = from->name,
                                          .organization = "Test",
                                          .locality = "Here",
                                          .state = "CA",
                                          .country = "US",
                                          .not_before_s = from->from_s,
                                          .not_after_s = from->until_s,
                                          .is_ca = from->is_ca,
                                          .crl_url = "https://localhost/crl",
                                          .serial = QY_VIEW_OF(serial),
                                          .sgx_extension = qy_buffer_view(&extension)};
  if (from->issuer != who) {
    assert_ok(qy_certificate_from_pem(&issuer, qy_buffer_view(&world->pem[from->issuer]), NULL));
  }
  world->pem[who].size = 0;
  assert_ok(qy_certificate_make_p256(&world->pem[who], &request, &world->publics[who], issuer,
                                     &world->keys[from->signed_by], NULL));
}

/* SEQUENCE { r, s } */
static void put_signature(qy_buffer *out, const uint8_t signature[64])
{
  QY_SCOPED_BUFFER(halves, 128);
  QY_SCOPED_BUFFER(bits, 128);
  for (size_t i = 0; i < 2; i++) {
    const uint8_t *half = signature + 32 * i;
    uint8_t padded[33] = {0};
    size_t skip = 0;
    memcpy(padded + 1, half, 32);
    while (skip < 32 && padded[skip] == 0 && padded[skip + 1] < 0x80) {
      skip++;
    }
    der_element(&halves, 0x02, padded + skip, 33 - skip);
  }
  qy_buffer_append(&bits, "\0", 1);
  der_element(&bits, 0x30, halves.bytes, halves.size);
  der_element(out, 0x03, bits.bytes, bits.size);
}

/* Other bytes among what is signed, and the signature made anew. */
static void change_list(qy_buffer *der, const world_list *from, const qy_secret *key)
{
  static const uint8_t algorithm[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
  QY_SCOPED_SGX_CRL(list);
  QY_SCOPED_BUFFER(all, SIZE_LIMIT);
  uint8_t signature[64];
  assert_ok(qy_sgx_crl_decode(&list, qy_buffer_view(der), NULL));
  change_bytes(der->bytes + (list.signed_part.bytes - der->bytes), list.signed_part.size, from->from_hex, from->to_hex);
  assert_ok(qy_p256_sign(signature, key, &list.signed_part, 1, NULL));
  qy_buffer_append(&all, list.signed_part.bytes, list.signed_part.size);
  qy_buffer_append(&all, algorithm, sizeof(algorithm));
  put_signature(&all, signature);
  der->size = 0;
  der_element(der, 0x30, all.bytes, all.size);
}

void world_make_list(dcap_world *world, qy_buffer *out, const world_list *from, world_who issuer)
{
  QY_SCOPED_CERTIFICATE(certificate);
  const qy_revoked_certificate revoked = {
      .serial = {0x11, (uint8_t)from->revoked}, .serial_size = 2, .revoked_s = WORLD_NOW_S - WORLD_DAY_S};
  const qy_crl_request request = {.this_update_s = from->from_s,
                                  .next_update_s = from->until_s,
                                  .number = 3,
                                  .revoked = &revoked,
                                  .revoked_count = from->revoked == WHOS ? 0 : 1};
  assert_ok(qy_certificate_from_pem(&certificate, qy_buffer_view(&world->pem[issuer]), NULL));
  out->size = 0;
  assert_ok(qy_crl_make_p256(out, &request, certificate, &world->keys[from->signed_by], NULL));
  if (from->from_hex != NULL) {
    change_list(out, from, &world->keys[from->signed_by]);
  }
}

/* ---- Documents ---- */

static void replace(qy_buffer *text, const char *from, const char *to)
{
  QY_SCOPED_BUFFER(changed, SIZE_LIMIT);
  const char *whole = qy_buffer_text(text);
  const char *at = strstr(whole, from);
  if (at == NULL) {
    fail_msg("nothing says %s", from);
    return;
  }
  qy_buffer_append(&changed, whole, (size_t)(at - whole));
  qy_buffer_append_text(&changed, to);
  qy_buffer_append_text(&changed, at + strlen(from));
  text->size = 0;
  qy_buffer_append(text, changed.bytes, changed.size);
}

static void put_components(qy_buffer *out, const char *name, const uint8_t *svns)
{
  qy_buffer_appendf(out, "\"%s\":[", name);
  for (size_t i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    qy_buffer_appendf(out, "%s{\"svn\":%u}", i == 0 ? "" : ",", svns[i]);
  }
  qy_buffer_append_text(out, "]");
}

static void put_level(qy_buffer *out, uint8_t svn, unsigned pce_svn, const uint8_t *tdx, const char *rest)
{
  uint8_t sgx[QY_TCB_COMPONENT_COUNT];
  memset(sgx, svn, sizeof(sgx));
  qy_buffer_append_text(out, "{\"tcb\":{");
  put_components(out, "sgxtcbcomponents", sgx);
  qy_buffer_appendf(out, ",\"pcesvn\":%u", pce_svn);
  if (tdx != NULL) {
    qy_buffer_append_text(out, ",");
    put_components(out, "tdxtcbcomponents", tdx);
  }
  qy_buffer_appendf(out, "},%s}", rest);
}

#define UP_TO_DATE "\"tcbDate\":\"2025-05-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\""
#define HARDENING                                                             \
  "\"tcbDate\":\"2025-05-01T00:00:00Z\",\"tcbStatus\":\"SWHardeningNeeded\"," \
  "\"advisoryIDs\":[\"INTEL-SA-00615\"]"
#define OUT_OF_DATE                                                   \
  "\"tcbDate\":\"2024-02-14T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"," \
  "\"advisoryIDs\":[\"INTEL-SA-00828\",\"INTEL-SA-00837\"]"
#define REVOKED "\"tcbDate\":\"2020-01-01T00:00:00Z\",\"tcbStatus\":\"Revoked\""
#define MODULE                                                                                                      \
  "\"mrsigner\":\"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" \
  "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""

static void put_dates(qy_buffer *out, const world_document *document)
{
  char issued[21];
  char next_update[21];
  qy_time_format(issued, document->issued_s);
  qy_time_format(next_update, document->next_update_s);
  qy_buffer_appendf(out, "\"issueDate\":\"%s\",\"nextUpdate\":\"%s\",\"tcbEvaluationDataNumber\":%u,", issued,
                    next_update, document->evaluation_number);
}

static void put_tcb_info(qy_buffer *out, const dcap_world *world)
{
  static const uint8_t tdx[QY_TCB_COMPONENT_COUNT] = {5, 0, 2};
  const bool is_tdx = world->body_type != QY_DCAP_BODY_ENCLAVE;
  const uint8_t *components = is_tdx ? tdx : NULL;
  qy_buffer_appendf(out, "{\"id\":\"%s\",\"version\":3,", is_tdx ? "TDX" : "SGX");
  put_dates(out, &world->tcb_info);
  qy_buffer_append_text(out, "\"fmspc\":\"00606A000001\",\"pceId\":\"0000\",\"tcbType\":0,");
  if (is_tdx) {
    qy_buffer_append_text(out, "\"tdxModule\":{" MODULE "},\"tdxModuleIdentities\":[{\"id\":\"TDX_03\"," MODULE
                               ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":5}," UP_TO_DATE "},{\"tcb\":{\"isvsvn\":3},"
                               "\"tcbDate\":\"2024-02-14T00:00:00Z\",\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":["
                               "\"INTEL-SA-01099\"]}]}],");
  }
  qy_buffer_append_text(out, "\"tcbLevels\":[");
  put_level(out, 5, 10, components, UP_TO_DATE);
  qy_buffer_append_text(out, ",");
  put_level(out, 4, 10, components, HARDENING);
  qy_buffer_append_text(out, ",");
  put_level(out, 3, 10, components, OUT_OF_DATE);
  qy_buffer_append_text(out, ",");
  put_level(out, 2, 10, components, REVOKED);
  qy_buffer_append_text(out, "]}");
}

static void put_identity(qy_buffer *out, const dcap_world *world)
{
  const bool is_tdx = world->body_type != QY_DCAP_BODY_ENCLAVE;
  qy_buffer_appendf(out, "{\"id\":\"%s\",\"version\":2,", is_tdx ? "TD_QE" : "QE");
  put_dates(out, &world->identity);
  qy_buffer_appendf(out,
                    "\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":"
                    "\"11000000000000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\","
                    "\"mrsigner\":\"%s\",\"isvprodid\":1,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":8}," UP_TO_DATE
                    "},{\"tcb\":{\"isvsvn\":6}," OUT_OF_DATE "}]}",
                    qe_signer);
}

static void make_document(dcap_world *world, qy_buffer *out, const char *name, const world_document *from,
                          void (*put)(qy_buffer *out, const dcap_world *world))
{
  QY_SCOPED_BUFFER(body, SIZE_LIMIT);
  uint8_t signature[64];
  put(&body, world);
  for (size_t i = 0; i < 2; i++) {
    if (from->from[i] != NULL) {
      replace(&body, from->from[i], from->to[i]);
    }
  }
  const qy_view part = qy_buffer_view(&body);
  assert_ok(qy_p256_sign(signature, &world->keys[from->signed_by], &part, 1, NULL));
  if (from->spaced) {
    replace(&body, ",", ", ");
  }
  out->size = 0;
  qy_buffer_appendf(out, "{\"%s\":", name);
  qy_buffer_append(out, body.bytes, body.size);
  qy_buffer_append_text(out, ",\"signature\":\"");
  qy_hex_append(out, QY_VIEW_OF(signature));
  qy_buffer_append_text(out, "\"}");
  assert_ok(qy_buffer_finish(out, "document", NULL));
}

/* ---- The quote ---- */

void world_make_quote(dcap_world *world)
{
  uint8_t bytes[QY_REPORT_BODY_SIZE];
  qy_dcap_voucher voucher = {.qe_auth_data = QY_VIEW_OF(qy_dcap_qe_auth_data),
                             .certification = {QY_CERTIFICATION_PCK_CHAIN, qy_buffer_view(&world->pck_chain)}};
  static const uint8_t nothing[404];
  if (world->without_chain) {
    voucher.certification = (qy_certification){QY_CERTIFICATION_PPID_RSA_3072, QY_VIEW_OF(nothing)};
  }
  memcpy(voucher.attestation_key, world->publics[ATTESTATION].bytes, 64);
  if (world->key_off_curve) {
    voucher.attestation_key[63] ^= 1;
  }
  uint8_t bound[QY_REPORT_DATA_SIZE];
  assert_ok(qy_dcap_qe_report_data(bound, voucher.attestation_key, voucher.qe_auth_data, NULL));
  if (!world->keep_qe_data) {
    memcpy(world->qe_report.report_data, bound, sizeof(bound));
  }
  voucher.qe_report = world->qe_report;
  memcpy(voucher.qe_report.report_data, bound, sizeof(bound)); /* the maker insists; put back below */
  const qy_dcap_signer signer = {qy_dcap_sign_p256, &world->keys[world->quote_signed_by]};
  const qy_dcap_subject subject = {world->version, world->body_type, &world->report, &world->td};
  uint8_t quote[16384];
  size_t size = 0;
  assert_ok(qy_dcap_quote_make(quote, sizeof(quote), &size, &subject, &voucher, &signer, NULL));
  qy_dcap_quote decoded;
  assert_ok(qy_dcap_quote_decode(&decoded, qy_view_over(quote, size), NULL));
  qy_report_body_encode(bytes, &world->qe_report);
  const qy_view part = QY_VIEW_OF(bytes);
  uint8_t signature[64];
  assert_ok(qy_p256_sign(signature, &world->keys[world->qe_signed_by], &part, 1, NULL));
  memcpy(quote + (decoded.qe_report_bytes.bytes - quote), bytes, sizeof(bytes));
  memcpy(quote + (decoded.qe_report_signature.bytes - quote), signature, sizeof(signature));
  world->quote.size = 0;
  qy_buffer_append(&world->quote, quote, size);
}

void world_sign_again(dcap_world *world, size_t size)
{
  uint8_t signature[64];
  const qy_view part = qy_view_over(world->quote.bytes, size);
  assert_ok(qy_p256_sign(signature, &world->keys[ATTESTATION], &part, 1, NULL));
  memcpy(world->quote.bytes + size + 4, signature, sizeof(signature)); /* behind the size of what follows */
}

/* ---- All of it ---- */

static void join(qy_buffer *out, const dcap_world *world, const world_who *whos, size_t count)
{
  out->size = 0;
  for (size_t i = 0; i < count; i++) {
    qy_buffer_append(out, world->pem[whos[i]].bytes, world->pem[whos[i]].size);
  }
}

static void name_root(dcap_world *world)
{
  QY_SCOPED_CERTIFICATE(root);
  assert_ok(qy_certificate_from_pem(&root, qy_buffer_view(&world->pem[ROOT]), NULL));
  world->policy.simulated_root_count = 1;
  qy_certificate_fingerprint(world->policy.simulated_roots[0].fingerprint, root);
}

void world_make(dcap_world *world)
{
  static const world_who pck_chain[] = {PCK, CA, ROOT};
  static const world_who signing_chain[] = {SIGNER, ROOT};
  for (int who = 0; who < WORLD_CERTIFICATES; who++) {
    if (who == PCK || !world->keep_authorities || world->pem[who].size == 0) {
      make_certificate(world, (world_who)who);
    }
  }
  join(&world->pck_chain, world, pck_chain, 3);
  join(&world->signing_chain, world, signing_chain, 2);
  world_make_list(world, &world->root_crl, &world->root_list, ROOT);
  world_make_list(world, &world->pck_crl, &world->pck_list, CA);
  make_document(world, &world->tcb_info_text, "tcbInfo", &world->tcb_info, put_tcb_info);
  make_document(world, &world->identity_text, "enclaveIdentity", &world->identity, put_identity);
  world_make_quote(world);
  name_root(world);
  world->files = (qy_dcap_files){.tcb_info = qy_buffer_view(&world->tcb_info_text),
                                 .identity = qy_buffer_view(&world->identity_text),
                                 .tcb_chain = qy_buffer_view(&world->signing_chain),
                                 .identity_chain = qy_buffer_view(&world->signing_chain),
                                 .root_crl = qy_buffer_view(&world->root_crl),
                                 .pck_crl = qy_buffer_view(&world->pck_crl),
                                 .root = qy_buffer_view(&world->pem[ROOT])};
  world->evidence = (qy_dcap_evidence){.quote = qy_buffer_view(&world->quote), .report_data = world->report_data};
}

const qy_dcap_verdict *world_appraise_made(dcap_world *world)
{
  qy_dcap_collateral *collateral = NULL;
  assert_ok(qy_dcap_collateral_new(&collateral, &world->files, NULL));
  assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, collateral, &world->policy, world->now_s, NULL));
  qy_dcap_collateral_free(&collateral);
  return &world->verdict;
}

const qy_dcap_verdict *world_appraise(dcap_world *world)
{
  world_make(world);
  return world_appraise_made(world);
}

/* ---- What is expected ---- */

bool has_failed(const dcap_world *world, qy_check_id id)
{
  for (size_t i = 0; i < world->verdict.trace.count; i++) {
    const qy_check_record *record = &world->verdict.trace.records[i];
    if (record->id == id && record->outcome == QY_OUTCOME_FAILED) {
      return true;
    }
  }
  return false;
}

/* Whatever is refused says why: expected, found, where the expectation came from, what would mend it (D25). */
static void expect_reasons(const dcap_world *world)
{
  for (size_t i = 0; i < world->verdict.trace.count; i++) {
    const qy_check_record *record = &world->verdict.trace.records[i];
    if (record->outcome == QY_OUTCOME_HELD) {
      continue;
    }
    const char *remedy = record->remedy == NULL ? qy_check_remedy(record->id) : record->remedy;
    if (record->expected.chars[0] == '\0' || record->actual.chars[0] == '\0' || record->origin == NULL ||
        remedy[0] == '\0') {
      fail_msg("%s does not say why", qy_check_name(record->id));
    }
  }
}

void expect_first(const dcap_world *world, qy_check_id id)
{
  expect_reasons(world);
  const qy_check_record *failed = qy_trace_failed(&world->verdict.trace);
  if (failed == NULL || failed->id != id || world->verdict.trust != QY_REFUSED) {
    fail_msg("%s by %s (%s), not refused by %s", qy_trust_name(world->verdict.trust),
             failed == NULL ? "nothing" : qy_check_name(failed->id), failed == NULL ? "" : failed->actual.chars,
             qy_check_name(id));
  }
}

void expect_only(const dcap_world *world, qy_check_id id)
{
  expect_first(world, id);
  for (size_t i = 0; i < world->verdict.trace.count; i++) {
    const qy_check_record *record = &world->verdict.trace.records[i];
    if (record->outcome == QY_OUTCOME_FAILED && record->id != id) {
      fail_msg("%s failed beside %s: %s", qy_check_name(record->id), qy_check_name(id), record->actual.chars);
    }
  }
}

void expect_trusted(const dcap_world *world)
{
  const qy_check_record *failed = qy_trace_failed(&world->verdict.trace);
  if (world->verdict.trust != QY_TRUSTED) {
    fail_msg("%s by %s: expected %s, found %s", qy_trust_name(world->verdict.trust),
             failed == NULL ? "nothing" : qy_check_name(failed->id), failed == NULL ? "" : failed->expected.chars,
             failed == NULL ? "" : failed->actual.chars);
  }
}
