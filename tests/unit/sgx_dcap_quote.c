/* SPDX-License-Identifier: Apache-2.0 */
/* DCAP quotes: layout, the rules of the header, every length, and certification data. */
#include "sgx_dcap_support.h"

/* ---- What decoding allocates ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static unsigned allocations;

void *__wrap_malloc(size_t size)
{
  allocations++;
  return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
  allocations++;
  return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
  allocations++;
  return __real_realloc(old, size);
}

static void decoding_allocates_nothing(void **state)
{
  (void)state;
  for (size_t i = 0; i < DCAP_SHAPE_COUNT; i++) {
    QY_SCOPED_BUFFER(bytes, 65536);
    qy_dcap_quote quote;
    (void)dcap_write(&bytes, &dcap_shapes[i]);
    const unsigned before = allocations;
    assert_true(before > 0); /* the buffer: they are counted */
    assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), NULL));
    assert_int_equal(qy_dcap_quote_decode(&quote, qy_view_over(bytes.bytes, bytes.size - 1), NULL), QY_ERR_TRUNCATED);
    assert_int_equal(allocations, before);
  }
}

/* ---- Layout ---- */

static qy_status recode(qy_buffer *again, qy_view bytes, qy_error *why)
{
  qy_dcap_quote quote;
  size_t size = 0;
  const qy_status status = qy_dcap_quote_decode(&quote, bytes, why);
  if (status != QY_OK) {
    assert_true(qy_view_is_zero(qy_view_over(&quote, sizeof(quote))));
    return status;
  }
  assert_int_equal(quote.all.size, bytes.size);
  assert_int_equal(quote.signed_part.size, qy_dcap_signed_size(quote.header.version, quote.body_type));
  assert_int_equal(quote.all.size, quote.unclaimed.size + quote.trailing.size +
                                       qy_dcap_quote_size(quote.header.version, quote.body_type,
                                                          quote.qe_auth_data.size, quote.certification.data.size));
  QY_TRY(qy_dcap_quote_encode(qy_buffer_extend(again, bytes.size), bytes.size, &size, &quote, why));
  assert_int_equal(size, bytes.size);
  return QY_OK;
}

static void assert_round_trip(const uint8_t *bytes, size_t size)
{
  QY_SCOPED_BUFFER(again, 1u << 20);
  assert_int_equal(recode_exact(recode, &again, bytes, size), QY_OK);
  assert_memory_equal(again.bytes, bytes, size);
}

static void decoder_pays_its_debts(void **state)
{
  (void)state;
  for (size_t i = 0; i < DCAP_SHAPE_COUNT; i++) {
    QY_SCOPED_BUFFER(bytes, 65536);
    QY_SCOPED_BUFFER(again, 65536);
    (void)dcap_write(&bytes, &dcap_shapes[i]);
    assert_true(second_reading(bytes.bytes, bytes.size));
    assert_round_trip(bytes.bytes, bytes.size);
    for (size_t size = 0; size < bytes.size; size++) {
      assert_int_equal(recode_exact(recode, &again, bytes.bytes, size), QY_ERR_TRUNCATED);
    }
  }
}

/* Views point into the input, at the offsets of the layout. */
static void fields_lie_where_they_should(void **state)
{
  (void)state;
  for (size_t i = 0; i < DCAP_SHAPE_COUNT; i++) {
    const dcap_shape *shape = &dcap_shapes[i];
    QY_SCOPED_BUFFER(bytes, 65536);
    qy_dcap_quote quote;
    const dcap_places at = dcap_write(&bytes, shape);
    const uint8_t *b = bytes.bytes;
    const size_t body = at.auth_size - dcap_body_end(0, shape->body_type) + 48;
    assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), &assert_why));
    assert_int_equal(quote.header.version, shape->version);
    assert_int_equal(quote.header.qe_svn, little_endian(b + 8, 2));
    assert_int_equal(quote.header.pce_svn, little_endian(b + 10, 2));
    assert_memory_equal(quote.header.user_data, b + 28, 20);
    assert_int_equal(quote.body_type, shape->body_type);
    assert_ptr_equal(quote.signed_part.bytes, b);
    assert_int_equal(quote.signed_part.size, at.auth_size);
    assert_ptr_equal(quote.signature.bytes, b + at.auth_size + 4);
    assert_ptr_equal(quote.attestation_key.bytes, b + at.auth_size + 68);
    assert_ptr_equal(quote.qe_report_bytes.bytes, b + at.qe_report);
    assert_int_equal(quote.qe_report_bytes.size, 384);
    assert_memory_equal(quote.qe_report.report_data, b + at.qe_report + 320, 64);
    assert_ptr_equal(quote.qe_report_signature.bytes, b + at.qe_report + 384);
    assert_int_equal(quote.qe_auth_data.size, shape->qe_auth_size);
    assert_int_equal(quote.certification.type, shape->certification_type);
    assert_ptr_equal(quote.certification.data.bytes, b + at.certification_size + 4);
    assert_int_equal(quote.certification.data.size, shape->certification_size);
    assert_int_equal(quote.unclaimed.size, 0);
    assert_int_equal(quote.trailing.size, 0);
    if (shape->body_type == 1) {
      assert_memory_equal(quote.report.report_data, b + body + 320, 64);
      assert_true(qy_view_is_zero(qy_view_over(&quote.td, sizeof(quote.td))));
    } else {
      assert_memory_equal(quote.td.report_data, b + body + 520, 64);
      assert_true(qy_view_is_zero(qy_view_over(&quote.report, sizeof(quote.report))));
    }
  }
}

