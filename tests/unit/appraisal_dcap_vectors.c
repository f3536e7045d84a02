/* SPDX-License-Identifier: Apache-2.0 */
/* Every real quote and every case derived from one: the four statuses are those that Intel's library gave, nothing is
 * trusted that it refused, and where a verdict is stricter docs/differences.md names the check. */
#include "dcap_vector.h"
#include "differences.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REAL 19
#define DERIVED 263

static size_t for_each_real(void (*visit)(const dcap_vector *from))
{
  DIR *folder = opendir(vectors_path("dcap/real"));
  size_t count = 0;
  assert_non_null(folder);
  for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char path[512];
    dcap_vector one;
    if (entry->d_name[0] == '.') {
      continue;
    }
    (void)snprintf(path, sizeof(path), "dcap/real/%s/meta.json", entry->d_name);
    json_t *meta = vectors_json(path);
    dcap_vector_open(&one, entry->d_name, meta);
    for (size_t i = 0; i < DCAP_VECTOR_FILES; i++) {
      (void)snprintf(path, sizeof(path), "dcap/real/%s/%s", entry->d_name, dcap_vector_files[i]);
      vectors_read(&one.files[i], path);
    }
    visit(&one);
    dcap_vector_close(&one);
    json_decref(meta);
    count++;
  }
  closedir(folder);
  return count;
}

static size_t for_each_derived(void (*visit)(const dcap_vector *from))
{
  json_t *cases = vectors_json("dcap/cases.jsonl");
  const size_t count = json_array_size(cases);
  for (size_t i = 0; i < count; i++) {
    const json_t *object = json_array_get(cases, i);
    dcap_vector one;
    dcap_vector_open(&one, json_string_value(json_object_get(object, "name")), object);
    for (size_t j = 0; j < DCAP_VECTOR_FILES; j++) {
      char path[256];
      const char *blob = json_string_value(json_object_get(json_object_get(object, "files"), dcap_vector_files[j]));
      assert_non_null(blob);
      (void)snprintf(path, sizeof(path), "dcap/blobs/%s", blob);
      vectors_read(&one.files[j], path);
    }
    visit(&one);
    dcap_vector_close(&one);
  }
  json_decref(cases);
  return count;
}

/* ---- The document ---- */

/* Intel's library finds nothing wrong but the platform's standing, or not even that. */
static bool is_only_standing(const json_t *expected)
{
  static const char *const calls[] = {"pck", "tcbinfo", "qeid"};
  for (size_t i = 0; i < 3; i++) {
    if (strcmp(json_string_value(json_object_get(expected, calls[i])), "STATUS_OK") != 0) {
      return false;
    }
  }
  return json_object_get(expected, "ci") != NULL;
}

/* Whatever refuses there is ours, and the document says so. */
static void expect_named_differences(const dcap_vector *from, const qy_dcap_verdict *verdict)
{
  for (size_t i = 0; i < verdict->trace.count; i++) {
    const qy_check_record *record = &verdict->trace.records[i];
    if (record->outcome != QY_OUTCOME_FAILED) {
      continue;
    }
    differences_saw(record->id);
    if (is_only_standing(from->expected) && !differences_name(record->id)) {
      fail_msg("%s: %s refuses, which docs/differences.md does not name", from->name, qy_check_name(record->id));
    }
  }
}

static void real_quotes_agree(void **state)
{
  (void)state;
  vectors_need();
  dcap_vector_differences = 0;
  assert_int_equal(for_each_real(dcap_vector_check), REAL);
  assert_int_equal(dcap_vector_differences, 0);
}

static void derived_cases_agree(void **state)
{
  (void)state;
  vectors_need();
  dcap_vector_differences = 0;
  assert_int_equal(for_each_derived(dcap_vector_check), DERIVED);
  assert_int_equal(dcap_vector_differences, 0);
}

/* After both walks: nothing stands in the document that is not so. */
static void the_document_is_true(void **state)
{
  (void)state;
  vectors_need();
  differences_expect_shown();
}

static int load_document(void **state)
{
  (void)state;
  differences_load();
  dcap_vector_observer = expect_named_differences;
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(real_quotes_agree), cmocka_unit_test(derived_cases_agree),
                                     cmocka_unit_test(the_document_is_true)};
  return cmocka_run_group_tests(tests, load_document, NULL);
}
