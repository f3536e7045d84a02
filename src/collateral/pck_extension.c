/* SPDX-License-Identifier: Apache-2.0 */
/* The SGX extension of PCK certificates: a SEQUENCE of pairs of an id below 1.2.840.113741.1.13.1 and a value. */
#include <collateral/parts.h>

#include <string.h>

#define TOP_ITEMS_PROCESSOR 5u
#define TOP_ITEMS_PLATFORM 7u
#define TCB_ITEMS 18u

enum { PPID = 1, TCB, PCE_ID, FMSPC, SGX_TYPE, PLATFORM_INSTANCE_ID, CONFIGURATION };
enum { PCE_SVN = 17, CPU_SVN };
enum { DYNAMIC_PLATFORM = 1, CACHED_KEYS, SMT_ENABLED };

/* 1.2.840.113741.1.13.1 */
static const uint8_t id_prefix[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

/* Enters a pair and reads its id: what stands behind the prefix, whose last number is below 128; `under` is what stands
 * between, or 0. Latches a failure for another id, and for one that was seen. */
static size_t begin_item(qy_reader *in, unsigned *number, uint32_t *seen, uint8_t under, unsigned last)
{
  static const char field[] = "SGX extension item";
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, field);
  const size_t at = in->offset;
  const qy_view id = qy_der_content(in, QY_DER_OID, field);
  const size_t prefix = sizeof(id_prefix) + (under == 0 ? 0 : 1);
  *number = 0;
  if (id.size == prefix + 1 && memcmp(id.bytes, id_prefix, sizeof(id_prefix)) == 0 &&
      (under == 0 || id.bytes[sizeof(id_prefix)] == under)) {
    *number = id.bytes[prefix];
  }
  if (*number == 0 || *number > last || (*seen >> *number & 1) != 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
    *number = 0;
  }
  *seen |= 1u << *number;
  return outer;
}

static void read_octets(qy_reader *in, uint8_t *out, size_t size, const char *field)
{
  const size_t at = in->offset;
  const qy_view value = qy_der_content(in, QY_DER_OCTET_STRING, field);
  if (value.size != size) {
    qy_read_reject(in, QY_ERR_MALFORMED, field, at);
  } else {
    memcpy(out, value.bytes, size);
  }
}

static void read_tcb(qy_reader *in, qy_pck_extension *out, uint32_t *seen)
{
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, "TCB");
  while (qy_der_peek(in) != 0) {
    unsigned number = 0;
    const size_t item = begin_item(in, &number, seen, TCB, TCB_ITEMS);
    if (number == PCE_SVN) {
      out->pce_svn = (uint16_t)qy_der_number(in, QY_DER_INTEGER, UINT16_MAX, "PCESVN");
    } else if (number == CPU_SVN) {
      read_octets(in, out->cpu_svn, sizeof(out->cpu_svn), "CPUSVN");
    } else if (number > 0) {
      out->components[number - 1] = (uint8_t)qy_der_number(in, QY_DER_INTEGER, UINT8_MAX, "TCB component");
    }
    qy_der_leave(in, item, "SGX extension item");
  }
  qy_der_leave(in, outer, "TCB");
}

static void read_configuration(qy_reader *in, qy_pck_extension *out)
{
  uint32_t seen = 0;
  qy_configured *const places[] = {NULL, &out->dynamic_platform, &out->cached_keys, &out->smt_enabled};
  const size_t outer = qy_der_enter(in, QY_DER_SEQUENCE, "configuration");
  while (qy_der_peek(in) != 0) {
    unsigned number = 0;
    const size_t item = begin_item(in, &number, &seen, CONFIGURATION, SMT_ENABLED);
    if (number > 0) {
      *places[number] = qy_der_boolean(in, "configuration item") ? QY_CONFIGURED_TRUE : QY_CONFIGURED_FALSE;
    }
    qy_der_leave(in, item, "SGX extension item");
  }
  qy_der_leave(in, outer, "configuration");
}