/* ---- The header ---- */

static bool decodes(const uint8_t *bytes, size_t size)
{
  QY_SCOPED_BUFFER(again, 1u << 20);
  return recode_exact(recode, &again, bytes, size) == QY_OK;
}

/* Every small version, key type, TEE type and body type, with the body that it would have. */
static void legal_combinations(void **state)
{
  (void)state;
  static const uint32_t tees[] = {0, 1, 0x80, 0x81, 0x82, 0x8100, 0x81000000, UINT32_MAX};
  unsigned accepted = 0;
  for (unsigned version = 0; version < 16; version++) {
    for (unsigned key_type = 0; key_type < 5; key_type++) {
      for (size_t i = 0; i < sizeof(tees) / sizeof(tees[0]); i++) {
        for (uint16_t body = 1; body < 5; body++) {
          const dcap_shape shape = {
              version < 4 ? 3 : version == 4 ? 4 : 5, version < 5 ? 1 + (body > 2) : body, 0, 5, 9, 9};
          QY_SCOPED_BUFFER(one, 65536);
          (void)dcap_write(&one, &shape);
          put_number(one.bytes, version, 2);
          put_number(one.bytes + 2, key_type, 2);
          put_number(one.bytes + 4, tees[i], 4);
          const bool sgx = tees[i] == 0 && shape.body_type == 1;
          const bool tdx = tees[i] == 0x81 && shape.body_type > 1 && version > 3;
          const bool legal = version >= 3 && version <= 5 && key_type == 2 && (sgx || tdx);
          assert_int_equal(decodes(one.bytes, one.size), legal);
          assert_int_equal(second_reading(one.bytes, one.size), legal);
          accepted += legal;
        }
      }
    }
  }
  assert_int_equal(accepted, 2 + 2 + 2 + 4); /* below version 5 each body comes twice */
}

static void other_vendors_are_refused(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 65536);
  QY_SCOPED_BUFFER(again, 65536);
  (void)dcap_write(&bytes, &dcap_shapes[0]);
  for (size_t bit = 0; bit < 128; bit++) {
    bytes.bytes[12 + bit / 8] ^= (uint8_t)(1u << (bit % 8));
    assert_int_equal(recode_exact(recode, &again, bytes.bytes, bytes.size), QY_ERR_UNSUPPORTED);
    bytes.bytes[12 + bit / 8] ^= (uint8_t)(1u << (bit % 8));
  }
}

/* With several things wrong, the one that Intel's library comes to first is said. */
static void the_first_wrong_field_is_said(void **state)
{
  (void)state;
  static const struct {
    size_t at;
    uint8_t right;
    const char *said;
  } steps[] = {{0, 3, "version"}, {2, 2, "key type"}, {4, 0, "TEE type"}, {12, 0x93, "vendor"}};
  QY_SCOPED_BUFFER(bytes, 65536);
  qy_dcap_quote quote;
  const dcap_places at = dcap_write(&bytes, &dcap_shapes[0]);
  put_number(bytes.bytes + at.certification_type, 7, 2);
  for (size_t i = 0; i < 4; i++) {
    bytes.bytes[steps[i].at] = 99;
  }
  for (size_t i = 0; i < 4; i++) {
    qy_error why = {0};
    assert_int_equal(qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), &why), QY_ERR_UNSUPPORTED);
    assert_non_null(strstr(why.message, steps[i].said));
    bytes.bytes[steps[i].at] = steps[i].right;
  }
  qy_error why = {0};
  assert_int_equal(qy_dcap_quote_decode(&quote, qy_buffer_view(&bytes), &why), QY_ERR_UNSUPPORTED);
  assert_non_null(strstr(why.message, "certification data type"));
}

