/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as evidence to be shown: found by content, and as one named kind. What comes out can be written as JSON. */
#include <stdlib.h>
#include <string.h>

#include <describe/describe.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(qy_view in, const char *as)
{
  json_t *tree = NULL;
  qy_error why = {0};
  const qy_status status = qy_describe(&tree, in, as, &why);
  if (status != QY_OK) {
    if (tree != NULL || why.message[0] == '\0') {
      abort();
    }
    return;
  }
  const char *kind = json_string_value(json_object_get(tree, "kind"));
  char *text = json_dumps(tree, JSON_COMPACT);
  if (kind == NULL || (as != NULL && strcmp(kind, as) != 0) || text == NULL) {
    abort();
  }
  free(text);
  json_decref(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *const *kinds = qy_describe_kinds();
  size_t count = 0;
  while (kinds[count] != NULL) {
    count++;
  }
  show(size == 0 ? (qy_view){NULL, 0} : qy_view_over(data, size), NULL);
  show(qy_view_over(data, size), kinds[size % count]);
  return 0;
}
