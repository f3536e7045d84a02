/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer's files: version 02 00, type, body, then r || s of ECDSA P-256 with SHA-256 over all before. A plain file
 * is the body alone; which it is shows from the length. Source: Intel EPID SDK 8.0.0, epid/common/file_parser. */
#include <epid/group.h>

#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>
#include <crypto/p256.h>

#define HEADER_SIZE 4
#define SIGNATURE_SIZE 64

/* A body is `head` bytes and then entries of `entry` bytes (0: none), their count 4 bytes before the head ends. */
static const struct shape {
  const char *name;
  uint16_t type;
  size_t head;
  size_t entry;
  uint32_t limit;
} shapes[] = {
    [QY_EPID_FILE_UNKNOWN] = {"unknown", 0, 0, 0, 0},
    [QY_EPID_FILE_CA] = {"CA certificate", 0x0011, QY_EPID_CA_SIZE - QY_EPID_FILE_OVERHEAD, 0, 0},
    [QY_EPID_FILE_GROUP_KEY] = {"group key", 0x000c, QY_EPID_GROUP_KEY_SIZE, 0, 0},
    [QY_EPID_FILE_PRIVRL] = {"PrivRL", 0x000d, 24, QY_EPID_PRIVRL_ENTRY_SIZE, QY_EPID_MAX_LIST},
    [QY_EPID_FILE_SIGRL] = {"SigRL", 0x000e, 24, QY_EPID_SIGRL_ENTRY_SIZE, QY_MAX_SIGRL_ENTRIES},
    [QY_EPID_FILE_GROUPRL] = {"GroupRL", 0x000f, 8, QY_EPID_GROUPRL_ENTRY_SIZE, QY_EPID_MAX_LIST},
};
#define KINDS (sizeof(shapes) / sizeof(shapes[0]))

const char *qy_epid_file_kind_name(qy_epid_file_kind kind)
{
  return (size_t)kind < KINDS ? shapes[kind].name : "unknown";
}

/* The body's length fits its count. */
static bool body_fits(qy_epid_file_kind kind, qy_view body)
{
  const struct shape *shape = &shapes[kind];
  if (shape->entry == 0) {
    return body.size == shape->head;
  }
  if (body.size < shape->head) {
    return false;
  }
  qy_reader in = qy_reader_over(qy_view_slice(body, shape->head - 4, 4));
  const uint32_t count = qy_read_u32be(&in, "count");
  return count <= shape->limit && body.size == shape->head + shape->entry * count;
}

/* Of several signed group keys in a row, the first. */
static qy_view first_of(qy_view file)
{
  const size_t one = QY_EPID_GROUP_KEY_SIZE + QY_EPID_FILE_OVERHEAD;
  static const uint8_t header[HEADER_SIZE] = {2, 0, 0, 0x0c};
  if (file.size > one && file.size % one == 0 && memcmp(file.bytes, header, sizeof(header)) == 0) {
    return qy_view_slice(file, 0, one);
  }
  return file;
}

void qy_epid_file_inspect(qy_epid_file *out, qy_view file)
{
  const qy_view first = first_of(file);
  qy_reader in = qy_reader_over(first);
  *out = (qy_epid_file){QY_EPID_FILE_UNKNOWN, {NULL, 0}, {NULL, 0}};
  const uint16_t version = qy_read_u16be(&in, "version");
  const uint16_t type = qy_read_u16be(&in, "type");
  if (version != 0x0200 || qy_read_left(&in) < SIGNATURE_SIZE) {
    return;
  }
  const qy_view body = qy_read_view(&in, qy_read_left(&in) - SIGNATURE_SIZE, "body");
  for (size_t kind = QY_EPID_FILE_CA; kind < KINDS; kind++) {
    if (shapes[kind].type == type && body_fits((qy_epid_file_kind)kind, body)) {
      *out = (qy_epid_file){(qy_epid_file_kind)kind, body, qy_read_rest(&in)};
      return;
    }
  }
}

