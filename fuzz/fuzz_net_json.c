/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <json/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void go_through_members(const json_t *value)
{
  const json_t *inside = NULL;
  const char *text = NULL;
  int64_t number = 0;
  bool flag = false;
  uint8_t bytes[4];
  (void)!qy_json_only(value, "it", NULL, "a", "b");
  (void)!qy_json_text(&text, value, "a", "it", NULL);
  (void)!qy_json_integer(&number, value, "a", -5, 5, "it", NULL);
  (void)!qy_json_boolean(&flag, value, "a", "it", NULL);
  (void)!qy_json_hex(bytes, sizeof(bytes), value, "a", "it", NULL);
  (void)!qy_json_time(&number, value, "a", "it", NULL);
  if (qy_json_object(&inside, value, "a", "it", NULL) == QY_OK) {
    go_through_members(inside);
  }
}

/* What is parsed, printed and parsed again is the same, and then prints the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_error why;
  QY_SCOPED_JSON(value);
  QY_SCOPED_JSON(again);
  QY_SCOPED_BUFFER(text, 1 << 24);
  QY_SCOPED_BUFFER(twice, 1 << 24);
  if (qy_json_parse(&value, (qy_view){data, size}, &why) != QY_OK) {
    return 0;
  }
  go_through_members(value);
  if (qy_json_print(&text, value, false, &why) != QY_OK ||
      qy_json_parse(&again, qy_buffer_view(&text), &why) != QY_OK ||
      qy_json_print(&twice, again, false, &why) != QY_OK ||
      !qy_view_equal(qy_buffer_view(&text), qy_buffer_view(&twice))) {
    abort();
  }
  return 0;
}
