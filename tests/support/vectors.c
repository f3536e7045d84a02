/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base/encoding.h>
#include <base/file.h>

const char *vectors_folder(void)
{
  static char folder[QY_PATH_SIZE];
  const char *named = getenv("QUOTARY_VECTORS");
  (void)snprintf(folder, sizeof(folder), "%s", named != NULL ? named : QUOTARY_SOURCE_DIR "/../shared/vectors");
  return access(folder, R_OK) == 0 ? folder : NULL;
}

void vectors_need(void)
{
  if (vectors_folder() != NULL) {
    return;
  }
  if (getenv("CI") != NULL) {
    fail_msg("no vectors: set QUOTARY_VECTORS");
  }
  print_message("skipped: no vectors here; set QUOTARY_VECTORS to their folder\n");
  skip();
}

const char *vectors_path(const char *relative)
{
  static char path[QY_PATH_SIZE * 2];
  const char *folder = vectors_folder();
  (void)snprintf(path, sizeof(path), "%s/%s", folder == NULL ? "." : folder, relative);
  return path;
}

void vectors_read(qy_buffer *out, const char *relative)
{
  qy_error why = {0};
  if (qy_file_read(out, vectors_path(relative), &why) != QY_OK) {
    fail_msg("%s", why.message);
  }
}

json_t *vectors_json(const char *relative)
{
  QY_SCOPED_BUFFER(text, 64u << 20);
  json_error_t error;
  vectors_read(&text, relative);
  const size_t length = strlen(relative);
  if (length < 6 || strcmp(relative + length - 6, ".jsonl") != 0) {
    json_t *whole = json_loads(qy_buffer_text(&text), JSON_REJECT_DUPLICATES, &error);
    if (whole == NULL) {
      fail_msg("%s: %s", relative, error.text);
    }
    return whole;
  }
  json_t *lines = json_array();
  char *state = NULL;
  (void)qy_buffer_text(&text);
  for (char *line = strtok_r((char *)text.bytes, "\n", &state); line != NULL; line = strtok_r(NULL, "\n", &state)) {
    json_t *one = json_loads(line, 0, &error);
    if (one == NULL) {
      fail_msg("%s: %s", relative, error.text);
    }
    json_array_append_new(lines, one);
  }
  return lines;
}

void hex_bytes(qy_buffer *out, const char *hex)
{
  qy_hex_decode_append(out, qy_view_text(hex));
  if (out->status != QY_OK) {
    fail_msg("bad hex: %.60s", hex);
  }
}

void vectors_hex(qy_buffer *out, const json_t *object, const char *member)
{
  const char *text = json_string_value(json_object_get(object, member));
  if (text == NULL) {
    fail_msg("no member %s", member);
  }
  hex_bytes(out, text);
}

static qy_status fill(void *context, uint8_t *out, size_t size, qy_error *why)
{
  test_random *random = context;
  (void)why;
  for (size_t i = 0; i < size; i++) {
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    out[i] = (uint8_t)(z ^ (z >> 31));
  }
  return QY_OK;
}

qy_random test_random_source(test_random *state)
{
  return (qy_random){.fill = fill, .context = state};
}
