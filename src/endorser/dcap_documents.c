/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info, enclave identities and evaluation numbers as JSON, in the order of members and the spelling that Intel's
 * service has, without white space: what is signed is what is served. */
#include <endorser/dcap.h>

#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <crypto/p256.h>

#define MAX_BODY (256u << 10)
#define DAY_S ((int64_t)86400)
#define VALID_S (30 * DAY_S)

/* ---- Pieces ---- */

static void put_hex(qy_buffer *out, qy_view bytes)
{
  for (size_t i = 0; i < bytes.size; i++) {
    qy_buffer_appendf(out, "%02X", bytes.bytes[i]);
  }
}

static void put_time(qy_buffer *out, const char *member, int64_t time_s)
{
  char text[21];
  qy_time_format(text, time_s);
  qy_buffer_appendf(out, "\"%s\":\"%s\"", member, text);
}

/* A document that is to have lapsed was signed so long ago that it has. */
static void put_validity(qy_buffer *out, const qy_dcap_world *world, qy_dcap_lapse lapse)
{
  const int64_t issued_s = world->issued_s - ((world->lapsed & lapse) != 0 ? VALID_S + DAY_S : 0);
  put_time(out, "issueDate", issued_s);
  qy_buffer_append_text(out, ",");
  put_time(out, "nextUpdate", issued_s + VALID_S);
}

static void put_status(qy_buffer *out, int64_t date_s, qy_tcb_status status, const qy_tcb_advisories *advisories)
{
  qy_buffer_append_text(out, ",");
  put_time(out, "tcbDate", date_s);
  qy_buffer_appendf(out, ",\"tcbStatus\":\"%s\"", qy_tcb_status_name(status));
  for (size_t i = 0; i < advisories->count; i++) {
    qy_buffer_appendf(out, "%s\"%s\"", i == 0 ? ",\"advisoryIDs\":[" : ",", advisories->ids[i]);
  }
  qy_buffer_append_text(out, advisories->count > 0 ? "]" : "");
}

static void put_svn_levels(qy_buffer *out, const qy_dcap_world *world, qy_dcap_part part, size_t evaluation)
{
  qy_dcap_part_level levels[QY_DCAP_MAX_EVALUATIONS];
  const size_t count = qy_dcap_part_levels(levels, world, part, evaluation);
  qy_buffer_append_text(out, ",\"tcbLevels\":[");
  for (size_t i = 0; i < count; i++) {
    qy_buffer_appendf(out, "%s{\"tcb\":{\"isvsvn\":%u}", i == 0 ? "" : ",", levels[i].isv_svn);
    put_status(out, levels[i].date_s, levels[i].status, &levels[i].advisories);
    qy_buffer_append_text(out, "}");
  }
  qy_buffer_append_text(out, "]");
}

/* ---- TCB info ---- */

typedef struct component_kind {
  const char *category;
  const char *type;
} component_kind;

static const component_kind SGX_COMPONENTS[QY_TCB_COMPONENT_COUNT] = {{"BIOS", "Early Microcode Update"},
                                                                      {"OS/VMM", "SGX Late Microcode Update"},
                                                                      {"OS/VMM", "TXT SINIT"},
                                                                      {"BIOS", NULL}};
static const component_kind TDX_COMPONENTS[QY_TCB_COMPONENT_COUNT] = {
    {"OS/VMM", "TDX Module"}, {"OS/VMM", "TDX Module"}, {"OS/VMM", "TDX Late Microcode Update"}};

static void put_components(qy_buffer *out, const char *member, const uint8_t *svns, const component_kind *kinds)
{
  qy_buffer_appendf(out, "\"%s\":[", member);
  for (size_t i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    qy_buffer_appendf(out, "%s{\"svn\":%u", i == 0 ? "" : ",", svns[i]);
    if (kinds[i].category != NULL) {
      qy_buffer_appendf(out, ",\"category\":\"%s\"", kinds[i].category);
    }
    if (kinds[i].type != NULL) {
      qy_buffer_appendf(out, ",\"type\":\"%s\"", kinds[i].type);
    }
    qy_buffer_append_text(out, "}");
  }
  qy_buffer_append_text(out, "]");
}

