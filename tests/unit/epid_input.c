/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: files cut at every byte, counts at their limits, values in every field that are nothing. What is wrong is said:
 * which file, which field, at which byte. */
#include "epid_support.h"

/* One reader for all kinds of file. */
typedef qy_status reader(qy_view file, const qy_epid_ca *ca, qy_error *why);

static qy_status read_group_key(qy_view file, const qy_epid_ca *ca, qy_error *why)
{
  qy_epid_group_key out;
  return qy_epid_group_key_read(&out, file, ca, NULL, why);
}

static qy_status read_privrl(qy_view file, const qy_epid_ca *ca, qy_error *why)
{
  qy_epid_privrl out;
  return qy_epid_privrl_read(&out, file, ca, NULL, why);
}

static qy_status read_sigrl(qy_view file, const qy_epid_ca *ca, qy_error *why)
{
  qy_epid_sigrl out;
  return qy_epid_sigrl_read(&out, file, ca, NULL, why);
}

static qy_status read_grouprl(qy_view file, const qy_epid_ca *ca, qy_error *why)
{
  qy_epid_grouprl out;
  return qy_epid_grouprl_read(&out, file, ca, NULL, why);
}

static const struct kind {
  const char *name;
  qy_epid_file_kind kind;
  reader *read;
  size_t size;     /* of a body with two entries */
  size_t count_at; /* 0: it has none */
} kinds[] = {{"group key", QY_EPID_FILE_GROUP_KEY, read_group_key, 272, 0},
             {"PrivRL", QY_EPID_FILE_PRIVRL, read_privrl, 24 + 2 * 32, 20},
             {"SigRL", QY_EPID_FILE_SIGRL, read_sigrl, 24 + 2 * 128, 20},
             {"GroupRL", QY_EPID_FILE_GROUPRL, read_grouprl, 8 + 2 * 16, 4}};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))
#define MAX_FILE 512

typedef struct made_file {
  uint8_t bytes[MAX_FILE + 1];
  size_t size;
  qy_epid_ca ca;
} made_file;

static void make_file(made_file *out, const struct kind *kind, bool is_signed)
{
  static const uint8_t ca_key[32] = {[31] = 7};
  uint8_t certificate[QY_EPID_CA_SIZE];
  uint8_t body[MAX_FILE] = {0};
  *out = (made_file){.size = kind->size};
  if (kind->count_at != 0) {
    body[kind->count_at - 1] = 3; /* the version */
    body[kind->count_at + 3] = 2;
  }
  if (!is_signed) {
    memcpy(out->bytes, body, kind->size);
    return;
  }
  assert_ok(qy_epid_ca_make(certificate, &out->ca, QY_VIEW_OF(ca_key), NULL));
  assert_ok(
      qy_epid_file_sign(out->bytes, MAX_FILE, kind->kind, qy_view_over(body, kind->size), QY_VIEW_OF(ca_key), NULL));
  out->size += QY_EPID_FILE_OVERHEAD;
}

static void expect_holds(const char *message, const char *part)
{
  if (strstr(message, part) == NULL) {
    fail_msg("\"%s\" says nothing of \"%s\"", message, part);
  }
}

static void files_cut_at_every_byte(void **state)
{
  (void)state;
  for (size_t i = 0; i < KINDS; i++) {
    for (int is_signed = 0; is_signed < 2; is_signed++) {
      made_file file;
      qy_error why;
      make_file(&file, &kinds[i], is_signed != 0);
      const qy_epid_ca *ca = is_signed ? &file.ca : NULL;
      assert_ok(kinds[i].read(qy_view_over(file.bytes, file.size), ca, NULL));
      for (size_t size = 0; size <= file.size + 1; size++) {
        if (size == file.size) {
          continue;
        }
        const qy_status status = kinds[i].read(qy_view_over(file.bytes, size), ca, &why);
        /* where the rest happens to be a plain form, it is refused for want of a signature */
        assert_true(status == QY_ERR_MALFORMED || status == QY_ERR_TRUNCATED ||
                    (is_signed && status == QY_ERR_REFUSED));
        expect_holds(why.message, kinds[i].name);
      }
    }
  }
}

