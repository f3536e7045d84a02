/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a list's entries before any is used: Intel's SDK takes a list whose entries are nothing, and then
 * every signature counts as revoked. Offsets are those of the plain form; a signed file has four bytes before it. */
#include <epid/verifier.h>

#include <base/limits.h>

#define PRIVRL_ENTRIES_AT 24
#define SIGRL_ENTRIES_AT 24
#define VERIFIERRL_ENTRIES_AT 88

qy_status qy_epid_list_shape(qy_view entries, uint32_t count, size_t entry_size, const char *what, qy_error *why)
{
  if (count > QY_EPID_MAX_LIST) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: %u entries are beyond the limit", what, count);
  }
  if (entries.size != entry_size * count) {
    return qy_fail(why, QY_ERR_ARGUMENT, "%s: %zu bytes do not fit a count of %u", what, entries.size, count);
  }
  return QY_OK;
}

/* The first entry that is bad in its field `*field`, and where; NULL in *field if none is. */
typedef struct bad_entry {
  const char *field;
  uint32_t index;
  size_t at;
} bad_entry;

static qy_status report(qy_check_id id, const bad_entry *bad, uint32_t count, const char *wanted, const char *list,
                        qy_trace *trace, qy_error *why)
{
  const bool held = bad->field == NULL;
  if (!qy_check(trace, id, held, .expected = qy_textf("%s", wanted),
                .actual = held ? qy_textf("all %u entries", count)
                               : qy_textf("not %s of entry %u (byte %zu)", bad->field, bad->index, bad->at),
                .origin = list)) {
    return qy_fail(why, QY_ERR_REFUSED, "%s: %s of entry %u (byte %zu) is not: %s", list, bad->field, bad->index,
                   bad->at, wanted);
  }
  return QY_OK;
}

qy_status qy_epid_privrl_check(const qy_epid_privrl *list, qy_trace *trace, qy_error *why)
{
  bad_entry bad = {.field = NULL};
  qy_fp f;
  QY_TRY(qy_epid_list_shape(list->entries, list->count, QY_EPID_PRIVRL_ENTRY_SIZE, "PrivRL", why));
  for (uint32_t i = 0; i < list->count && bad.field == NULL; i++) {
    const size_t at = (size_t)QY_EPID_PRIVRL_ENTRY_SIZE * i;
    if (!qy_fp_decode(&f, list->entries.bytes + at)) {
      bad = (bad_entry){"f", i, PRIVRL_ENTRIES_AT + at};
    }
  }
  return report(QY_CHECK_EPID_SCALAR_RANGE, &bad, list->count, "every f below p", "PrivRL", trace, why);
}

static bool is_finite(const uint8_t *bytes)
{
  qy_g1_affine point;
  return qy_g1_decode(&point, bytes) && !qy_g1_affine_is_infinity(&point);
}

qy_status qy_epid_sigrl_check(const qy_epid_sigrl *list, qy_trace *trace, qy_error *why)
{
  bad_entry bad = {.field = NULL};
  QY_TRY(qy_epid_list_shape(list->entries, list->count, QY_EPID_SIGRL_ENTRY_SIZE, "SigRL", why));
  if (list->count > QY_MAX_SIGRL_ENTRIES) {
    return qy_fail(why, QY_ERR_LIMIT, "SigRL: %u entries are beyond the limit", list->count);
  }
  for (uint32_t i = 0; i < list->count && bad.field == NULL; i++) {
    const size_t at = (size_t)QY_EPID_SIGRL_ENTRY_SIZE * i;
    if (!is_finite(list->entries.bytes + at)) {
      bad = (bad_entry){"B", i, SIGRL_ENTRIES_AT + at};
    } else if (!is_finite(list->entries.bytes + at + QY_G1_SIZE)) {
      bad = (bad_entry){"K", i, SIGRL_ENTRIES_AT + at + QY_G1_SIZE};
    }
  }
  return report(QY_CHECK_EPID_POINT, &bad, list->count, "B and K points of the curve, none at infinity", "SigRL", trace,
                why);
}

qy_status qy_epid_verifierrl_check(const qy_epid_verifierrl *list, qy_trace *trace, qy_error *why)
{
  bad_entry bad = {.field = NULL};
  QY_TRY(qy_epid_list_shape(list->entries, list->count, QY_EPID_VERIFIERRL_ENTRY_SIZE, "VerifierRL", why));
  for (uint32_t i = 0; i < list->count && bad.field == NULL; i++) {
    const size_t at = (size_t)QY_EPID_VERIFIERRL_ENTRY_SIZE * i;
    if (!is_finite(list->entries.bytes + at)) {
      bad = (bad_entry){"K", i, VERIFIERRL_ENTRIES_AT + at};
    }
  }
  return report(QY_CHECK_EPID_POINT, &bad, list->count, "every K a point of the curve, none at infinity", "VerifierRL",
                trace, why);
}
