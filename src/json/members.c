/* SPDX-License-Identifier: Apache-2.0 */
#include <json/json.h>

#include <inttypes.h>
#include <string.h>

#include <base/encoding.h>

/* Words of a choice in a message. */
#define WORDS_SIZE 160

static qy_status need(qy_error *why, qy_status status, const char *what, const char *member, const char *needed)
{
  return qy_fail(why, status, "%s: member \"%s\": %s is needed", what, member, needed);
}

bool qy_json_has(const json_t *object, const char *member)
{
  return json_object_get(object, member) != NULL;
}

qy_status qy_json_only_names(const json_t *object, const char *const *names, size_t count, const char *what,
                             qy_error *why)
{
  if (!json_is_object(object)) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: an object is needed", what);
  }
  /* jansson's iteration does not change the object, but its interface is not const. */
  for (void *at = json_object_iter((json_t *)object); at != NULL; at = json_object_iter_next((json_t *)object, at)) {
    const char *name = json_object_iter_key(at);
    size_t i = 0;
    while (i < count && strcmp(names[i], name) != 0) {
      i++;
    }
    if (i == count) {
      return qy_fail(why, QY_ERR_MALFORMED, "%s: member \"%.64s\" is not known here", what, name);
    }
  }
  return QY_OK;
}

qy_status qy_json_text(const char **out, const json_t *object, const char *member, const char *what, qy_error *why)
{
  *out = json_string_value(json_object_get(object, member));
  return *out != NULL ? QY_OK : need(why, QY_ERR_MALFORMED, what, member, "a text");
}

qy_status qy_json_integer(int64_t *out, const json_t *object, const char *member, int64_t least, int64_t most,
                          const char *what, qy_error *why)
{
  const json_t *value = json_object_get(object, member);
  const json_int_t number = json_integer_value(value);
  *out = 0;
  if (!json_is_integer(value) || number < least || number > most) {
    return qy_fail(why, QY_ERR_MALFORMED, "%s: member \"%s\": an integer from %" PRId64 " to %" PRId64 " is needed",
                   what, member, least, most);
  }
  *out = number;
  return QY_OK;
}

qy_status qy_json_boolean(bool *out, const json_t *object, const char *member, const char *what, qy_error *why)
{
  const json_t *value = json_object_get(object, member);
  *out = json_is_true(value);
  return json_is_boolean(value) ? QY_OK : need(why, QY_ERR_MALFORMED, what, member, "true or false");
}

qy_status qy_json_object(const json_t **out, const json_t *object, const char *member, const char *what, qy_error *why)
{
  const json_t *value = json_object_get(object, member);
  *out = json_is_object(value) ? value : NULL;
  return *out != NULL ? QY_OK : need(why, QY_ERR_MALFORMED, what, member, "an object");
}

qy_status qy_json_array(const json_t **out, const json_t *object, const char *member, size_t most, const char *what,
                        qy_error *why)
{
  const json_t *value = json_object_get(object, member);
  *out = NULL;
  if (!json_is_array(value)) {
    return need(why, QY_ERR_MALFORMED, what, member, "an array");
  }
  if (json_array_size(value) > most) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: member \"%s\": %zu elements, at most %zu", what, member,
                   json_array_size(value), most);
  }
  *out = value;
  return QY_OK;
}

qy_status qy_json_choice(size_t *out, const json_t *object, const char *member, const char *const *names, size_t count,
                         const char *what, qy_error *why)
{
  const char *text = json_string_value(json_object_get(object, member));
  char words[WORDS_SIZE] = "one of";
  *out = 0;
  for (size_t i = 0; i < count; i++) {
    if (text != NULL && strcmp(names[i], text) == 0) {
      *out = i;
      return QY_OK;
    }
    const size_t used = strlen(words);
    (void)snprintf(words + used, sizeof(words) - used, "%s \"%s\"", i == 0 ? "" : ",", names[i]);
  }
  return need(why, QY_ERR_MALFORMED, what, member, words);
}

qy_status qy_json_hex(uint8_t *out, size_t size, const json_t *object, const char *member, const char *what,
                      qy_error *why)
{
  const char *text = json_string_value(json_object_get(object, member));
  if (text == NULL || qy_hex_decode(out, size, qy_view_text(text), member, NULL) != QY_OK) {
    memset(out, 0, size);
    return qy_fail(why, QY_ERR_MALFORMED, "%s: member \"%s\": %zu bytes as %zu hex digits are needed", what, member,
                   size, 2 * size);
  }
  return QY_OK;
}

static qy_status bytes_of(qy_buffer *out, const json_t *object, const char *member,
                          void (*decode)(qy_buffer *out, qy_view text), const char *needed, const char *what,
                          qy_error *why)
{
  const char *text = json_string_value(json_object_get(object, member));
  if (text == NULL) {
    return need(why, QY_ERR_MALFORMED, what, member, needed);
  }
  decode(out, qy_view_text(text));
  if (out->status == QY_ERR_LIMIT) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: member \"%s\": more than %zu bytes", what, member, out->limit);
  }
  return out->status == QY_OK ? QY_OK : need(why, out->status, what, member, needed);
}

qy_status qy_json_hex_buffer(qy_buffer *out, const json_t *object, const char *member, const char *what, qy_error *why)
{
  return bytes_of(out, object, member, qy_hex_decode_append, "hex text", what, why);
}

qy_status qy_json_base64(qy_buffer *out, const json_t *object, const char *member, const char *what, qy_error *why)
{
  return bytes_of(out, object, member, qy_base64_decode_append, "base64 text", what, why);
}

qy_status qy_json_time(int64_t *out, const json_t *object, const char *member, const char *what, qy_error *why)
{
  const char *text = json_string_value(json_object_get(object, member));
  *out = 0;
  if (text == NULL || qy_time_parse(out, qy_view_text(text), member, NULL) != QY_OK) {
    *out = 0;
    return need(why, QY_ERR_MALFORMED, what, member, "a time (as 2026-11-23T10:00:00Z)");
  }
  return QY_OK;
}

/* ---- New values ---- */

static json_t *new_encoded(qy_view bytes, size_t limit, void (*append)(qy_buffer *out, qy_view bytes))
{
  QY_SCOPED_BUFFER(text, limit);
  append(&text, bytes);
  return text.status != QY_OK ? NULL : json_string(qy_buffer_text(&text));
}

json_t *qy_json_new_hex(qy_view bytes)
{
  return new_encoded(bytes, 2 * bytes.size, qy_hex_append);
}

json_t *qy_json_new_base64(qy_view bytes)
{
  return new_encoded(bytes, (bytes.size + 2) / 3 * 4, qy_base64_append);
}

json_t *qy_json_new_time(int64_t time_s)
{
  char text[21];
  qy_time_format(text, time_s);
  return json_string(text);
}

json_t *qy_json_new_text(const char *text)
{
  json_t *whole = json_string(text);
  if (whole != NULL || text == NULL) {
    return whole;
  }
  QY_SCOPED_BUFFER(plain, strlen(text));
  for (const char *at = text; *at != '\0'; at++) {
    qy_buffer_append(&plain, (uint8_t)*at < 0x80 ? at : "?", 1);
  }
  return plain.status != QY_OK ? NULL : json_string(qy_buffer_text(&plain));
}
