/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of docs/threats.md that are about forms: what cannot be read, or could be read in two ways. Each names the check
 * that refuses; what is refused says why (expect_first asks for that). */
#include "dcap_world.h"

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>

typedef struct form {
  uint16_t version;
  qy_dcap_body_type body_type;
} form;

static const form forms[] = {{3, QY_DCAP_BODY_ENCLAVE}, {4, QY_DCAP_BODY_ENCLAVE}, {5, QY_DCAP_BODY_ENCLAVE},
                             {4, QY_DCAP_BODY_TD_1_0},  {5, QY_DCAP_BODY_TD_1_5},  {5, QY_DCAP_BODY_TD_1_5_EX}};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* A quote of the form, with its chain given beside it, and a set that serves all changes of it. */
static qy_dcap_collateral *open_form(dcap_world *world, const form *of)
{
  qy_dcap_collateral *set = NULL;
  world_reset(world, of->body_type);
  world->version = of->version;
  world_make(world);
  world->evidence.pck_chain = qy_buffer_view(&world->pck_chain);
  assert_ok(qy_dcap_collateral_new(&set, &world->files, NULL));
  return set;
}

/* Bytes in memory of exactly their size, so that a read beyond is seen. */
static void appraise_bytes(dcap_world *world, qy_dcap_collateral *set, const uint8_t *bytes, size_t size)
{
  uint8_t *copy = malloc(size + (size == 0));
  assert_non_null(copy);
  memcpy(copy, bytes, size);
  world->evidence.quote = qy_view_over(copy, size);
  assert_ok(qy_dcap_appraise(&world->verdict, &world->evidence, set, &world->policy, world->now_s, NULL));
  free(copy);
}

static void appraise_quote(dcap_world *world, qy_dcap_collateral *set)
{
  appraise_bytes(world, set, world->quote.bytes, world->quote.size);
}

static qy_check_id first_failed(const dcap_world *world)
{
  const qy_check_record *failed = qy_trace_failed(&world->verdict.trace);
  return failed == NULL ? QY_CHECK_NONE : failed->id;
}

static uint64_t get(const uint8_t *at, size_t size)
{
  uint64_t value = 0;
  for (size_t i = size; i > 0; i--) {
    value = value << 8 | at[i - 1];
  }
  return value;
}

static void put(uint8_t *at, uint64_t value, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    at[i] = (uint8_t)(value >> 8 * i);
  }
}

/* Where a quote's length and type fields lie. */
typedef struct places {
  size_t auth_size;
  size_t outer_type; /* 0 in version 3 */
  size_t qe_auth_size;
  size_t certification_type;
} places;

static places places_of(const dcap_world *world)
{
  qy_dcap_quote quote;
  assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&world->quote), NULL));
  const uint8_t *start = world->quote.bytes;
  return (places){.auth_size = quote.signed_part.size,
                  .outer_type = world->version == 3 ? 0 : quote.signed_part.size + 4 + 128,
                  .qe_auth_size = (size_t)(quote.qe_auth_data.bytes - start) - 2,
                  .certification_type = (size_t)(quote.certification.data.bytes - start) - 6};
}

/* ---- D16: lengths ---- */

static void every_truncation(void **state)
{
  dcap_world *world = *state;
  for (size_t i = 0; i < FORMS; i++) {
    qy_dcap_collateral *set = open_form(world, &forms[i]);
    const size_t size = world->quote.size;
    for (size_t cut = 0; cut < size; cut += cut < 700 || cut > size - 700 ? 1 : 13) {
      appraise_bytes(world, set, world->quote.bytes, cut);
      expect_only(world, QY_CHECK_DCAP_QUOTE_FORM);
    }
    qy_dcap_collateral_free(&set);
  }
}

/* What may be: the form refuses, or what moved is found by the QE's report. Version 3 takes what is left over inside its
 * authentication data, as Intel's library does: nobody signs certification data. */
static void expect_length_refused(const dcap_world *world, bool is_certification, bool is_qe_auth, bool smaller)
{
  const qy_check_id failed = first_failed(world);
  const bool left_over = world->version == 3 && is_certification && smaller;
  if (left_over ? world->verdict.trust == QY_TRUSTED
                : failed == QY_CHECK_DCAP_QUOTE_FORM || (is_qe_auth && failed == QY_CHECK_DCAP_QE_REPORT_DATA)) {
    return;
  }
  fail_msg("version %u: %s by %s", world->version, qy_trust_name(world->verdict.trust), qy_check_name(failed));
}