/* Checks the ECDSA signature at the end of a signed file. */
static qy_status check_signature(qy_check_id id, qy_view file, const uint8_t key[64], const char *what, qy_trace *trace,
                                 qy_error *why)
{
  qy_p256_public public_key;
  const qy_view signed_part = qy_view_slice(file, 0, file.size - SIGNATURE_SIZE);
  bool valid = false;
  memcpy(public_key.bytes, key, sizeof(public_key.bytes));
  QY_TRY(qy_p256_check_point(&public_key, why));
  QY_TRY(qy_p256_verify(&valid, &public_key, &signed_part, 1, file.bytes + signed_part.size, why));
  if (!qy_check(trace, id, valid, .expected = qy_textf("ECDSA signature of the CA over the %s", what),
                .actual = qy_textf(valid ? "it holds" : "it does not hold"), .origin = "CA certificate")) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: its signature does not hold under the CA's key", what);
  }
  return QY_OK;
}

/* Reads the fields of a file of this kind for what they say of its length alone. */
static void walk(qy_reader *in, qy_epid_file_kind kind, bool is_signed)
{
  if (is_signed) {
    qy_read_skip(in, HEADER_SIZE, "header");
  }
  if (kind != QY_EPID_FILE_GROUPRL) {
    qy_read_skip(in, QY_EPID_GID_SIZE, "gid");
  }
  if (kind == QY_EPID_FILE_GROUP_KEY) {
    qy_read_skip(in, QY_EPID_G1_SIZE, "h1");
    qy_read_skip(in, QY_EPID_G1_SIZE, "h2");
    qy_read_skip(in, QY_EPID_G2_SIZE, "w");
  } else {
    qy_read_skip(in, 4, "version");
    const size_t at = in->offset;
    const uint32_t count = qy_read_u32be(in, "count");
    if (count > shapes[kind].limit) {
      qy_read_reject(in, QY_ERR_LIMIT, "count", at);
    }
    qy_read_skip(in, shapes[kind].entry * count, "entries");
  }
  if (is_signed) {
    qy_read_skip(in, SIGNATURE_SIZE, "signature");
  }
}

/* Says which field of a file that is neither form of its kind is cut off, beyond its limit or followed by more. */
static qy_status fail_form(qy_view file, qy_epid_file_kind kind, qy_error *why)
{
  const struct shape *shape = &shapes[kind];
  const qy_status status = file.size < shape->head ? QY_ERR_TRUNCATED : QY_ERR_MALFORMED;
  qy_error here = {0};
  qy_epid_file parts;
  qy_epid_file_inspect(&parts, file);
  if (parts.kind != QY_EPID_FILE_UNKNOWN) {
    return qy_fail(why, status, "%s: it is a signed %s", shape->name, shapes[parts.kind].name);
  }
  qy_reader header = qy_reader_over(file);
  const bool is_signed = qy_read_u16be(&header, "version") == 0x0200 && qy_read_u16be(&header, "type") == shape->type;
  qy_reader in = qy_reader_over(file);
  walk(&in, kind, is_signed);
  (void)!qy_read_finish(&in, shape->name, &here);
  return qy_fail(why, status, "%s %s", is_signed ? "signed" : "plain", here.message);
}

