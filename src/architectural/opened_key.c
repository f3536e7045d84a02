/* SPDX-License-Identifier: Apache-2.0 */
#include <architectural/opened_key.h>

void qy_ae_opened_key_clear(qy_ae_opened_key *key)
{
  qy_buffer_clear(&key->secret);
  qy_buffer_clear(&key->clear);
  qy_wipe(key, sizeof(*key));
}

qy_status qy_ae_open_key(qy_ae_opened_key *out, qy_view blob, qy_trace *trace, qy_error *why)
{
  qy_epid_blob_facts unproved;
  QY_TRY(qy_epid_blob_inspect(&unproved, blob, why)); /* sizes first: the buffers are bounded by them */
  qy_buffer_init(&out->secret, QY_EPID_BLOB_SECRET_SIZE);
  qy_buffer_init(&out->clear, QY_EPID_BLOB_CLEAR_SIZE);
  QY_TRY(qy_enclave_unseal(&out->secret, &out->clear, blob, trace, why));
  QY_TRY(qy_epid_blob_facts_decode(&out->facts, qy_buffer_view(&out->clear), why));
  QY_TRY(qy_epid_blob_secret_decode(&out->key, qy_buffer_view(&out->secret), why));
  if (!qy_view_equal(QY_VIEW_OF(out->key.gid.bytes), QY_VIEW_OF(out->facts.group.gid.bytes))) {
    return qy_fail(why, QY_ERR_MALFORMED, "EPID blob: key and group have different ids");
  }
  return QY_OK;
}