static void body_descriptors(void **state)
{
  (void)state;
  static const uint32_t sizes[] = {0, 1, 383, 384, 385, 584, 647, 648, 649, 885, UINT32_MAX - 1, UINT32_MAX};
  QY_SCOPED_BUFFER(bytes, 65536);
  (void)dcap_write(&bytes, &dcap_shapes[5]);
  for (uint32_t type = 0; type < 7; type++) {
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
      put_number(bytes.bytes + 48, type, 2);
      put_number(bytes.bytes + 50, sizes[i], 4);
      assert_int_equal(decodes(bytes.bytes, bytes.size), type == 3 && sizes[i] == 648);
    }
  }
  put_number(bytes.bytes + 50, 648, 4);
  put_number(bytes.bytes + 48, 0x0103, 2);
  assert_false(decodes(bytes.bytes, bytes.size));
}

/* ---- Lengths ---- */

typedef struct length_field {
  size_t at;
  size_t size;
} length_field;

/* Each length field at its limits and around its true value; what the second reading says of it holds. */
static void length_fields_at_their_limits(void **state)
{
  (void)state;
  for (size_t i = 0; i < DCAP_SHAPE_COUNT; i++) {
    QY_SCOPED_BUFFER(bytes, 65536);
    const dcap_places at = dcap_write(&bytes, &dcap_shapes[i]);
    const length_field fields[] = {
        {at.auth_size, 4}, {at.qe_auth_size, 2}, {at.certification_size, 4}, {at.outer_size, 4}};
    qy_buffer_append(&bytes, "behind", 6);
    for (size_t f = 0; f < (dcap_shapes[i].version == 3 ? 3u : 4u); f++) {
      const uint64_t most = fields[f].size == 2 ? UINT16_MAX : UINT32_MAX;
      const uint64_t good = little_endian(bytes.bytes + fields[f].at, fields[f].size);
      const uint64_t values[] = {
          0,        1,        2,    good - 1, good,         good + 1,    good + 2,       good + 6,
          good + 7, most - 1, most, most / 2, most / 2 + 1, most - good, most - good + 1};
      for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
        put_number(bytes.bytes + fields[f].at, values[v], fields[f].size);
        assert_int_equal(decodes(bytes.bytes, bytes.size), second_reading(bytes.bytes, bytes.size));
      }
      put_number(bytes.bytes + fields[f].at, good, fields[f].size);
    }
    assert_round_trip(bytes.bytes, bytes.size);
  }
}

/* What is let pass and what is not, where it matters: by the rules of Intel's library, not by either reading. */
static void leftovers(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(v3, 65536);
  QY_SCOPED_BUFFER(v4, 65536);
  QY_SCOPED_BUFFER(again, 65536);
  qy_dcap_quote quote;
  const dcap_places at3 = dcap_write(&v3, &dcap_shapes[0]);
  const dcap_places at4 = dcap_write(&v4, &dcap_shapes[1]);

  put_number(v3.bytes + at3.certification_size, 69, 4);
  assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&v3), NULL));
  assert_int_equal(quote.unclaimed.size, 1);
  assert_round_trip(v3.bytes, v3.size);
  put_number(v4.bytes + at4.certification_size, 69, 4);
  assert_int_equal(recode_exact(recode, &again, v4.bytes, v4.size), QY_ERR_MALFORMED);
  put_number(v4.bytes + at4.certification_size, 71, 4);
  assert_int_equal(recode_exact(recode, &again, v4.bytes, v4.size), QY_ERR_MALFORMED);
  put_number(v4.bytes + at4.certification_size, 70, 4);

  const uint64_t auth = little_endian(v4.bytes + at4.auth_size, 4);
  put_number(v4.bytes + at4.auth_size, auth + 1, 4);
  assert_int_equal(recode_exact(recode, &again, v4.bytes, v4.size), QY_ERR_TRUNCATED);
  qy_buffer_append(&v4, "behind", 6);
  assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&v4), NULL));
  assert_int_equal(quote.unclaimed.size, 1);
  assert_int_equal(quote.trailing.size, 5);
  assert_memory_equal(quote.trailing.bytes, "ehind", 5);
  assert_round_trip(v4.bytes, v4.size);
  put_number(v4.bytes + at4.auth_size, auth - 1, 4);
  assert_int_equal(recode_exact(recode, &again, v4.bytes, v4.size), QY_ERR_MALFORMED);
}

