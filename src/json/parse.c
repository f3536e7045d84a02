/* SPDX-License-Identifier: Apache-2.0 */
#include <json/json.h>

#include <string.h>

#include <base/limits.h>

void qy_json_drop(json_t **value)
{
  json_decref(*value);
  *value = NULL;
}

/* jansson's own bound on depth is fixed when it is built, and generous; this looks at brackets outside of texts. */
static qy_status check_depth(qy_view text, qy_error *why)
{
  size_t depth = 0;
  bool in_text = false;
  for (size_t i = 0; i < text.size; i++) {
    const uint8_t c = text.bytes[i];
    if (in_text) {
      if (c == '\\') {
        i++;
      }
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > QY_MAX_JSON_DEPTH) {
        return qy_fail(why, QY_ERR_LIMIT, "JSON: more than %u levels at byte %zu", QY_MAX_JSON_DEPTH, i);
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      depth--;
    }
  }
  return QY_OK;
}

qy_status qy_json_parse(json_t **out, qy_view text, qy_error *why)
{
  json_error_t error;
  *out = NULL;
  if (text.size > QY_MAX_JSON_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "JSON: %zu bytes, at most %u", text.size, QY_MAX_JSON_SIZE);
  }
  if (text.size == 0) {
    return qy_fail(why, QY_ERR_MALFORMED, "JSON: the text is empty");
  }
  const uint8_t *nul = memchr(text.bytes, 0, text.size);
  if (nul != NULL) { /* no JSON has one, but jansson passes over that behind a number or a word */
    return qy_fail(why, QY_ERR_MALFORMED, "JSON: a NUL at byte %zu", (size_t)(nul - text.bytes));
  }
  QY_TRY(check_depth(text, why));
  *out = json_loadb((const char *)text.bytes, text.size, JSON_REJECT_DUPLICATES, &error);
  if (*out == NULL) {
    return qy_fail(why, json_error_code(&error) == json_error_out_of_memory ? QY_ERR_MEMORY : QY_ERR_MALFORMED,
                   "JSON: line %d, column %d: %s", error.line, error.column, error.text);
  }
  return QY_OK;
}

static int append_printed(const char *bytes, size_t size, void *context)
{
  qy_buffer *out = context;
  qy_buffer_append(out, bytes, size);
  return out->status == QY_OK ? 0 : -1;
}

qy_status qy_json_print(qy_buffer *out, const json_t *value, bool indented, qy_error *why)
{
  if (value == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "JSON: nothing to print");
  }
  const size_t flags = JSON_ENCODE_ANY | (indented ? JSON_INDENT(2) : JSON_COMPACT);
  const int failed = json_dump_callback(value, append_printed, out, flags);
  if (indented) {
    qy_buffer_append(out, "\n", 1);
  }
  QY_TRY(qy_buffer_finish(out, "JSON", why));
  return failed == 0 ? QY_OK : qy_fail(why, QY_ERR_MEMORY, "JSON: cannot be printed");
}