static void every_length_at_its_limits(void **state)
{
  dcap_world *world = *state;
  for (size_t i = 0; i < FORMS; i++) {
    qy_dcap_collateral *set = open_form(world, &forms[i]);
    const places at = places_of(world);
    const struct {
      size_t at;
      size_t size;
    } fields[] = {{at.auth_size, 4},
                  {at.qe_auth_size, 2},
                  {at.certification_type + 2, 4},
                  {at.outer_type + 2, world->version == 3 ? 0 : 4},
                  {50, world->version == 5 ? 4 : 0}};
    for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
      uint8_t *field = world->quote.bytes + fields[f].at;
      const uint64_t most = fields[f].size == 2 ? UINT16_MAX : UINT32_MAX;
      const uint64_t good = get(field, fields[f].size);
      const uint64_t values[] = {0, 1, good - 1, good + 1, good + 2, most / 2, most / 2 + 1, most - 1, most};
      for (size_t v = 0; fields[f].size > 0 && v < sizeof(values) / sizeof(values[0]); v++) {
        put(field, values[v], fields[f].size);
        appraise_quote(world, set);
        expect_length_refused(world, f == 2, f == 1, values[v] < good);
      }
      put(field, good, fields[f].size);
    }
    appraise_quote(world, set);
    expect_trusted(world);
    qy_dcap_collateral_free(&set);
  }
}

/* ---- D17: certification data ---- */

static void certification_of_every_type(void **state)
{
  dcap_world *world = *state;
  static const uint16_t types[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 255, 256, 0x0500, 65535};
  for (size_t i = 0; i < FORMS; i++) {
    qy_dcap_collateral *set = open_form(world, &forms[i]);
    const places at = places_of(world);
    for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
      put(world->quote.bytes + at.certification_type, types[t], 2);
      appraise_quote(world, set);
      if (types[t] >= 1 && types[t] <= 5) {
        expect_trusted(world); /* the chain was given: what the quote carries is not looked at */
        world->evidence.pck_chain = (qy_view){NULL, 0};
        appraise_quote(world, set);
        assert_int_equal(world->verdict.trust, types[t] == 5 ? QY_TRUSTED : QY_UNDECIDED);
        world->evidence.pck_chain = qy_buffer_view(&world->pck_chain);
      } else {
        expect_only(world, QY_CHECK_DCAP_QUOTE_FORM);
      }
      put(world->quote.bytes + at.certification_type, 5, 2);
      if (at.outer_type != 0) {
        put(world->quote.bytes + at.outer_type, types[t], 2);
        appraise_quote(world, set);
        if (types[t] == 6) {
          expect_trusted(world);
        } else {
          expect_only(world, QY_CHECK_DCAP_QUOTE_FORM);
        }
        put(world->quote.bytes + at.outer_type, 6, 2);
      }
    }
    qy_dcap_collateral_free(&set);
  }
}

/* Type 6 in type 6, a thousand deep: the second is one too many. */
static void certification_in_certification(void **state)
{
  dcap_world *world = *state;
  qy_dcap_collateral *set = open_form(world, &forms[1]);
  const places at = places_of(world);
  qy_dcap_quote quote;
  assert_ok(qy_dcap_quote_decode(&quote, qy_buffer_view(&world->quote), NULL));
  const size_t part_size = at.certification_type - (at.outer_type + 6); /* QE report, signature, authentication data */
  enum { DEPTH = 1000 };
  QY_SCOPED_BUFFER(deep, 4u << 20);
  qy_buffer_append(&deep, world->quote.bytes, at.outer_type);
  for (size_t depth = DEPTH; depth > 0; depth--) {
    uint8_t head[6];
    put(head, 6, 2);
    put(head + 2, depth * (part_size + 6) + quote.certification.data.size, 4);
    qy_buffer_append(&deep, head, sizeof(head));
    qy_buffer_append(&deep, world->quote.bytes + at.outer_type + 6, part_size);
  }
  qy_buffer_append(&deep, world->quote.bytes + at.certification_type, 6 + quote.certification.data.size);
  assert_ok(qy_buffer_finish(&deep, "quote", NULL));
  put(deep.bytes + at.auth_size, deep.size - at.auth_size - 4, 4);
  appraise_bytes(world, set, deep.bytes, deep.size);
  expect_only(world, QY_CHECK_DCAP_QUOTE_FORM);
  qy_dcap_collateral_free(&set);
}

