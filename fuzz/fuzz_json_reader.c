/* SPDX-License-Identifier: Apache-2.0 */
/* What the tree parser takes the reader takes, unless a name holds an escape or an object has too many members. (The
 * tree parser passes over a NUL behind a number.) */
#include <stdlib.h>
#include <string.h>

#include <json/json.h>
#include <json/reader.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  QY_SCOPED_JSON(tree);
  qy_json_reader in = qy_json_reader_over(qy_view_over(data, size));
  const qy_view value = qy_json_skip(&in);
  qy_json_read_end(&in);
  if (in.at > size || (in.status == QY_OK && (value.size == 0 || value.size > size))) {
    abort();
  }
  const bool odd = size > 0 && (memchr(data, '\\', size) != NULL || memchr(data, 0, size) != NULL);
  if (!odd && qy_json_parse(&tree, qy_view_over(data, size), NULL) == QY_OK && in.status != QY_OK &&
      in.status != QY_ERR_LIMIT) {
    abort();
  }
  return 0;
}