typedef struct items_seen {
  uint32_t top; /* bit: number of the item */
  uint32_t tcb;
} items_seen;

static void read_item(qy_reader *in, qy_pck_extension *out, items_seen *seen, unsigned number)
{
  switch (number) {
  case PPID:
    read_octets(in, out->ppid, sizeof(out->ppid), "PPID");
    break;
  case TCB:
    read_tcb(in, out, &seen->tcb);
    break;
  case PCE_ID:
    read_octets(in, out->pce_id, sizeof(out->pce_id), "PCEID");
    break;
  case FMSPC:
    read_octets(in, out->fmspc, sizeof(out->fmspc), "FMSPC");
    break;
  case SGX_TYPE:
    out->sgx_type = (qy_sgx_type)qy_der_number(in, QY_DER_ENUMERATED, QY_SGX_SCALABLE_WITH_INTEGRITY, "SGX type");
    break;
  case PLATFORM_INSTANCE_ID:
    read_octets(in, out->platform_instance_id, sizeof(out->platform_instance_id), "platform instance id");
    break;
  case CONFIGURATION:
    read_configuration(in, out);
    break;
  default: /* refused already */
    break;
  }
}

static unsigned count_bits(uint32_t bits)
{
  return (unsigned)__builtin_popcount(bits);
}

static qy_status check_items(const items_seen *seen, qy_error *why)
{
  const unsigned count = count_bits(seen->top);
  const uint32_t needed = 1u << PPID | 1u << TCB | 1u << PCE_ID | 1u << FMSPC | 1u << SGX_TYPE;
  if (count != TOP_ITEMS_PROCESSOR && count != TOP_ITEMS_PLATFORM) {
    return qy_fail(why, QY_ERR_MALFORMED, "SGX extension: %u items, %u or %u expected", count, TOP_ITEMS_PROCESSOR,
                   TOP_ITEMS_PLATFORM);
  }
  if ((seen->top & needed) != needed) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "SGX extension: PPID, TCB, PCEID, FMSPC or SGX type is missing");
  }
  if (count_bits(seen->tcb) != TCB_ITEMS) {
    return qy_fail(why, QY_ERR_MALFORMED, "SGX extension: %u items in the TCB, %u expected", count_bits(seen->tcb),
                   TCB_ITEMS);
  }
  return QY_OK;
}

qy_status qy_pck_extension_decode(qy_pck_extension *out, qy_view value, qy_error *why)
{
  items_seen seen = {0};
  qy_reader in = qy_reader_over(value);
  memset(out, 0, sizeof(*out));
  const size_t outer = qy_der_enter(&in, QY_DER_SEQUENCE, "SGX extension");
  while (qy_der_peek(&in) != 0) {
    unsigned number = 0;
    const size_t item = begin_item(&in, &number, &seen.top, 0, CONFIGURATION);
    read_item(&in, out, &seen, number);
    qy_der_leave(&in, item, "SGX extension item");
  }
  qy_der_leave(&in, outer, "SGX extension");
  qy_status status = qy_read_finish(&in, "SGX extension", why);
  if (status == QY_OK) {
    status = check_items(&seen, why);
  }
  if (status != QY_OK) {
    memset(out, 0, sizeof(*out));
    return status;
  }
  out->has_platform = count_bits(seen.top) == TOP_ITEMS_PLATFORM;
  return QY_OK;
}

const char *qy_sgx_type_name(uint32_t type)
{
  static const char *const names[] = {"standard", "scalable", "scalable-with-integrity"};
  return type < sizeof(names) / sizeof(names[0]) ? names[type] : "unknown";
}

const char *qy_configured_name(qy_configured configured)
{
  return configured == QY_CONFIGURED_TRUE ? "yes" : configured == QY_CONFIGURED_FALSE ? "no" : "unknown";
}
