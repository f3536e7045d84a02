/* SPDX-License-Identifier: Apache-2.0 */
/* The SGX extension of PCK certificates, encoded (Intel "SGX PCK Certificate and CRL Profile Specification"). */
#include <endorser/dcap.h>

#include <string.h>

#define MAX_SIZE 1024u

enum { BOOLEAN = 0x01, INTEGER = 0x02, OCTETS = 0x04, IDENTIFIER = 0x06, ENUMERATED = 0x0a, SEQUENCE = 0x30 };

static void put(qy_buffer *out, uint8_t tag, qy_view content)
{
  const uint8_t wide[] = {tag, 0x82, (uint8_t)(content.size >> 8), (uint8_t)content.size};
  const uint8_t byte[] = {tag, 0x81, (uint8_t)content.size};
  const uint8_t small[] = {tag, (uint8_t)content.size};
  if (content.size < 0x80) {
    qy_buffer_append(out, small, sizeof small);
  } else if (content.size < 0x100) {
    qy_buffer_append(out, byte, sizeof byte);
  } else {
    qy_buffer_append(out, wide, sizeof wide);
  }
  qy_buffer_append(out, content.bytes, content.size);
}

/* A pair of the identifier 1.2.840.113741.1.13.1[.under].number and a value. */
static void put_item(qy_buffer *out, uint8_t under, uint8_t number, uint8_t tag, qy_view value)
{
  uint8_t id[12] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};
  size_t size = 9;
  QY_SCOPED_BUFFER(pair, MAX_SIZE);
  if (under != 0) {
    id[size++] = under;
  }
  id[size++] = number;
  put(&pair, IDENTIFIER, qy_view_over(id, size));
  put(&pair, tag, value);
  put(out, SEQUENCE, qy_buffer_view(&pair));
}

static void put_number(qy_buffer *out, uint8_t under, uint8_t number, uint8_t tag, uint16_t value)
{
  const uint8_t bytes[] = {0, (uint8_t)(value >> 8), (uint8_t)value};
  const size_t skip = value >= 0x8000 ? 0 : value >= 0x80 ? 1 : 2; /* no more zeros than the sign needs */
  put_item(out, under, number, tag, qy_view_over(bytes + skip, sizeof bytes - skip));
}

static void put_boolean(qy_buffer *out, uint8_t under, uint8_t number, qy_configured value)
{
  const uint8_t byte = value == QY_CONFIGURED_TRUE ? 0xff : 0x00;
  put_item(out, under, number, BOOLEAN, qy_view_over(&byte, 1));
}

static void put_tcb(qy_buffer *out, const qy_pck_extension *from)
{
  QY_SCOPED_BUFFER(items, MAX_SIZE);
  for (uint8_t i = 0; i < QY_TCB_COMPONENT_COUNT; i++) {
    put_number(&items, 2, (uint8_t)(i + 1), INTEGER, from->components[i]);
  }
  put_number(&items, 2, 17, INTEGER, from->pce_svn);
  put_item(&items, 2, 18, OCTETS, QY_VIEW_OF(from->cpu_svn));
  put_item(out, 0, 2, SEQUENCE, qy_buffer_view(&items));
}

static void put_configuration(qy_buffer *out, const qy_pck_extension *from)
{
  QY_SCOPED_BUFFER(items, MAX_SIZE);
  put_boolean(&items, 7, 1, from->dynamic_platform);
  put_boolean(&items, 7, 2, from->cached_keys);
  put_boolean(&items, 7, 3, from->smt_enabled);
  put_item(out, 0, 7, SEQUENCE, qy_buffer_view(&items));
}

qy_status qy_dcap_pck_extension_make(qy_buffer *out, const qy_pck_extension *from, qy_error *why)
{
  QY_SCOPED_BUFFER(items, MAX_SIZE);
  put_item(&items, 0, 1, OCTETS, QY_VIEW_OF(from->ppid));
  put_tcb(&items, from);
  put_item(&items, 0, 3, OCTETS, QY_VIEW_OF(from->pce_id));
  put_item(&items, 0, 4, OCTETS, QY_VIEW_OF(from->fmspc));
  put_number(&items, 0, 5, ENUMERATED, (uint16_t)from->sgx_type);
  if (from->has_platform) {
    put_item(&items, 0, 6, OCTETS, QY_VIEW_OF(from->platform_instance_id));
    put_configuration(&items, from);
  }
  QY_TRY(qy_buffer_finish(&items, "SGX extension", why));
  put(out, SEQUENCE, qy_buffer_view(&items));
  return qy_buffer_finish(out, "SGX extension", why);
}