static void the_shortest_quote(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 65536);
  QY_SCOPED_BUFFER(again, 65536);
  (void)dcap_write(&bytes, &(dcap_shape){3, 1, 0, 5, 0, 10});
  assert_int_equal(bytes.size, QY_DCAP_QUOTE_MIN_SIZE);
  assert_round_trip(bytes.bytes, bytes.size);
  assert_int_equal(recode_exact(recode, &again, bytes.bytes, bytes.size - 1), QY_ERR_TRUNCATED);
}

static void certification_types(void **state)
{
  (void)state;
  for (size_t i = 0; i < DCAP_SHAPE_COUNT; i++) {
    QY_SCOPED_BUFFER(bytes, 65536);
    const dcap_places at = dcap_write(&bytes, &dcap_shapes[i]);
    for (uint32_t type = 0; type <= UINT16_MAX; type += type < 300 ? 1 : 251) {
      put_number(bytes.bytes + at.certification_type, type, 2);
      assert_int_equal(decodes(bytes.bytes, bytes.size), type >= 1 && type <= 5);
      if (dcap_shapes[i].version > 3) {
        put_number(bytes.bytes + at.certification_type, 5, 2);
        put_number(bytes.bytes + at.outer_type, type, 2);
        assert_int_equal(decodes(bytes.bytes, bytes.size), type == 6);
        put_number(bytes.bytes + at.outer_type, 6, 2);
      }
    }
  }
}

/* ---- Encoding ---- */

static void encoding_refuses_what_would_not_decode(void **state)
{
  (void)state;
  QY_SCOPED_BUFFER(bytes, 65536);
  static uint8_t out[4096];
  static uint8_t long_data[UINT16_MAX + 1];
  size_t size = 0;
  qy_dcap_quote good;
  (void)dcap_write(&bytes, &dcap_shapes[2]);
  assert_ok(qy_dcap_quote_decode(&good, qy_buffer_view(&bytes), NULL));
  assert_ok(qy_dcap_quote_encode(out, bytes.size, &size, &good, NULL));
  assert_int_equal(qy_dcap_quote_encode(out, bytes.size - 1, &size, &good, NULL), QY_ERR_SPACE);

  qy_dcap_quote bad[10];
  for (size_t i = 0; i < 10; i++) {
    bad[i] = good;
  }
  bad[0].header.version = 2;
  bad[1].header.key_type = 3;
  bad[2].header.tee = QY_TEE_SGX;
  bad[3].header.vendor_id[15] ^= 1;
  bad[4].body_type = QY_DCAP_BODY_TD_1_5; /* in version 4 */
  bad[5].signature.size = 63;
  bad[6].attestation_key = (qy_view){NULL, 0};
  bad[7].qe_report_signature.size = 65;
  bad[8].certification.type = QY_CERTIFICATION_QE_REPORT;
  bad[9].qe_auth_data = QY_VIEW_OF(long_data);
  for (size_t i = 0; i < 10; i++) {
    qy_error why = {0};
    assert_int_equal(qy_dcap_quote_encode(out, sizeof(out), &size, &bad[i], &why), QY_ERR_ARGUMENT);
    assert_true(strlen(why.message) > 10);
  }
  bad[9].header.version = 5;
  bad[9].qe_auth_data = (qy_view){NULL, 0};
  bad[9].body_type = QY_DCAP_BODY_ENCLAVE;
  assert_int_equal(qy_dcap_quote_encode(out, sizeof(out), &size, &bad[9], NULL), QY_ERR_ARGUMENT);
}

/* ---- Certification data ---- */

static uint16_t recoded_type;

static qy_status recode_ppid(qy_buffer *again, qy_view bytes, qy_error *why)
{
  const qy_certification certification = {recoded_type, bytes};
  qy_ppid_certification decoded;
  size_t size = 0;
  QY_TRY(qy_ppid_certification_decode(&decoded, &certification, why));
  assert_ptr_equal(decoded.ppid.bytes, bytes.bytes);
  return qy_ppid_certification_encode(qy_buffer_extend(again, bytes.size), bytes.size, &size, recoded_type, &decoded,
                                      why);
}

