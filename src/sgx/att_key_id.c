/* SPDX-License-Identifier: Apache-2.0 */
#include <sgx/codec.h>

#include <string.h>

#include <sgx/intel_keys.h>

#define RESERVED_SIZE 80

static void read_id(qy_reader *in, qy_att_key_id *out)
{
  out->id = qy_read_u16le(in, "id");
  out->version = qy_read_u16le(in, "version");
  const size_t size_at = in->offset;
  out->mr_signer_size = qy_read_u16le(in, "mrsigner_length");
  if (in->status == QY_OK && out->mr_signer_size > sizeof(out->mr_signer)) {
    qy_read_reject(in, QY_ERR_MALFORMED, "mrsigner_length", size_at);
    return;
  }
  qy_read_bytes(in, out->mr_signer, out->mr_signer_size, "mrsigner");
  qy_read_zeros(in, sizeof(out->mr_signer) - out->mr_signer_size, "unused part of mrsigner");
  out->prod_id = qy_read_u32le(in, "prod_id");
  qy_read_bytes(in, out->ext_prod_id, sizeof(out->ext_prod_id), "extended_prod_id");
  qy_read_bytes(in, out->config_id, sizeof(out->config_id), "config_id");
  qy_read_bytes(in, out->family_id, sizeof(out->family_id), "family_id");
  out->algorithm_id = qy_read_u32le(in, "algorithm_id");
  qy_read_bytes(in, out->spid, sizeof(out->spid), "spid");
  out->att_key_type = qy_read_u16le(in, "att_key_type");
  qy_read_zeros(in, RESERVED_SIZE, "reserved after att_key_type");
}

static void write_id(qy_writer *out, const qy_att_key_id *id)
{
  const size_t room = sizeof(id->mr_signer);
  const size_t used = id->mr_signer_size < room ? id->mr_signer_size : room;
  qy_write_u16le(out, id->id);
  qy_write_u16le(out, id->version);
  qy_write_u16le(out, (uint16_t)used);
  qy_write_bytes(out, id->mr_signer, used);
  qy_write_zeros(out, room - used);
  qy_write_u32le(out, id->prod_id);
  qy_write_bytes(out, id->ext_prod_id, sizeof(id->ext_prod_id));
  qy_write_bytes(out, id->config_id, sizeof(id->config_id));
  qy_write_bytes(out, id->family_id, sizeof(id->family_id));
  qy_write_u32le(out, id->algorithm_id);
  qy_write_bytes(out, id->spid, sizeof(id->spid));
  qy_write_u16le(out, id->att_key_type);
  qy_write_zeros(out, RESERVED_SIZE);
}

qy_status qy_att_key_id_decode(qy_att_key_id *out, qy_view bytes, qy_error *why)
{
  qy_att_key_id id = {0};
  memset(out, 0, sizeof(*out));
  qy_reader in = qy_reader_over(bytes);
  read_id(&in, &id);
  QY_TRY(qy_read_finish(&in, "attestation key id", why));
  *out = id;
  return QY_OK;
}

void qy_att_key_id_encode(uint8_t out[QY_ATT_KEY_ID_SIZE], const qy_att_key_id *id)
{
  qy_writer writer = qy_writer_over(out, QY_ATT_KEY_ID_SIZE);
  write_id(&writer, id);
  qy_write_done(&writer);
}

void qy_att_key_id_epid(qy_att_key_id *out, const uint8_t spid[QY_SPID_SIZE], bool linkable)
{
  memset(out, 0, sizeof(*out));
  out->mr_signer_size = QY_MEASUREMENT_SIZE;
  memcpy(out->mr_signer, qy_intel_epid_qe_signer, QY_MEASUREMENT_SIZE);
  out->prod_id = QY_ATT_KEY_PRODUCT_QE;
  out->algorithm_id = QY_ATT_KEY_ALGORITHM_EPID;
  memcpy(out->spid, spid, QY_SPID_SIZE);
  out->att_key_type = linkable ? 1 : 0;
}

void qy_att_key_id_ecdsa(qy_att_key_id *out, bool trust_domains)
{
  memset(out, 0, sizeof(*out));
  out->mr_signer_size = QY_MEASUREMENT_SIZE;
  memcpy(out->mr_signer, trust_domains ? qy_intel_td_qe_signer : qy_intel_ecdsa_qe_signer, QY_MEASUREMENT_SIZE);
  out->prod_id = trust_domains ? QY_ATT_KEY_PRODUCT_TD_QE : QY_ATT_KEY_PRODUCT_QE;
  out->algorithm_id = QY_ATT_KEY_ALGORITHM_ECDSA_P256;
}

static void read_list_constant(qy_reader *in, uint16_t constant, const char *field)
{
  const size_t at = in->offset;
  if (qy_read_u16le(in, field) != constant) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, field, at);
  }
}

static void read_list(qy_reader *in, qy_att_key_list *out)
{
  read_list_constant(in, 0, "list id");
  read_list_constant(in, 0, "list version");
  const size_t count_at = in->offset;
  const uint32_t count = qy_read_u32le(in, "number of entries");
  if (in->status == QY_OK && (count < 1 || count > QY_ATT_KEY_LIST_MAX)) {
    qy_read_reject(in, QY_ERR_LIMIT, "number of entries", count_at);
  }
  for (; in->status == QY_OK && out->count < count; out->count++) {
    read_id(in, &out->ids[out->count]);
  }
}

qy_status qy_att_key_list_decode(qy_att_key_list *out, qy_view bytes, qy_error *why)
{
  qy_reader in = qy_reader_over(bytes);
  memset(out, 0, sizeof(*out));
  read_list(&in, out);
  const qy_status status = qy_read_finish(&in, "attestation key list", why);
  if (status != QY_OK) {
    memset(out, 0, sizeof(*out));
  }
  return status;
}

void qy_att_key_list_encode(uint8_t *out, const qy_att_key_list *list)
{
  qy_writer writer = qy_writer_over(out, QY_ATT_KEY_LIST_SIZE(list->count));
  qy_write_u16le(&writer, 0);
  qy_write_u16le(&writer, 0);
  qy_write_u32le(&writer, (uint32_t)list->count);
  for (size_t i = 0; i < list->count; i++) {
    write_id(&writer, &list->ids[i]);
  }
  qy_write_done(&writer);
}
