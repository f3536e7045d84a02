/* SPDX-License-Identifier: Apache-2.0 */
/* Every recorded verdict of Intel's SDK on signatures of its members, plain and split, row by row. */
#include "vectors.h"

#include <stdio.h>
#include <string.h>

#include <quotary/epid.h>

#define FILE_LIMIT 65536

/* A row's files; each stays empty where the row names none. */
typedef struct row_files {
  qy_buffer signature;
  qy_buffer message;
  qy_buffer basename;
  qy_buffer group;
  qy_buffer ca;
  qy_buffer privrl;
  qy_buffer sigrl;
  qy_buffer grouprl;
  qy_buffer verifierrl;
  bool section_a;
  bool has_basename;
} row_files;

static const char *member_of(const json_t *row, const char *name)
{
  return json_string_value(json_object_get(row, name));
}

static bool load(qy_buffer *out, const row_files *files, const char *path)
{
  char full[512];
  qy_buffer_init(out, FILE_LIMIT);
  if (path == NULL) {
    return false;
  }
  (void)snprintf(full, sizeof(full), "epid/%s%s", files->section_a ? "" : "sdk-testdata/", path);
  vectors_read(out, full);
  return true;
}

static bool load_message(qy_buffer *out, const row_files *files, const char *name)
{
  char path[256];
  if (files->section_a || name == NULL) {
    return load(out, files, name);
  }
  (void)snprintf(path, sizeof(path), "messages/%s.bin", strcmp(name, "msg0255") == 0 ? "msg_0_255" : name);
  return load(out, files, path);
}

static void row_load(row_files *files, const json_t *row)
{
  const char *ca = member_of(row, "ca");
  char default_grouprl[256];
  *files = (row_files){.section_a = strcmp(member_of(row, "section"), "A") == 0};
  const bool a = files->section_a;
  (void)load(&files->signature, files, member_of(row, a ? "sig" : "signature"));
  (void)load(&files->group, files, member_of(row, a ? "group" : "group key"));
  (void)load(&files->ca, files, ca);
  (void)load_message(&files->message, files, member_of(row, "msg"));
  files->has_basename = load_message(&files->basename, files, member_of(row, "bsn"));
  (void)load(&files->privrl, files, member_of(row, "privrl"));
  (void)load(&files->sigrl, files, member_of(row, "sigrl"));
  (void)load(&files->verifierrl, files, member_of(row, "verrl"));
  const char *grouprl = member_of(row, "grprl");
  if (grouprl == NULL && a) { /* the SDK's tool always loads one: the empty one beside the CA */
    (void)snprintf(default_grouprl, sizeof(default_grouprl), "%.*s/grprl_empty.bin", (int)(strrchr(ca, '/') - ca), ca);
    grouprl = default_grouprl;
  }
  (void)load(&files->grouprl, files, grouprl);
}

static void row_clear(row_files *files)
{
  qy_buffer *all[] = {&files->signature, &files->message, &files->basename, &files->group,     &files->ca,
                      &files->privrl,    &files->sigrl,   &files->grouprl,  &files->verifierrl};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    qy_buffer_clear(all[i]);
  }
}

/* The SDK's status for what stopped us: an issuer's file that is not its CA's is its 1. */
static int status_of_refusal(qy_status status, const qy_trace *trace)
{
  if (status == QY_ERR_SEQUENCE) {
    return -989;
  }
  assert_int_equal(status, QY_ERR_REFUSED);
  const qy_check_record *failed = qy_trace_failed(trace);
  assert_non_null(failed);
  switch (failed->id) {
  case QY_CHECK_EPID_FILE_SIGNATURE:
    return 1;
  case QY_CHECK_EPID_LIST_BASENAME:
    return -968;
  case QY_CHECK_EPID_SCALAR_RANGE: /* a PrivRL with an entry that is no scalar: the SDK takes it, and revokes all */
    return 3;
  case QY_CHECK_EPID_POINT: /* a SigRL with entries that are no points, one of the SDK's: it revokes all */
    assert_string_equal(failed->origin, "SigRL");
    return 4;
  default:
    fail_msg("stopped by %s: %s", qy_check_name(failed->id), failed->actual.chars);
    return 0;
  }
}

static int status_of_result(qy_epid_result result)
{
  switch (result) {
  case QY_EPID_VALID:
    return 0;
  case QY_EPID_INVALID:
    return 1;
  case QY_EPID_REVOKED_GROUP:
    return 2;
  case QY_EPID_REVOKED_KEY:
    return 3;
  case QY_EPID_REVOKED_SIGNATURE:
    return 4;
  case QY_EPID_REVOKED_VERIFIER:
    return 5;
  case QY_EPID_BAD_SIGNATURE:
    return -974;
  case QY_EPID_SIGRL_MISMATCH:
    return -981;
  case QY_EPID_UNDECIDED:
  case QY_EPID_RESULT_COUNT:
  default:
    return -999;
  }
}