static void put_tcb_v2(qy_buffer *out, const qy_dcap_level *level)
{
  for (unsigned i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    qy_buffer_appendf(out, "%s\"sgxtcbcomp%02usvn\":%u", i == 0 ? "" : ",", i + 1, level->sgx[i]);
  }
  qy_buffer_appendf(out, ",\"pcesvn\":%u", level->pce_svn);
}

static void put_tcb_v3(qy_buffer *out, const qy_dcap_level *level, bool is_tdx)
{
  put_components(out, "sgxtcbcomponents", level->sgx, SGX_COMPONENTS);
  qy_buffer_appendf(out, ",\"pcesvn\":%u", level->pce_svn);
  if (is_tdx) {
    qy_buffer_append_text(out, ",");
    put_components(out, "tdxtcbcomponents", level->tdx, TDX_COMPONENTS);
  }
}

static void put_levels(qy_buffer *out, qy_pcs_document document, const qy_dcap_source *source, size_t evaluation)
{
  qy_dcap_level levels[QY_DCAP_MAX_LEVELS];
  const size_t count = qy_dcap_levels(levels, source->world, source->levels, evaluation);
  qy_buffer_append_text(out, ",\"tcbLevels\":[");
  for (size_t i = 0; i < count; i++) {
    qy_buffer_append_text(out, i == 0 ? "{\"tcb\":{" : ",{\"tcb\":{");
    if (document == QY_PCS_SGX_TCB_V2) {
      put_tcb_v2(out, &levels[i]);
    } else {
      put_tcb_v3(out, &levels[i], document == QY_PCS_TDX_TCB);
    }
    qy_buffer_append_text(out, "}");
    static const qy_tcb_advisories none;
    put_status(out, levels[i].date_s, levels[i].status, document == QY_PCS_SGX_TCB_V2 ? &none : &levels[i].advisories);
    qy_buffer_append_text(out, "}");
  }
  qy_buffer_append_text(out, "]");
}