/* ---- D18, D19: the header ---- */

static void versions_keys_and_kinds(void **state)
{
  dcap_world *world = *state;
  static const uint32_t tees[] = {0, 1, 0x80, 0x81, 0x8100, 0x81000000};
  for (size_t i = 0; i < FORMS; i++) {
    qy_dcap_collateral *set = open_form(world, &forms[i]);
    uint8_t *header = world->quote.bytes;
    const uint32_t own_tee = (uint32_t)get(header + 4, 4);
    for (uint32_t version = 0; version < 8; version++) {
      for (uint32_t key_type = 0; key_type < 5; key_type++) {
        for (size_t t = 0; t < sizeof(tees) / sizeof(tees[0]); t++) {
          put(header, version, 2);
          put(header + 2, key_type, 2);
          put(header + 4, tees[t], 4);
          appraise_quote(world, set);
          const bool own = version == forms[i].version && key_type == 2 && tees[t] == own_tee;
          const bool legal =
              version >= 3 && version <= 5 && key_type == 2 && (tees[t] == 0 || (tees[t] == 0x81 && version > 3));
          assert_int_equal(world->verdict.trust, own ? QY_TRUSTED : QY_REFUSED);
          if (!legal) {
            expect_only(world, QY_CHECK_DCAP_QUOTE_FORM);
          }
        }
      }
    }
    qy_dcap_collateral_free(&set);
  }
}

/* Version 5 says what its body is: one of the kind of TEE, of its size. */
static void bodies_of_version_5(void **state)
{
  dcap_world *world = *state;
  for (size_t i = 0; i < FORMS; i++) {
    if (forms[i].version != 5) {
      continue;
    }
    qy_dcap_collateral *set = open_form(world, &forms[i]);
    for (uint32_t type = 0; type < 300; type++) {
      put(world->quote.bytes + 48, type, 2);
      appraise_quote(world, set);
      if (type == (uint32_t)forms[i].body_type) {
        expect_trusted(world);
      } else {
        expect_only(world, QY_CHECK_DCAP_QUOTE_FORM);
      }
    }
    qy_dcap_collateral_free(&set);
  }
}

static void vendors_that_are_not_intel(void **state)
{
  dcap_world *world = *state;
  for (size_t i = 0; i < FORMS; i++) {
    qy_dcap_collateral *set = open_form(world, &forms[i]);
    const places places_of_form = places_of(world);
    for (size_t at = 12; at < 28; at++) {
      world->quote.bytes[at] ^= 1;
      world_sign_again(world, places_of_form.auth_size); /* no help */
      appraise_quote(world, set);
      expect_only(world, QY_CHECK_DCAP_QUOTE_FORM);
      world->quote.bytes[at] ^= 1;
    }
    qy_dcap_collateral_free(&set);
  }
}

/* ---- D23: what a quote says of itself ---- */

static void versions_in_the_header_decide_nothing(void **state)
{
  dcap_world *world = *state;
  for (unsigned high = 0; high < 2; high++) {
    for (unsigned old = 0; old < 3; old++) {
      world_reset(world, QY_DCAP_BODY_ENCLAVE);
      world->qe_report.isv_svn = old == 1 ? 5 : WORLD_ISVSVN;
      world->pce_svn = old == 2 ? 9 : 10;
      world_make(world);
      memset(world->quote.bytes + 8, high == 1 ? 0xff : 0, 4); /* QE SVN, PCE SVN */
      world_sign_again(world, places_of(world).auth_size);
      (void)world_appraise_made(world);
      if (old == 0) {
        expect_trusted(world);
      } else {
        expect_only(world, old == 1 ? QY_CHECK_DCAP_QE_LEVEL : QY_CHECK_DCAP_PLATFORM_LEVEL);
      }
    }
  }
}

/* ---- D06, D07, D14: documents that can be read in two ways ---- */

#define FIVE "{\"svn\":5}"