/* Finds the body of a file of the kind, and checks its signature when there is a CA. */
static qy_status open_file(qy_view *body, qy_view file, qy_epid_file_kind kind, const qy_epid_ca *ca, qy_trace *trace,
                           qy_error *why)
{
  const char *name = shapes[kind].name;
  qy_epid_file parts;
  qy_epid_file_inspect(&parts, file);
  const bool is_signed = parts.kind == kind;
  const bool is_plain = !is_signed && body_fits(kind, file);
  *body = is_signed ? parts.body : file;
  if (!is_signed && !is_plain) {
    return fail_form(file, kind, why);
  }
  if (is_signed != (ca != NULL)) {
    if (!qy_check(trace, QY_CHECK_EPID_FILE_SIGNATURE, false,
                  .expected = qy_textf(ca != NULL ? "a signed %s" : "a plain %s", name),
                  .actual = qy_textf(is_signed ? "it is signed, and no CA is named" : "it is plain"),
                  .origin = "caller")) {
      return qy_fail(why, QY_ERR_REFUSED,
                     is_signed ? "%s: it is signed, and no CA is named to check it" : "%s: it is not signed", name);
    }
    return QY_OK;
  }
  return is_signed ? check_signature(QY_CHECK_EPID_FILE_SIGNATURE, first_of(file), ca->public_key, name, trace, why)
                   : QY_OK;
}

qy_status qy_epid_group_key_read(qy_epid_group_key *out, qy_view file, const qy_epid_ca *ca, qy_trace *trace,
                                 qy_error *why)
{
  qy_view body;
  *out = (qy_epid_group_key){0};
  QY_TRY(open_file(&body, file, QY_EPID_FILE_GROUP_KEY, ca, trace, why));
  return qy_epid_group_key_decode(out, body, why);
}

/* gid (unless NULL), version, count, entries. */
static qy_status read_list(qy_epid_gid *gid, uint32_t *version, uint32_t *count, qy_view *entries, qy_view body,
                           const char *what, qy_error *why)
{
  qy_reader in = qy_reader_over(body);
  if (gid != NULL) {
    qy_read_bytes(&in, gid->bytes, sizeof(gid->bytes), "gid");
  }
  *version = qy_read_u32be(&in, "version");
  *count = qy_read_u32be(&in, "count");
  *entries = qy_read_rest(&in); /* open_file() saw that they fit the count */
  QY_TRY(qy_read_finish(&in, what, why));
  return gid == NULL ? QY_OK : qy_epid_gid_check(gid, why);
}

qy_status qy_epid_privrl_read(qy_epid_privrl *out, qy_view file, const qy_epid_ca *ca, qy_trace *trace, qy_error *why)
{
  qy_epid_privrl list = {0};
  qy_view body;
  *out = list;
  QY_TRY(open_file(&body, file, QY_EPID_FILE_PRIVRL, ca, trace, why));
  QY_TRY(read_list(&list.gid, &list.version, &list.count, &list.entries, body, "PrivRL", why));
  *out = list;
  return QY_OK;
}

qy_status qy_epid_sigrl_read(qy_epid_sigrl *out, qy_view file, const qy_epid_ca *ca, qy_trace *trace, qy_error *why)
{
  qy_epid_sigrl list = {0};
  qy_view body;
  *out = list;
  QY_TRY(open_file(&body, file, QY_EPID_FILE_SIGRL, ca, trace, why));
  QY_TRY(read_list(&list.gid, &list.version, &list.count, &list.entries, body, "SigRL", why));
  *out = list;
  return QY_OK;
}

qy_status qy_epid_grouprl_read(qy_epid_grouprl *out, qy_view file, const qy_epid_ca *ca, qy_trace *trace, qy_error *why)
{
  qy_epid_grouprl list = {0};
  qy_view body;
  *out = list;
  QY_TRY(open_file(&body, file, QY_EPID_FILE_GROUPRL, ca, trace, why));
  QY_TRY(read_list(NULL, &list.version, &list.count, &list.entries, body, "GroupRL", why));
  *out = list;
  return QY_OK;
}

static qy_status sign_file(uint8_t *out, uint16_t type, const qy_view *body, size_t count, const qy_secret *key,
                           qy_error *why)
{
  size_t size = HEADER_SIZE;
  for (size_t i = 0; i < count; i++) {
    size += body[i].size;
  }
  qy_writer to = qy_writer_over(out, size);
  qy_write_u16be(&to, 0x0200);
  qy_write_u16be(&to, type);
  for (size_t i = 0; i < count; i++) {
    qy_write_view(&to, body[i]);
  }
  QY_TRY(qy_write_finish(&to, NULL, "signed file", why));
  const qy_view written = qy_view_over(out, size);
  return qy_p256_sign(out + size, key, &written, 1, why);
}

