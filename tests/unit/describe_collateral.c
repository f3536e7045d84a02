/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral of real platforms as trees: each file is of its kind, and what is shown is what Intel's own JSON says. */
#include "vectors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <describe/describe.h>

#define LIMIT (1u << 20)

static json_t *described(const char *folder, const char *file, const char *kind)
{
  char path[512];
  json_t *tree = NULL;
  qy_error why = {0};
  QY_SCOPED_BUFFER(bytes, LIMIT);
  (void)snprintf(path, sizeof(path), "dcap/real/%s/%s", folder, file);
  vectors_read(&bytes, path);
  if (qy_describe(&tree, qy_buffer_view(&bytes), NULL, &why) != QY_OK) {
    fail_msg("%s: %s", path, why.message);
  }
  assert_string_equal(json_string_value(json_object_get(tree, "kind")), kind);
  return tree;
}

static json_t *served(const char *folder, const char *file)
{
  char path[512];
  (void)snprintf(path, sizeof(path), "dcap/real/%s/%s", folder, file);
  return vectors_json(path);
}

static void assert_same_text(const json_t *tree, const char *member, const json_t *from, const char *source)
{
  const char *found = json_string_value(json_object_get(tree, member));
  const char *expected = json_string_value(json_object_get(from, source));
  assert_non_null(found);
  assert_non_null(expected);
  assert_int_equal(strcasecmp(found, expected), 0); /* hex stands there in either case */
}

static void assert_same_number(const json_t *tree, const char *member, const json_t *from, const char *source)
{
  assert_true(json_is_integer(json_object_get(tree, member)));
  assert_int_equal(json_integer_value(json_object_get(tree, member)),
                   json_integer_value(json_object_get(from, source)));
}

/* One that the levels have, by date and status. */
static bool has_level(const json_t *levels, const json_t *served_level)
{
  size_t index = 0;
  json_t *level = NULL;
  json_array_foreach(levels, index, level)
  {
    const char *date = json_string_value(json_object_get(level, "date"));
    const char *status = json_string_value(json_object_get(level, "status"));
    if (strcmp(date, json_string_value(json_object_get(served_level, "tcbDate"))) == 0 &&
        strcmp(status, json_string_value(json_object_get(served_level, "tcbStatus"))) == 0) {
      return true;
    }
  }
  return false;
}

static void assert_same_levels(const json_t *tree, const json_t *from)
{
  const json_t *levels = json_object_get(tree, "levels");
  const json_t *expected = json_object_get(from, "tcbLevels");
  size_t index = 0;
  json_t *level = NULL;
  assert_int_equal(json_array_size(levels), json_array_size(expected));
  json_array_foreach(expected, index, level)
  {
    assert_true(has_level(levels, level));
  }
}

static void look_at_documents(const char *folder)
{
  json_t *info = described(folder, "tcb_info.json", "tcb-info");
  json_t *identity = described(folder, "qe_identity.json", "enclave-identity");
  json_t *served_info = served(folder, "tcb_info.json");
  json_t *served_identity = served(folder, "qe_identity.json");
  const json_t *inner_info = json_object_get(served_info, "tcbInfo");
  const json_t *inner_identity = json_object_get(served_identity, "enclaveIdentity");
  assert_same_text(info, "fmspc", inner_info, "fmspc");
  assert_same_text(info, "issue_date", inner_info, "issueDate");
  assert_same_text(info, "next_update", inner_info, "nextUpdate");
  assert_same_text(info, "signature", served_info, "signature");
  assert_same_number(info, "version", inner_info, "version");
  assert_same_number(info, "evaluation_number", inner_info, "tcbEvaluationDataNumber");
  assert_same_levels(info, inner_info);
  assert_same_text(identity, "id", inner_identity, "id");
  assert_same_text(identity, "mrsigner", inner_identity, "mrsigner");
  assert_same_text(identity, "next_update", inner_identity, "nextUpdate");
  assert_same_number(identity, "isv_prod_id", inner_identity, "isvprodid");
  assert_same_levels(identity, inner_identity);
  json_decref(info);
  json_decref(identity);
  json_decref(served_info);
  json_decref(served_identity);
}

/* The PCK certificate is that of the TCB info's platforms, and the only one that says what platform it is for. */
static void look_at_chain(const char *folder)
{
  json_t *tree = described(folder, "pck_chain.pem", "certificates");
  json_t *document = served(folder, "tcb_info.json");
  const json_t *info = json_object_get(document, "tcbInfo");
  const json_t *certificates = json_object_get(tree, "certificates");
  const json_t *platform = json_object_get(json_array_get(certificates, 0), "sgx");
  assert_int_equal(json_array_size(certificates), 3);
  assert_same_text(platform, "fmspc", info, "fmspc");
  assert_same_text(platform, "pce_id", info, "pceId");
  assert_int_equal(json_array_size(json_object_get(platform, "tcb_components")), 16);
  assert_null(json_object_get(json_array_get(certificates, 1), "sgx"));
  assert_null(json_object_get(json_array_get(certificates, 2), "sgx"));
  json_decref(tree);
  json_decref(document);
}

static void look_at_lists(const char *folder)
{
  json_t *of_root = described(folder, "root_crl.der", "crl");
  json_t *of_ca = described(folder, "pck_crl.der", "crl");
  const json_int_t revoked = json_integer_value(json_object_get(of_ca, "revoked"));
  const size_t shown = json_array_size(json_object_get(of_ca, "revoked_serials"));
  assert_non_null(strstr(json_string_value(json_object_get(of_root, "issuer")), "Root CA"));
  assert_non_null(strstr(json_string_value(json_object_get(of_ca, "issuer")), "CA"));
  assert_int_equal(shown, revoked < 32 ? revoked : 32);
  json_decref(of_root);
  json_decref(of_ca);
}

static void real_collateral(void **state)
{
  (void)state;
  vectors_need();
  DIR *folders = opendir(vectors_path("dcap/real"));
  size_t count = 0;
  assert_non_null(folders);
  for (const struct dirent *entry = readdir(folders); entry != NULL; entry = readdir(folders)) {
    if (entry->d_name[0] != '.') {
      look_at_documents(entry->d_name);
      look_at_chain(entry->d_name);
      look_at_lists(entry->d_name);
      count++;
    }
  }
  closedir(folders);
  assert_int_equal(count, 19);
}

/* A broken document is told of as what it is, not as a broken report. */
static void broken_documents(void **state)
{
  static const struct {
    const char *text;
    const char *message;
  } rows[] = {{"{\"tcbInfo\":{\"version\":3", "closest: TCB info"},
              {"{\"enclaveIdentity\":{}}", "closest: enclave identity"}};
  (void)state;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    json_t *tree = NULL;
    qy_error why = {0};
    assert_int_equal(qy_describe(&tree, qy_view_text(rows[i].text), NULL, &why), QY_ERR_UNSUPPORTED);
    if (strstr(why.message, rows[i].message) == NULL) {
      fail_msg("%s", why.message);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(real_collateral), cmocka_unit_test(broken_documents)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