static void ppid_certification(void **state)
{
  (void)state;
  static const size_t sizes[] = {36, 276, 404};
  uint8_t bytes[404];
  uint8_t out[404];
  size_t size = 0;
  qy_ppid_certification decoded;
  fill_random(bytes, sizeof(bytes), 11);
  for (size_t i = 0; i < 3; i++) {
    recoded_type = (uint16_t)(i + 1);
    check_decoder(recode_ppid, qy_view_over(bytes, sizes[i]));
    const qy_certification certification = {recoded_type, qy_view_over(bytes, sizes[i])};
    assert_ok(qy_ppid_certification_decode(&decoded, &certification, NULL));
    assert_memory_equal(decoded.cpu_svn, bytes + sizes[i] - 20, 16);
    assert_int_equal(decoded.pce_svn, little_endian(bytes + sizes[i] - 4, 2));
    assert_int_equal(decoded.pce_id, little_endian(bytes + sizes[i] - 2, 2));
    assert_int_equal(qy_ppid_certification_encode(out, sizes[i] - 1, &size, recoded_type, &decoded, NULL),
                     QY_ERR_SPACE);
    assert_int_equal(qy_ppid_certification_encode(out, sizeof(out), &size, (uint16_t)(i + 2), &decoded, NULL),
                     QY_ERR_ARGUMENT);
  }
  for (uint16_t type = 4; type < 9; type++) {
    const qy_certification other = {type, qy_view_over(bytes, 36)};
    assert_int_equal(qy_ppid_certification_decode(&decoded, &other, NULL), QY_ERR_UNSUPPORTED);
    assert_int_equal(decoded.ppid.size, 0);
  }
}

static void pem_views(void **state)
{
  (void)state;
  static const char text[] = "-----BEGIN"; /* with its NUL */
  static const char two[] = "x\0";
  for (uint16_t type = 0; type < 9; type++) {
    const qy_certification bare = {type, qy_view_over(text, sizeof(text) - 1)};
    const qy_certification ended = {type, qy_view_over(text, sizeof(text))};
    const bool is_pem = type == 4 || type == 5;
    assert_int_equal(qy_certification_pem(&bare).size, is_pem ? 10 : 0);
    assert_int_equal(qy_certification_pem(&ended).size, is_pem ? 10 : 0);
  }
  const qy_certification twice = {5, qy_view_over(two, sizeof(two))}; /* one NUL ends a text; the other is in it */
  assert_int_equal(qy_certification_pem(&twice).size, 2);
  const qy_certification nothing = {5, {NULL, 0}};
  assert_int_equal(qy_certification_pem(&nothing).size, 0);
}

static void names(void **state)
{
  (void)state;
  assert_string_equal(qy_certification_name(0), "unknown");
  assert_string_equal(qy_certification_name(5), "pck-chain");
  assert_string_equal(qy_certification_name(7), "platform-manifest");
  assert_string_equal(qy_certification_name(8), "unknown");
  assert_string_equal(qy_certification_name(UINT32_MAX), "unknown");
  assert_string_equal(qy_dcap_body_name(0), "unknown");
  assert_string_equal(qy_dcap_body_name(4), "td-1.5-ex");
  assert_string_equal(qy_dcap_body_name(5), "unknown");
  for (uint32_t type = 0; type < 8; type++) {
    static const size_t sizes[] = {0, 384, 584, 648, 885, 0, 0, 0};
    assert_int_equal(qy_dcap_body_size(type), sizes[type]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decoding_allocates_nothing),
      cmocka_unit_test(decoder_pays_its_debts),
      cmocka_unit_test(fields_lie_where_they_should),
      cmocka_unit_test(legal_combinations),
      cmocka_unit_test(other_vendors_are_refused),
      cmocka_unit_test(the_first_wrong_field_is_said),
      cmocka_unit_test(body_descriptors),
      cmocka_unit_test(length_fields_at_their_limits),
      cmocka_unit_test(leftovers),
      cmocka_unit_test(the_shortest_quote),
      cmocka_unit_test(certification_types),
      cmocka_unit_test(encoding_refuses_what_would_not_decode),
      cmocka_unit_test(ppid_certification),
      cmocka_unit_test(pem_views),
      cmocka_unit_test(names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
