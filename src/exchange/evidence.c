/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of evidence, and the attestation keys that stand for them. */
#include <quotary/exchange.h>

#include <string.h>

static const char *const names[QY_EVIDENCE_KIND_COUNT] = {"epid", "sgx", "tdx"};

const char *qy_evidence_kind_name(qy_evidence_kind kind)
{
  return (unsigned)kind < QY_EVIDENCE_KIND_COUNT ? names[kind] : "unknown";
}

bool qy_evidence_kind_find(qy_evidence_kind *out, const char *name)
{
  for (int kind = 0; kind < QY_EVIDENCE_KIND_COUNT; kind++) {
    if (strcmp(name, names[kind]) == 0) {
      *out = (qy_evidence_kind)kind;
      return true;
    }
  }
  return false;
}

void qy_evidence_offer(qy_att_key_list *out, unsigned kinds, const uint8_t spid[QY_SPID_SIZE], qy_sign_type quote_type)
{
  *out = (qy_att_key_list){0};
  if ((kinds & 1u << QY_EVIDENCE_EPID) != 0) {
    qy_att_key_id_epid(&out->ids[out->count++], spid, quote_type == QY_LINKABLE);
  }
  if ((kinds & 1u << QY_EVIDENCE_SGX) != 0) {
    qy_att_key_id_ecdsa(&out->ids[out->count++], false);
  }
  if ((kinds & 1u << QY_EVIDENCE_TDX) != 0) {
    qy_att_key_id_ecdsa(&out->ids[out->count++], true);
  }
}

bool qy_evidence_kind_of_key(qy_evidence_kind *out, const qy_att_key_id *id)
{
  const bool ecdsa = id->algorithm_id == QY_ATT_KEY_ALGORITHM_ECDSA_P256;
  if (id->id != 0 || id->version != 0 || (!ecdsa && id->algorithm_id != QY_ATT_KEY_ALGORITHM_EPID)) {
    return false;
  }
  if (id->prod_id == QY_ATT_KEY_PRODUCT_QE) {
    *out = ecdsa ? QY_EVIDENCE_SGX : QY_EVIDENCE_EPID;
    return true;
  }
  *out = QY_EVIDENCE_TDX;
  return ecdsa && id->prod_id == QY_ATT_KEY_PRODUCT_TD_QE;
}
