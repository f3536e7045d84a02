/* SPDX-License-Identifier: Apache-2.0 */
#include "differences.h"

#include "vectors.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <base/file.h>

typedef struct row {
  bool named;
  bool by_vectors;
  bool seen;
  char shown[256]; /* the last column */
} row;

static row rows[QY_CHECK_COUNT];

static void read_file(qy_buffer *out, const char *relative)
{
  char path[512];
  (void)snprintf(path, sizeof(path), "%s/%s", QUOTARY_SOURCE_DIR, relative);
  assert_ok(qy_file_read(out, path, NULL));
  qy_buffer_append(out, "", 1);
  assert_ok(qy_buffer_finish(out, relative, NULL));
}

/* One row of a table: ids in backticks in its first column, the tests in its last. */
static void read_row(const char *line, const char *end)
{
  const char *first_end = memchr(line + 1, '|', (size_t)(end - line - 1));
  const char *last = memrchr(line, '|', (size_t)(end - line - 1)); /* the line ends in one */
  assert_non_null(first_end);
  assert_non_null(last);
  size_t ids = 0;
  for (const char *at = line; at < first_end;) {
    const char *open = memchr(at, '`', (size_t)(first_end - at));
    const char *close = open == NULL ? NULL : memchr(open + 1, '`', (size_t)(first_end - open - 1));
    if (close == NULL) {
      break;
    }
    char name[64];
    (void)snprintf(name, sizeof(name), "%.*s", (int)(close - open - 1), open + 1);
    const qy_check_id id = qy_check_by_name(name);
    if (id == QY_CHECK_NONE) {
      fail_msg("docs/differences.md: no check is called %s", name);
    }
    row *of = &rows[id];
    assert_false(of->named); /* once */
    of->named = true;
    (void)snprintf(of->shown, sizeof(of->shown), "%.*s", (int)(end - last - 1), last + 1);
    of->by_vectors = strstr(of->shown, "vectors") != NULL;
    ids++;
    at = close + 1;
  }
  assert_true(ids > 0);
}

void differences_load(void)
{
  QY_SCOPED_BUFFER(text, 1 << 16);
  memset(rows, 0, sizeof(rows));
  read_file(&text, "docs/differences.md");
  const char *line = (const char *)text.bytes;
  for (const char *end = strchr(line, '\n'); end != NULL; line = end + 1, end = strchr(line, '\n')) {
    if (strncmp(line, "| `", 3) == 0) {
      read_row(line, end);
    }
  }
}

bool differences_name(qy_check_id id)
{
  return rows[id].named;
}

void differences_saw(qy_check_id id)
{
  rows[id].seen = true;
}

/* The name of its constant stands in one of the files. */
static bool is_in_a_file(qy_check_id id, const char *shown)
{
  char constant[80] = "QY_CHECK_";
  size_t used = strlen(constant);
  for (const char *name = qy_check_name(id); *name != '\0'; name++) {
    constant[used++] = (char)(*name == '-' ? '_' : toupper((unsigned char)*name));
  }
  constant[used] = '\0';
  for (const char *at = strstr(shown, "appraisal_"); at != NULL; at = strstr(at + 1, "appraisal_")) {
    QY_SCOPED_BUFFER(text, 1 << 20);
    char path[128];
    (void)snprintf(path, sizeof(path), "tests/unit/%.*s", (int)strcspn(at, ", |"), at);
    read_file(&text, path);
    if (strstr((const char *)text.bytes, constant) != NULL) {
      return true;
    }
  }
  return false;
}

void differences_expect_shown(void)
{
  for (int id = QY_CHECK_NONE + 1; id < QY_CHECK_COUNT; id++) {
    const row *of = &rows[id];
    if (of->named && !(of->by_vectors && of->seen) && !is_in_a_file((qy_check_id)id, of->shown)) {
      fail_msg("docs/differences.md: %s is shown neither by the vectors nor by %s", qy_check_name((qy_check_id)id),
               of->shown);
    }
  }
}