static void documents_of_another_form(void **state)
{
  dcap_world *world = *state;
  static const struct {
    bool is_identity;
    const char *from;
    const char *to;
  } rows[] = {{false, FIVE "," FIVE, FIVE}, /* 15 components */
              {false, FIVE, FIVE "," FIVE}, /* 17 */
              {false, "\"sgxtcbcomponents\":[", "\"sgxtcbcomponents\":[],\"more\":["},
              {false, "\"pcesvn\":10", "\"pcesvn\":10,\"pcesvn\":9"},
              {false, "\"tcbLevels\":[", "\"tcbLevels\":[],\"tcbLevels\":["},
              {false, "\"fmspc\":\"00606A000001\"", "\"fmspc\":\"00606A0000\""},
              {false, "\"fmspc\":\"00606A000001\"", "\"fmspc\":\"00606A000001\",\"fmspc\":\"00606A000001\""},
              {false, "\"pceId\":\"0000\"", "\"pceId\":0"},
              {false, "\"tcbType\":0", "\"tcbType\":1"},
              {false, "\"id\":\"SGX\"", "\"id\":\"sgx\""},
              {false, "\"version\":3", "\"version\":1"},
              {true, "\"version\":2", "\"version\":2,\"version\":2"},
              {true, "\"id\":\"QE\"", "\"id\":\"qe\""},
              {true, "\"isvprodid\":1", "\"isvprodid\":\"1\""},
              {true, "\"miscselect\":\"00000000\"", "\"miscselect\":\"000000\""},
              {true, "\"tcbLevels\":[", "\"tcbLevels\":[],\"levels\":["}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    world_reset(world, QY_DCAP_BODY_ENCLAVE);
    world_document *document = rows[i].is_identity ? &world->identity : &world->tcb_info;
    document->from[0] = rows[i].from;
    document->to[0] = rows[i].to;
    (void)world_appraise(world);
    const qy_check_id expected = rows[i].is_identity ? QY_CHECK_IDENTITY_FORM : QY_CHECK_TCB_INFO_FORM;
    if (first_failed(world) != expected) {
      fail_msg("%s: %s by %s", rows[i].to, qy_trust_name(world->verdict.trust), qy_check_name(first_failed(world)));
    }
    expect_first(world, expected);
  }
}

/* ---- D15: signatures of documents ---- */