qy_status qy_epid_file_sign(uint8_t *out, size_t out_size, qy_epid_file_kind kind, qy_view body, qy_view private_key,
                            qy_error *why)
{
  QY_SCOPED_SECRET(key);
  qy_secret_set(&key, private_key.bytes, private_key.size);
  if (kind <= QY_EPID_FILE_CA || (size_t)kind >= KINDS || !body_fits(kind, body)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "signed file: the body is no %s", qy_epid_file_kind_name(kind));
  }
  if (out_size < body.size + QY_EPID_FILE_OVERHEAD) {
    return qy_fail(why, QY_ERR_SPACE, "signed file: it needs %zu bytes", body.size + QY_EPID_FILE_OVERHEAD);
  }
  return sign_file(out, shapes[kind].type, &body, 1, &key, why);
}

/* ---- CA certificates ---- */

/* Prime, a, b, Gx, Gy and order of NIST P-256 (SEC 2, secp256r1), as the certificate spells them out. */
static const uint8_t secp256r1[6 * 32] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0x5a, 0xc6, 0x35, 0xd8, 0xaa, 0x3a, 0x93, 0xe7,
    0xb3, 0xeb, 0xbd, 0x55, 0x76, 0x98, 0x86, 0xbc, 0x65, 0x1d, 0x06, 0xb0, 0xcc, 0x53, 0xb0, 0xf6, 0x3b, 0xce,
    0x3c, 0x3e, 0x27, 0xd2, 0x60, 0x4b, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
    0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98,
    0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
    0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5, 0xff, 0xff,
    0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
    0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

qy_status qy_epid_ca_decode(qy_epid_ca *out, qy_view file, const qy_epid_ca *issuer, qy_trace *trace, qy_error *why)
{
  qy_epid_file parts;
  *out = (qy_epid_ca){{0}};
  if (file.size != QY_EPID_CA_SIZE) {
    return qy_fail(why, file.size < QY_EPID_CA_SIZE ? QY_ERR_TRUNCATED : QY_ERR_MALFORMED,
                   "CA certificate: %zu bytes, not %d", file.size, QY_EPID_CA_SIZE);
  }
  qy_epid_file_inspect(&parts, file);
  if (parts.kind != QY_EPID_FILE_CA) {
    return qy_fail(why, QY_ERR_MALFORMED, "CA certificate: it begins with %02x%02x%02x%02x, not 02000011",
                   file.bytes[0], file.bytes[1], file.bytes[2], file.bytes[3]);
  }
  if (memcmp(parts.body.bytes + 64, secp256r1, sizeof(secp256r1)) != 0) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "CA certificate: its curve is not NIST P-256");
  }
  QY_TRY(check_signature(QY_CHECK_EPID_CA_SIGNATURE, file, issuer == NULL ? parts.body.bytes : issuer->public_key,
                         "CA certificate", trace, why));
  memcpy(out->public_key, parts.body.bytes, sizeof(out->public_key));
  return QY_OK;
}

qy_status qy_epid_ca_make(uint8_t out[QY_EPID_CA_SIZE], qy_epid_ca *ca, qy_view private_key, qy_error *why)
{
  QY_SCOPED_SECRET(key);
  qy_p256_public public_key;
  qy_secret_set(&key, private_key.bytes, private_key.size);
  QY_TRY(qy_p256_public_of(&public_key, &key, why));
  const qy_view body[2] = {QY_VIEW_OF(public_key.bytes), QY_VIEW_OF(secp256r1)};
  QY_TRY(sign_file(out, shapes[QY_EPID_FILE_CA].type, body, 2, &key, why));
  memcpy(ca->public_key, public_key.bytes, sizeof(ca->public_key));
  return QY_OK;
}