/* A list that claims four thousand million entries costs nothing, and neither does one at the limit. */
static void counts_that_do_not_fit(void **state)
{
  (void)state;
  static const uint32_t counts[] = {0, 1, 3, 100001, 1000001, 0x08000002, 0x10000002, 0xffffffff};
  static const uint32_t limits[KINDS] = {0, QY_EPID_MAX_LIST, 100000, QY_EPID_MAX_LIST};
  for (size_t i = 1; i < KINDS; i++) {
    for (int is_signed = 0; is_signed < 2; is_signed++) {
      made_file file;
      char limit[32];
      qy_error why;
      make_file(&file, &kinds[i], is_signed != 0);
      const size_t at = kinds[i].count_at + (is_signed ? 4 : 0);
      (void)snprintf(limit, sizeof(limit), "count at byte %zu", at);
      for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++) {
        for (int byte = 0; byte < 4; byte++) {
          file.bytes[at + (size_t)byte] = (uint8_t)(counts[j] >> (8 * (3 - byte)));
        }
        assert_int_equal(kinds[i].read(qy_view_over(file.bytes, file.size), is_signed ? &file.ca : NULL, &why),
                         QY_ERR_MALFORMED);
        expect_holds(why.message, kinds[i].name);
        expect_holds(why.message, counts[j] > limits[i] ? limit : counts[j] > 2 ? "ends inside" : "left over");
      }
    }
  }
}

/* ---- Values that are nothing ---- */

/* 32 bytes that are neither below q nor below p. */
static const uint8_t ones[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static void group_key_points(void **state)
{
  (void)state;
  static const struct {
    size_t at;
    size_t size;
    const char *said;
  } fields[] = {{16, 64, "h1 (byte 16)"}, {80, 64, "h2 (byte 80)"}, {144, 128, "w (byte 144)"}};
  SCOPED_WORLD(w, 0);
  uint8_t good[QY_EPID_GROUP_KEY_SIZE];
  qy_epid_group_key_encode(good, &w.group);
  for (size_t i = 0; i < 3; i++) {
    for (size_t at = fields[i].at; at <= fields[i].at + fields[i].size; at += 32) { /* the last: all zeros */
      uint8_t bytes[QY_EPID_GROUP_KEY_SIZE];
      qy_epid_group_key key;
      qy_error why;
      memcpy(bytes, good, sizeof(bytes));
      if (at == fields[i].at + fields[i].size) {
        memset(bytes + fields[i].at, 0, fields[i].size);
      } else {
        memcpy(bytes + at, ones, sizeof(ones));
      }
      w.trace = (qy_trace){0};
      assert_ok(qy_epid_group_key_decode(&key, QY_VIEW_OF(bytes), NULL));
      expect_refusal(qy_epid_group_key_check(&key, &w.trace, &why), &w.trace, QY_CHECK_EPID_POINT);
      expect_holds(why.message, fields[i].said);
    }
  }
}

static void signature_fields(void **state)
{
  (void)state;
  static const char *const said[] = {"B (byte 0)",    "B (byte 0)",    "K (byte 64)",  "K (byte 64)",
                                     "T (byte 128)",  "T (byte 128)",  "c (byte 192)", "sx (byte 224)",
                                     "sf (byte 256)", "sa (byte 288)", "sb (byte 320)"};
  SCOPED_WORLD(w, 0);
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  uint32_t own = 0;
  assert_ok(qy_epid_sign(signature, sizeof(signature), &own, w.member, text("m"), NULL, NULL, &w.random, NULL, NULL));
  for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
    uint8_t bent[QY_EPID_SIGNATURE_SIZE];
    memcpy(bent, signature, sizeof(bent));
    memcpy(bent + 32 * i, ones, sizeof(ones));
    expect_result(&w, QY_VIEW_OF(bent), text("m"), QY_EPID_INVALID,
                  i < 6 ? QY_CHECK_EPID_POINT : QY_CHECK_EPID_SCALAR_RANGE);
    expect_holds(qy_trace_failed(&w.trace)->actual.chars, said[i]);
  }
}

