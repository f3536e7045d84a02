/* SPDX-License-Identifier: Apache-2.0 */
#include <describe/describe.h>

#include <string.h>

#include <base/buffer.h>
#include <base/encoding.h>
#include <base/limits.h>
#include <describe/parts.h>
#include <describe/text.h>

/* Most telling first: magics and exact headers before bare lengths. */
static const qy_describe_kind kinds[] = {
    {"enclave-image", qy_describe_image, true},
    {"td-image", qy_describe_td_image, true},
    {"sigstruct", qy_describe_sigstruct, false},
    {"certificates", qy_describe_certificates, false},
    {"crl", qy_describe_crl, false},
    {"tcb-info", qy_describe_tcb_info, true},
    {"enclave-identity", qy_describe_enclave_identity, true},
    {"attestation-report", qy_describe_attestation_report, true},
    {"platform-info", qy_describe_platform_info, false},
    {"sigrl", qy_describe_sigrl, false},
    {"group-certificate", qy_describe_group_certificate, false},
    {"epid-file", qy_describe_epid_file, false},
    {"msg4", qy_describe_msg4, false}, /* its own size stands in it: with a secret of 32 bytes it is as long as msg1 */
    {"epid-quote", qy_describe_quote, true},
    {"dcap-quote", qy_describe_dcap_quote, true},
    {"td-report", qy_describe_td_report, false},
    {"event-log", qy_describe_event_log, false},
    {"quote-body", qy_describe_quote_body_alone, false},
    {"epid-signature", qy_describe_epid_signature, false},
    {"epid-blob", qy_describe_epid_blob, false},
    {"key-list", qy_describe_key_list, false},
    {"msg3", qy_describe_msg3, false},
    {"msg2", qy_describe_msg2, false},
    {"msg0+msg1", qy_describe_msg0_msg1, false},
    {"msg1", qy_describe_msg1, false},
    {"report", qy_describe_report, false},
    {"key-request", qy_describe_key_request, false},
    {"target-info", qy_describe_target_info, false},
    {"sealed-blob", qy_describe_sealed_blob, false},
    {"msg0", qy_describe_msg0, false},
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

const char *const *qy_describe_kinds(void)
{
  static const char *const names[] = {"enclave-image",
                                      "td-image",
                                      "sigstruct",
                                      "certificates",
                                      "crl",
                                      "tcb-info",
                                      "enclave-identity",
                                      "attestation-report",
                                      "platform-info",
                                      "sigrl",
                                      "group-certificate",
                                      "epid-file",
                                      "msg4",
                                      "epid-quote",
                                      "dcap-quote",
                                      "td-report",
                                      "event-log",
                                      "quote-body",
                                      "epid-signature",
                                      "epid-blob",
                                      "key-list",
                                      "msg3",
                                      "msg2",
                                      "msg0+msg1",
                                      "msg1",
                                      "report",
                                      "key-request",
                                      "target-info",
                                      "sealed-blob",
                                      "msg0",
                                      NULL};
  _Static_assert(sizeof(names) / sizeof(names[0]) == KIND_COUNT + 1, "a kind without a name");
  return names;
}

static qy_status read_as(json_t **out, const qy_describe_kind *kind, qy_view bytes, qy_error *why)
{
  json_t *to = json_pack("{s:s, s:I}", "kind", kind->name, "size", (json_int_t)bytes.size);
  if (to == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "show: out of memory");
  }
  const qy_status status = kind->read(to, bytes, why);
  if (status != QY_OK) {
    json_decref(to);
    return status;
  }
  *out = to;
  return QY_OK;
}

/* What begins as one kind does and then breaks off is of most use to hear of; kinds that any bytes could begin are not. */
static qy_status find(json_t **out, qy_view bytes, const char *as, qy_error *why)
{
  qy_error closest = {0};
  for (size_t i = 0; i < KIND_COUNT; i++) {
    qy_error here = {0};
    if (as != NULL && strcmp(as, kinds[i].name) != 0) {
      continue;
    }
    if (read_as(out, &kinds[i], bytes, &here) == QY_OK) {
      return QY_OK;
    }
    const bool began =
        kinds[i].begins_tellingly && here.status != QY_ERR_UNSUPPORTED && strstr(here.message, " at byte 0:") == NULL;
    if (closest.message[0] == '\0' && began) {
      closest = here;
    }
    if (as != NULL) {
      return qy_fail(why, here.status, "%s", here.message);
    }
  }
  if (as != NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "\"%s\" is no kind of evidence that is known here", as);
  }
  return qy_fail(why, QY_ERR_UNSUPPORTED, "%zu bytes that are no kind of evidence known here%s%s", bytes.size,
                 closest.message[0] == '\0' ? "" : "; closest: ", closest.message);
}

bool qy_text_see_through(qy_buffer *out, const char **encoding, qy_view text)
{
  QY_SCOPED_BUFFER(packed, QY_MAX_FILE_SIZE);
  bool hex = true;
  for (size_t i = 0; i < text.size; i++) {
    const uint8_t c = text.bytes[i];
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') {
      continue;
    }
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    const bool base64 = digit || (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z') || c == '+' || c == '/' || c == '=';
    if (!base64) {
      return false;
    }
    hex = hex && digit;
    qy_buffer_append(&packed, &c, 1);
  }
  if (packed.size == 0 || packed.status != QY_OK) {
    return false;
  }
  if (hex && packed.size % 2 == 0) {
    qy_hex_decode_append(out, qy_buffer_view(&packed));
    *encoding = "hex";
  } else {
    qy_base64_decode_append(out, qy_buffer_view(&packed));
    *encoding = "base64";
  }
  return out->status == QY_OK;
}

qy_status qy_describe(json_t **out, qy_view bytes, const char *as, qy_error *why)
{
  *out = NULL;
  const qy_status status = find(out, bytes, as, why);
  if (status == QY_OK || status == QY_ERR_ARGUMENT) {
    return status;
  }
  QY_SCOPED_BUFFER(decoded, QY_MAX_FILE_SIZE);
  const char *encoding = NULL;
  qy_error ignored = {0};
  if (qy_text_see_through(&decoded, &encoding, bytes) && find(out, qy_buffer_view(&decoded), as, &ignored) == QY_OK) {
    json_object_set_new(*out, "encoding", json_string(encoding));
    return QY_OK;
  }
  return status;
}
