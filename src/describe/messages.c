/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of the flow. */
#include <describe/parts.h>

#include <string.h>

#include <base/limits.h>
#include <quotary/exchange.h>

static void describe_spid(json_t *to, const uint8_t spid[QY_SPID_SIZE])
{
  qy_describe_hex(to, "spid", spid, QY_SPID_SIZE);
}

/* A part of a message, as member `name`. */
static qy_status describe_inside(json_t *to, const char *name,
                                 qy_status (*read)(json_t *to, qy_view bytes, qy_error *why), qy_view bytes,
                                 qy_error *why)
{
  json_t *part = json_object();
  const qy_status status = read(part, bytes, why);
  if (status != QY_OK) {
    json_decref(part);
    return status;
  }
  json_object_set_new(to, name, part);
  return QY_OK;
}

qy_status qy_describe_msg0(json_t *to, qy_view bytes, qy_error *why)
{
  qy_msg0 msg0;
  QY_TRY(qy_msg0_decode(&msg0, bytes, why));
  if (msg0.extended_group_id > UINT16_MAX) { /* four bytes of anything: no id of that size was ever given out */
    return qy_fail(why, QY_ERR_UNSUPPORTED, "msg0: extended group id %u", msg0.extended_group_id);
  }
  json_object_set_new(to, "extended_group_id", json_integer(msg0.extended_group_id));
  return QY_OK;
}

qy_status qy_describe_key_list(json_t *to, qy_view bytes, qy_error *why)
{
  qy_att_key_list list;
  json_t *keys = json_array();
  const qy_status status = qy_att_key_list_decode(&list, bytes, why);
  for (size_t i = 0; status == QY_OK && i < list.count; i++) {
    const qy_att_key_id *id = &list.ids[i];
    qy_evidence_kind kind = QY_EVIDENCE_EPID;
    json_t *key = json_object();
    json_object_set_new(key, "evidence",
                        qy_evidence_kind_of_key(&kind, id) ? json_string(qy_evidence_kind_name(kind)) : json_null());
    json_object_set_new(key, "algorithm_id", json_integer(id->algorithm_id));
    json_object_set_new(key, "product_id", json_integer(id->prod_id));
    qy_describe_hex(key, "mrsigner", id->mr_signer, id->mr_signer_size);
    if (!qy_view_is_zero(QY_VIEW_OF(id->spid))) {
      describe_spid(key, id->spid);
      json_object_set_new(key, "quote_type", json_string(id->att_key_type == 0 ? "unlinkable" : "linkable"));
    }
    json_array_append_new(keys, key);
  }
  json_object_set_new(to, "keys", keys);
  return status;
}

qy_status qy_describe_msg1(json_t *to, qy_view bytes, qy_error *why)
{
  qy_msg1 msg1;
  QY_TRY(qy_msg1_decode(&msg1, bytes, why));
  qy_describe_hex(to, "g_a", msg1.g_a, sizeof(msg1.g_a));
  json_object_set_new(to, "group_id", json_sprintf("%08x", msg1.group_id));
  return QY_OK;
}

qy_status qy_describe_msg0_msg1(json_t *to, qy_view bytes, qy_error *why)
{
  if (bytes.size != QY_HELLO_SIZE) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "msg0+msg1: %zu bytes", bytes.size);
  }
  QY_TRY(qy_describe_msg0(to, qy_view_slice(bytes, 0, QY_MSG0_SIZE), why));
  return qy_describe_msg1(to, qy_view_slice(bytes, QY_MSG0_SIZE, QY_MSG1_SIZE), why);
}

qy_status qy_describe_msg2(json_t *to, qy_view bytes, qy_error *why)
{
  qy_msg2 msg2;
  QY_TRY(qy_msg2_decode(&msg2, bytes, why));
  qy_describe_hex(to, "g_b", msg2.g_b, sizeof(msg2.g_b));
  describe_spid(to, msg2.spid);
  json_object_set_new(to, "quote_type", json_string(msg2.quote_type == 0 ? "unlinkable" : "linkable"));
  json_object_set_new(to, "kdf_id", json_integer(msg2.kdf_id));
  qy_describe_hex(to, "provider_signature", msg2.signature, sizeof(msg2.signature));
  qy_describe_hex(to, "mac", msg2.mac, sizeof(msg2.mac));
  json_object_set_new(to, "sigrl_size", json_integer(msg2.sigrl_size));
  if (msg2.sigrl.size > 0) {
    return describe_inside(to, "sigrl", qy_describe_sigrl, msg2.sigrl, why);
  }
  return QY_OK;
}

qy_status qy_describe_msg3(json_t *to, qy_view bytes, qy_error *why)
{
  qy_msg3 msg3;
  QY_TRY(qy_msg3_decode(&msg3, bytes, why));
  qy_describe_hex(to, "mac", msg3.mac, sizeof(msg3.mac));
  qy_describe_hex(to, "g_a", msg3.g_a, sizeof(msg3.g_a));
  const bool absent = qy_view_is_zero(QY_VIEW_OF(msg3.ps_sec_prop));
  json_object_set_new(to, "ps_sec_prop", json_string(absent ? "absent" : "present"));
  qy_quote epid;
  const bool is_epid = qy_quote_decode(&epid, msg3.quote, NULL) == QY_OK;
  return describe_inside(to, "quote", is_epid ? qy_describe_quote : qy_describe_dcap_quote, msg3.quote, why);
}

qy_status qy_describe_msg4(json_t *to, qy_view bytes, qy_error *why)
{
  qy_msg4 msg4;
  QY_TRY(qy_msg4_decode(&msg4, bytes, why));
  json_object_set_new(to, "verdict", json_string(qy_trust_name(msg4.verdict)));
  json_object_set_new(to, "simulated", json_boolean(msg4.simulated));
  json_object_set_new(to, "note", json_string("authentic only to the enclave that holds the session key"));
  if (msg4.platform_info.size > 0) {
    QY_TRY(describe_inside(to, "platform_info", qy_describe_platform_info, msg4.platform_info, why));
  }
  json_object_set_new(to, "sealed_secret_size", json_integer((json_int_t)msg4.ciphertext.size));
  qy_describe_hex(to, "iv", msg4.iv, sizeof(msg4.iv));
  qy_describe_hex(to, "tag", msg4.tag, sizeof(msg4.tag));
  return QY_OK;
}