static void signatures_of_another_form(void **state)
{
  dcap_world *world = *state;
  static const char order[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  for (unsigned which = 0; which < 2; which++) {
    for (unsigned row = 0; row < 9; row++) {
      world_reset(world, QY_DCAP_BODY_ENCLAVE);
      world_make(world);
      qy_buffer *text = which == 0 ? &world->tcb_info_text : &world->identity_text;
      char *hex = (char *)text->bytes + text->size - 2 - 128; /* before the last "} */
      QY_SCOPED_BUFFER(changed, 1 << 16);
      char signature[200] = {0};
      memcpy(signature, hex, 128);
      switch (row) {
      case 0:
        signature[126] = '\0';
        break; /* too short */
      case 1:
        signature[127] = '\0';
        break; /* half a byte */
      case 2:
        memcpy(signature + 128, "00", 3);
        break; /* too long */
      case 3:
        signature[5] = 'g';
        break; /* no hex */
      case 4:
        memset(signature, '0', 64);
        break; /* r is zero */
      case 5:
        memset(signature + 64, '0', 64);
        break; /* s is zero */
      case 6:
        memcpy(signature, order, 64);
        break; /* r is the order */
      case 7:
        memcpy(signature + 64, order, 64);
        break; /* s is the order */
      default: /* in capitals: the same bytes */
        for (size_t i = 0; i < 128; i++) {
          signature[i] = (char)(signature[i] >= 'a' ? signature[i] - 32 : signature[i]);
        }
      }
      qy_buffer_append(&changed, text->bytes, (size_t)(hex - (char *)text->bytes));
      qy_buffer_append_text(&changed, signature);
      qy_buffer_append_text(&changed, "\"}");
      *(which == 0 ? &world->files.tcb_info : &world->files.identity) = qy_buffer_view(&changed);
      (void)world_appraise_made(world);
      if (row == 8) {
        expect_trusted(world);
      } else if (row < 4) {
        expect_first(world, which == 0 ? QY_CHECK_TCB_INFO_FORM : QY_CHECK_IDENTITY_FORM);
      } else {
        expect_only(world, which == 0 ? QY_CHECK_TCB_INFO_SIGNATURE : QY_CHECK_IDENTITY_SIGNATURE);
      }
    }
  }
}

/* ---- D20: the PCK certificate's own words ---- */

static void extensions_of_another_form(void **state)
{
  dcap_world *world = *state;
  static const struct {
    const char *from;
    const char *to;
  } rows[] = {{"2a864886f84d010d0104", "2a864886f84d010d0103"},             /* PCEID twice, no FMSPC */
              {"2a864886f84d010d0101", "2a864886f84d010d0109"},             /* no PPID */
              {"2a864886f84d010d010203", "2a864886f84d010d010204"},         /* component 4 twice */
              {"2a864886f84d010d010210", "2a864886f84d010d010213"},         /* component 16 missing */
              {"2a864886f84d010d01040406", "2a864886f84d010d01040206"},     /* FMSPC: a number */
              {"2a864886f84d010d01030402", "2a864886f84d010d01030401"},     /* PCEID: a byte, and one left over */
              {"2a864886f84d010d0102120410", "2a864886f84d010d010212040f"}, /* CPUSVN of 15 bytes */
              {"2a864886f84d010d01050a01", "2a864886f84d010d01050201"},     /* SGX type: an INTEGER */
              {"2a864886f84d010d01050a0100", "2a864886f84d010d01050a0103"}, /* SGX type of no meaning */
              {"2a864886f84d010d0102110201", "2a864886f84d010d0102110200"}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    world_reset(world, QY_DCAP_BODY_ENCLAVE);
    world->certificates[PCK].from_hex = rows[i].from;
    world->certificates[PCK].to_hex = rows[i].to;
    (void)world_appraise(world);
    if (first_failed(world) != QY_CHECK_DCAP_PCK) {
      fail_msg("%s: %s", rows[i].to, qy_check_name(first_failed(world)));
    }
    expect_only(world, QY_CHECK_DCAP_PCK);
    assert_false(world->verdict.has_platform);
  }
}

/* ---- D21: PEM ---- */

static void chains_of_another_form(void **state)
{
  dcap_world *world = *state;
  enum { JUNK, NO_END, NO_BASE64, MANY, LONG, EMPTY, NUL_INSIDE, ROWS };
  for (unsigned row = 0; row < ROWS; row++) {
    QY_SCOPED_BUFFER(chain, 8u << 20);
    world_reset(world, QY_DCAP_BODY_ENCLAVE);
    world_make(world);
    for (unsigned i = 0; i < (row == MANY ? 3000u : 1u); i++) {
      qy_buffer_append(&chain, world->pem[PCK].bytes, world->pem[PCK].size);
    }
    if (row == JUNK) {
      qy_buffer_append_text(&chain, "what is this?\n");
    } else if (row == NUL_INSIDE) {
      qy_buffer_append(&chain, "\0", 1);
    }
    for (unsigned i = 0; row == LONG && i < (1u << 17); i++) {
      qy_buffer_append_text(&chain, "                "); /* white space alone, 2 MiB */
    }
    qy_buffer_append(&chain, world->pem[CA].bytes, world->pem[CA].size);
    qy_buffer_append(&chain, world->pem[ROOT].bytes, world->pem[ROOT].size);
    assert_ok(qy_buffer_finish(&chain, "chain", NULL));
    if (row == NO_END) {
      chain.size -= 27; /* -----END CERTIFICATE----- and its end of line */
    } else if (row == NO_BASE64) {
      chain.bytes[100] = '*';
    }
    world->evidence.pck_chain = row == EMPTY ? qy_view_text("") : qy_buffer_view(&chain);
    (void)world_appraise_made(world);
    if (first_failed(world) != QY_CHECK_PCK_CHAIN_FORM) {
      fail_msg("row %u: %s by %s", row, qy_trust_name(world->verdict.trust), qy_check_name(first_failed(world)));
    }
    expect_first(world, QY_CHECK_PCK_CHAIN_FORM);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_truncation),
                                     cmocka_unit_test(every_length_at_its_limits),
                                     cmocka_unit_test(certification_of_every_type),
                                     cmocka_unit_test(certification_in_certification),
                                     cmocka_unit_test(versions_keys_and_kinds),
                                     cmocka_unit_test(bodies_of_version_5),
                                     cmocka_unit_test(vendors_that_are_not_intel),
                                     cmocka_unit_test(versions_in_the_header_decide_nothing),
                                     cmocka_unit_test(documents_of_another_form),
                                     cmocka_unit_test(signatures_of_another_form),
                                     cmocka_unit_test(extensions_of_another_form),
                                     cmocka_unit_test(chains_of_another_form)};
  return cmocka_run_group_tests(tests, open_world, close_world);
}
