/* SPDX-License-Identifier: Apache-2.0 */
/* Enclave identity: which quoting enclave is genuine, and which security versions of it are good. */
#include <collateral/document.h>

#include <string.h>

#include <base/cursor.h>

static const qy_document_kind kind = {.what = "enclave identity",
                                      .body = QY_JSON_NAME("enclaveIdentity"),
                                      .unreadable = QY_QVL_SGX_ENCLAVE_IDENTITY_UNSUPPORTED_FORMAT,
                                      .invalid = QY_QVL_SGX_ENCLAVE_IDENTITY_INVALID,
                                      .not_signed = QY_QVL_SGX_ENCLAVE_IDENTITY_UNSUPPORTED_FORMAT};

enum {
  ID,
  VERSION,
  ISSUE_DATE,
  NEXT_UPDATE,
  EVALUATION_NUMBER,
  MISC_SELECT,
  MISC_SELECT_MASK,
  ATTRIBUTES,
  ATTRIBUTES_MASK,
  MR_SIGNER,
  ISV_PROD_ID,
  LEVELS,
  MEMBERS
};

static qy_identity_id read_id(qy_document *document)
{
  const qy_view text = qy_json_read_text(&document->in);
  for (int id = QY_IDENTITY_QE; id <= QY_IDENTITY_QVE; id++) {
    if (qy_view_equal(text, qy_view_text(qy_identity_id_name((qy_identity_id)id)))) {
      return (qy_identity_id)id;
    }
  }
  qy_json_reject(&document->in, "an id other than QE, TD_QE and QVE");
  return QY_IDENTITY_QE;
}

static uint32_t read_word(qy_document *document)
{
  uint8_t bytes[4];
  qy_json_read_hex(&document->in, bytes, sizeof(bytes));
  qy_reader in = qy_reader_over(QY_VIEW_OF(bytes));
  return qy_read_u32le(&in, "MISCSELECT");
}

static qy_attributes read_attributes(qy_document *document)
{
  uint8_t bytes[16];
  qy_json_read_hex(&document->in, bytes, sizeof(bytes));
  qy_reader in = qy_reader_over(QY_VIEW_OF(bytes));
  const uint64_t flags = qy_read_u64le(&in, "flags");
  return (qy_attributes){.flags = flags, .xfrm = qy_read_u64le(&in, "XFRM")};
}

static void read_levels(qy_document *document, qy_enclave_identity *out)
{
  static const qy_svn_level_rules rules = {.svn_max = UINT32_MAX};
  const qy_advisory_pool pool = {out->advisories, &out->advisory_count, QY_IDENTITY_MAX_ADVISORIES};
  qy_json_walk walk;
  qy_json_begin_array(&document->in, &walk);
  while (qy_json_next_element(&document->in, &walk)) {
    if (out->level_count == QY_IDENTITY_MAX_LEVELS) {
      qy_json_reject(&document->in, "more levels than are taken");
      return;
    }
    qy_document_read_svn_level(document, &out->levels[out->level_count++], &rules, &pool);
  }
  qy_document_require(document, out->level_count > 0, kind.invalid, "there is no level");
  qy_document_sort_svn_levels(document, out->levels, out->level_count);
}

static void read_member(qy_document *document, qy_enclave_identity *out, size_t index)
{
  qy_json_reader *in = &document->in;
  switch (index) {
  case ID:
    out->id = read_id(document);
    break;
  case VERSION:
    out->version = (uint32_t)qy_json_read_unsigned(in, UINT32_MAX);
    qy_document_require(document, out->version == 2, QY_QVL_SGX_ENCLAVE_IDENTITY_UNSUPPORTED_VERSION,
                        "a version other than 2");
    break;
  case ISSUE_DATE:
    out->issued_s = qy_json_read_time(in);
    break;
  case NEXT_UPDATE:
    out->next_update_s = qy_json_read_time(in);
    break;
  case EVALUATION_NUMBER:
    out->evaluation_number = (uint32_t)qy_json_read_unsigned(in, UINT32_MAX);
    break;
  case MISC_SELECT:
    out->misc_select = read_word(document);
    break;
  case MISC_SELECT_MASK:
    out->misc_select_mask = read_word(document);
    break;
  case ATTRIBUTES:
    out->attributes = read_attributes(document);
    break;
  case ATTRIBUTES_MASK:
    out->attributes_mask = read_attributes(document);
    break;
  case MR_SIGNER:
    qy_json_read_hex(in, out->mr_signer, sizeof(out->mr_signer));
    break;
  case ISV_PROD_ID:
    out->isv_prod_id = (uint32_t)qy_json_read_unsigned(in, UINT32_MAX);
    break;
  default:
    read_levels(document, out);
    break;
  }
}

static void read_body(qy_document *document, void *into)
{
  static const qy_json_name names[MEMBERS] = {QY_JSON_NAME("id"),
                                              QY_JSON_NAME("version"),
                                              QY_JSON_NAME("issueDate"),
                                              QY_JSON_NAME("nextUpdate"),
                                              QY_JSON_NAME("tcbEvaluationDataNumber"),
                                              QY_JSON_NAME("miscselect"),
                                              QY_JSON_NAME("miscselectMask"),
                                              QY_JSON_NAME("attributes"),
                                              QY_JSON_NAME("attributesMask"),
                                              QY_JSON_NAME("mrsigner"),
                                              QY_JSON_NAME("isvprodid"),
                                              QY_JSON_NAME("tcbLevels")};
  const uint64_t needed = (1u << MEMBERS) - 1;
  qy_json_walk walk;
  size_t index = 0;
  qy_json_begin_object(&document->in, &walk);
  while (qy_json_next_member(&document->in, &walk, &index, names, MEMBERS)) {
    qy_document_expect_valid(document);
    read_member(document, into, index);
    qy_document_expect_readable(document);
  }
  qy_document_require_members(document, walk.seen, needed, names, kind.invalid);
}

qy_status qy_enclave_identity_decode(qy_enclave_identity *out, qy_view text, qy_qvl_status *qvl, qy_error *why)
{
  memset(out, 0, offsetof(qy_enclave_identity, levels));
  return qy_document_read(&out->json, text, &kind, read_body, out, qvl, why);
}

const char *qy_identity_id_name(qy_identity_id id)
{
  return id == QY_IDENTITY_QE ? "QE" : id == QY_IDENTITY_TD_QE ? "TD_QE" : id == QY_IDENTITY_QVE ? "QVE" : "unknown";
}