/* In the second of two entries, each field in turn. */
static void list_entries(void **state)
{
  (void)state;
  SCOPED_WORLD(w, 0);
  const qy_view name = text("name");
  uint8_t f[2][32] = {{1}, {2}};
  uint8_t pairs[2][128];
  uint8_t ks[2][64];
  uint8_t signature[QY_EPID_SIGNATURE_SIZE];
  uint32_t own = 0;
  qy_error why;
  assert_ok(qy_epid_sign(signature, sizeof(signature), &own, w.member, text("m"), &name, NULL, &w.random, NULL, NULL));
  for (int i = 0; i < 2; i++) {
    memcpy(pairs[i], signature, 128);
    memcpy(ks[i], signature + 64, 64);
  }
  const qy_epid_privrl privrl = {w.group.gid, 1, 2, {f[0], sizeof(f)}};
  const qy_epid_sigrl sigrl = {w.group.gid, 1, 2, {pairs[0], sizeof(pairs)}};
  qy_epid_verifierrl verifierrl = {.gid = w.group.gid, .version = 1, .count = 2, .entries = {ks[0], sizeof(ks)}};
  memcpy(verifierrl.b, signature, 64);
#define BAD(call, check, text_of_place)      \
  w.trace = (qy_trace){0};                   \
  expect_refusal((call), &w.trace, (check)); \
  expect_holds(why.message, (text_of_place))
  assert_ok(qy_epid_verifier_set_basename(w.verifier, &name, NULL));
  assert_ok(qy_epid_verifier_set_privrl(w.verifier, &privrl, NULL, NULL));
  assert_ok(qy_epid_verifier_set_sigrl(w.verifier, &sigrl, NULL, NULL));
  assert_ok(qy_epid_verifier_set_verifierrl(w.verifier, &verifierrl, NULL, NULL));
  memcpy(f[1], ones, 32);
  BAD(qy_epid_verifier_set_privrl(w.verifier, &privrl, &w.trace, &why), QY_CHECK_EPID_SCALAR_RANGE,
      "f of entry 1 (byte 56)");
  static const char *const places[] = {"B of entry 1 (byte 152)", "K of entry 1 (byte 216)"};
  for (size_t i = 0; i < 2; i++) { /* beyond q, beside the curve, at infinity */
    memcpy(pairs[1] + 64 * i, ones, 32);
    BAD(qy_epid_verifier_set_sigrl(w.verifier, &sigrl, &w.trace, &why), QY_CHECK_EPID_POINT, places[i]);
    memcpy(pairs[1], pairs[0], 128);
    pairs[1][64 * i + 63] ^= 1;
    BAD(qy_epid_verifier_set_sigrl(w.verifier, &sigrl, &w.trace, &why), QY_CHECK_EPID_POINT, places[i]);
    memset(pairs[1] + 64 * i, 0, 64);
    BAD(qy_epid_verifier_set_sigrl(w.verifier, &sigrl, &w.trace, &why), QY_CHECK_EPID_POINT, places[i]);
    memcpy(pairs[1], pairs[0], 128);
  }
  ks[1][0] ^= 1;
  BAD(qy_epid_verifier_set_verifierrl(w.verifier, &verifierrl, &w.trace, &why), QY_CHECK_EPID_POINT,
      "K of entry 1 (byte 152)");
  verifierrl.b[63] ^= 1;
  BAD(qy_epid_verifier_set_verifierrl(w.verifier, &verifierrl, &w.trace, &why), QY_CHECK_EPID_LIST_BASENAME,
      "B (byte 16)");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_cut_at_every_byte),
      cmocka_unit_test(counts_that_do_not_fit),
      cmocka_unit_test(group_key_points),
      cmocka_unit_test(signature_fields),
      cmocka_unit_test(list_entries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