/* Intel's modules have no signer and no attributes; the simulated one is like them. */
static void put_module(qy_buffer *out, const char *begin)
{
  static const uint8_t zeros[QY_TD_HASH_SIZE];
  static const uint8_t ones[QY_SEAM_ATTRIBUTES_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  qy_buffer_appendf(out, "%s\"mrsigner\":\"", begin);
  put_hex(out, QY_VIEW_OF(zeros));
  qy_buffer_append_text(out, "\",\"attributes\":\"");
  put_hex(out, qy_view_over(zeros, sizeof ones));
  qy_buffer_append_text(out, "\",\"attributesMask\":\"");
  put_hex(out, QY_VIEW_OF(ones));
  qy_buffer_append_text(out, "\"");
}

static void put_modules(qy_buffer *out, const qy_dcap_world *world, size_t evaluation)
{
  put_module(out, ",\"tdxModule\":{");
  qy_buffer_appendf(out, "},\"tdxModuleIdentities\":[{\"id\":\"TDX_%02X\"", QY_DCAP_TDX_MODULE_VERSION);
  put_module(out, ",");
  put_svn_levels(out, world, QY_DCAP_TDX_MODULE, evaluation);
  qy_buffer_append_text(out, "}]");
}

static void put_tcb_info(qy_buffer *out, qy_pcs_document document, const qy_dcap_source *source,
                         const qy_dcap_kind *kind, size_t evaluation)
{
  if (document == QY_PCS_SGX_TCB_V2) {
    qy_buffer_append_text(out, "{\"version\":2,");
  } else {
    qy_buffer_appendf(out, "{\"id\":\"%s\",\"version\":3,", document == QY_PCS_TDX_TCB ? "TDX" : "SGX");
  }
  put_validity(out, source->world, QY_DCAP_LAPSED_TCB_INFO);
  qy_buffer_append_text(out, ",\"fmspc\":\"");
  put_hex(out, QY_VIEW_OF(kind->fmspc));
  qy_buffer_appendf(out, "\",\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":%u",
                    source->world->evaluations[evaluation].number);
  if (document == QY_PCS_TDX_TCB) {
    put_modules(out, source->world, evaluation);
  }
  put_levels(out, document, source, evaluation);
  qy_buffer_append_text(out, "}");
}

/* ---- Identities ---- */

typedef struct identity_facts {
  const char *id;
  const char *attributes;
  qy_dcap_part part;
  unsigned product;
} identity_facts;

static void put_identity(qy_buffer *out, const identity_facts *facts, const qy_dcap_source *source, size_t evaluation)
{
  qy_buffer_appendf(out, "{\"id\":\"%s\",\"version\":2,", facts->id);
  put_validity(out, source->world, QY_DCAP_LAPSED_IDENTITY);
  qy_buffer_appendf(out,
                    ",\"tcbEvaluationDataNumber\":%u,\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
                    "\"attributes\":\"%s\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"",
                    source->world->evaluations[evaluation].number, facts->attributes);
  put_hex(out, QY_VIEW_OF(source->enclaves->identity.mr_signer));
  qy_buffer_appendf(out, "\",\"isvprodid\":%u", facts->product);
  put_svn_levels(out, source->world, facts->part, evaluation);
  qy_buffer_append_text(out, "}");
}

/* ---- Evaluation numbers ---- */

static void put_numbers(qy_buffer *out, const char *id, const qy_dcap_world *world)
{
  qy_buffer_appendf(out, "{\"id\":\"%s\",\"version\":1,", id);
  put_validity(out, world, QY_DCAP_LAPSED_TCB_INFO);
  qy_buffer_append_text(out, ",\"tcbEvalNumbers\":[");
  for (size_t i = world->evaluation_count; i-- > 0;) {
    const qy_dcap_evaluation *one = &world->evaluations[i];
    qy_buffer_appendf(out, "{\"tcbEvaluationDataNumber\":%u,", one->number);
    put_time(out, "tcbRecoveryEventDate", one->event_s);
    qy_buffer_append_text(out, ",");
    put_time(out, "tcbDate", one->tcb_date_s);
    qy_buffer_append_text(out, i > 0 ? "}," : "}");
  }
  qy_buffer_append_text(out, "]}");
}

/* ---- All of them ---- */

/* The body, and the name of the member that it becomes. */
static const char *put_body(qy_buffer *out, qy_pcs_document document, const qy_dcap_source *source,
                            const qy_dcap_kind *kind, size_t evaluation)
{
  static const identity_facts IDENTITIES[] = {
      {"QE", "11000000000000000000000000000000", QY_DCAP_QE, QY_DCAP_QE_PRODUCT},
      {"TD_QE", "11000000000000000000000000000000", QY_DCAP_TD_QE, QY_DCAP_TD_QE_PRODUCT},
      {"QVE", "01000000000000000000000000000000", QY_DCAP_QVE, QY_DCAP_QVE_PRODUCT}};
  switch (document) {
  case QY_PCS_QE_IDENTITY:
  case QY_PCS_TD_QE_IDENTITY:
  case QY_PCS_QVE_IDENTITY:
    put_identity(out, &IDENTITIES[document - QY_PCS_QE_IDENTITY], source, evaluation);
    return "enclaveIdentity";
  case QY_PCS_SGX_NUMBERS:
  case QY_PCS_TDX_NUMBERS:
    put_numbers(out, document == QY_PCS_SGX_NUMBERS ? "SGX" : "TDX", source->world);
    return "tcbEvaluationDataNumbers";
  case QY_PCS_SGX_TCB:
  case QY_PCS_SGX_TCB_V2:
  case QY_PCS_TDX_TCB:
  default:
    put_tcb_info(out, document, source, kind, evaluation);
    return "tcbInfo";
  }
}

qy_status qy_pcs_document_make(qy_buffer *out, qy_pcs_document document, const qy_dcap_source *source,
                               const qy_dcap_kind *kind, size_t evaluation, const qy_secret *signing_key, qy_error *why)
{
  QY_SCOPED_BUFFER(body, MAX_BODY);
  uint8_t signature[QY_P256_SIGNATURE_SIZE];
  const char *member = put_body(&body, document, source, kind, evaluation);
  QY_TRY(qy_buffer_finish(&body, member, why));
  const qy_view bytes = qy_buffer_view(&body);
  QY_TRY(qy_p256_sign(signature, signing_key, &bytes, 1, why));
  qy_buffer_appendf(out, "{\"%s\":", member);
  qy_buffer_append(out, bytes.bytes, bytes.size);
  qy_buffer_append_text(out, ",\"signature\":\"");
  qy_hex_append(out, QY_VIEW_OF(signature));
  qy_buffer_append_text(out, "\"}");
  return qy_buffer_finish(out, member, why);
}