static qy_epid_hash hash_of(const json_t *row)
{
  const char *name = member_of(row, "hash");
  if (name == NULL || strcmp(name, "from gid") == 0) {
    return QY_EPID_HASH_BY_GID;
  }
  return strcmp(name, "SHA-256") == 0   ? QY_EPID_SHA256
         : strcmp(name, "SHA-384") == 0 ? QY_EPID_SHA384
         : strcmp(name, "SHA-512") == 0 ? QY_EPID_SHA512
                                        : QY_EPID_SHA512_256;
}

static qy_status set_lists(qy_epid_verifier *verifier, const row_files *files, const qy_epid_ca *ca, qy_trace *trace)
{
  if (files->privrl.size > 0) {
    qy_epid_privrl list;
    QY_TRY(qy_epid_privrl_read(&list, qy_buffer_view(&files->privrl), ca, trace, NULL));
    QY_TRY(qy_epid_verifier_set_privrl(verifier, &list, trace, NULL));
  }
  if (files->sigrl.size > 0) {
    qy_epid_sigrl list;
    QY_TRY(qy_epid_sigrl_read(&list, qy_buffer_view(&files->sigrl), ca, trace, NULL));
    QY_TRY(qy_epid_verifier_set_sigrl(verifier, &list, trace, NULL));
  }
  if (files->grouprl.size > 0) {
    qy_epid_grouprl list;
    QY_TRY(qy_epid_grouprl_read(&list, qy_buffer_view(&files->grouprl), ca, trace, NULL));
    QY_TRY(qy_epid_verifier_set_grouprl(verifier, &list, trace, NULL));
  }
  if (files->verifierrl.size > 0) {
    qy_epid_verifierrl list;
    QY_TRY(qy_epid_verifierrl_decode(&list, qy_buffer_view(&files->verifierrl), NULL));
    QY_TRY(qy_epid_verifier_set_verifierrl(verifier, &list, trace, NULL));
  }
  return QY_OK;
}

static qy_status judge(qy_epid_result *result, const row_files *files, const json_t *row, qy_trace *trace)
{
  __attribute__((cleanup(qy_epid_verifier_free))) qy_epid_verifier *verifier = NULL;
  const qy_view basename = qy_buffer_view(&files->basename);
  qy_epid_group_key group;
  qy_epid_ca ca;
  *result = QY_EPID_UNDECIDED;
  if (files->section_a) {
    assert_ok(qy_epid_ca_decode(&ca, qy_buffer_view(&files->ca), NULL, trace, NULL));
  }
  const qy_epid_ca *signer = files->section_a ? &ca : NULL;
  QY_TRY(qy_epid_group_key_read(&group, qy_buffer_view(&files->group), signer, trace, NULL));
  QY_TRY(qy_epid_verifier_new(&verifier, &group, trace, NULL));
  QY_TRY(qy_epid_verifier_set_hash(verifier, hash_of(row), NULL));
  QY_TRY(qy_epid_verifier_set_basename(verifier, files->has_basename ? &basename : NULL, NULL));
  QY_TRY(set_lists(verifier, files, signer, trace));
  return qy_epid_verify(result, verifier, qy_buffer_view(&files->signature), qy_buffer_view(&files->message), trace,
                        NULL);
}

/* "... (exit 50)" or "... (-974)": the tool's exit code is the status modulo 256. */
static int recorded(const json_t *row)
{
  const char *text = strrchr(member_of(row, "result"), '(');
  int status = 0;
  assert_non_null(text);
  if (sscanf(text, "(exit %d)", &status) == 1) {
    return status > 5 ? status - 1024 : status;
  }
  assert_int_equal(sscanf(text, "(%d)", &status), 1);
  return status;
}

static void recorded_results_are_ours(void **state)
{
  (void)state;
  vectors_need();
  json_t *rows = vectors_json("epid/cases.jsonl");
  size_t at;
  json_t *row;
  unsigned ran = 0;
  unsigned different = 0;
  json_array_foreach(rows, at, row)
  {
    static qy_trace trace;
    row_files files;
    qy_epid_result result;
    trace = (qy_trace){0};
    row_load(&files, row);
    const qy_status status = judge(&result, &files, row, &trace);
    const int ours = status == QY_OK ? status_of_result(result) : status_of_refusal(status, &trace);
    if (ours != recorded(row)) {
      different++;
      print_error("row %zu: %d, recorded %s\n", at + 1, ours, member_of(row, "result"));
    }
    /* a verdict that is not "valid" names the check that failed, and "valid" has none */
    assert_int_equal(qy_trace_failed(&trace) == NULL, ours == 0 || ours == -989);
    row_clear(&files);
    ran++;
  }
  json_decref(rows);
  assert_int_equal(different, 0);
  assert_int_equal(ran, 151);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(recorded_results_are_ours)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
