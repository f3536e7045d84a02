/* SPDX-License-Identifier: Apache-2.0 */
/* What handlers ask of a request. */
#include <net/http_server.h>

#include <string.h>

#include <net/http_head.h>

const char *qy_http_request_header(const qy_http_request *request, const char *name)
{
  return qy_http_head_find(request->head, name, NULL);
}

qy_status qy_http_request_query(char *out, size_t size, const qy_http_request *request, const char *name, qy_error *why)
{
  const char *value = NULL;
  size_t value_size = 0;
  const size_t name_size = strlen(name);
  out[0] = '\0';
  for (const char *at = request->query; *at != '\0';) {
    const size_t length = strcspn(at, "&");
    if (length >= name_size && memcmp(at, name, name_size) == 0 && (length == name_size || at[name_size] == '=')) {
      if (value != NULL) {
        return qy_fail(why, QY_ERR_MALFORMED, "query: \"%s\" is given twice", name);
      }
      value = length == name_size ? at + length : at + name_size + 1;
      value_size = length == name_size ? 0 : length - name_size - 1;
    }
    at += length + (at[length] == '&' ? 1 : 0);
  }
  if (value == NULL) {
    return qy_fail(why, QY_ERR_NOT_FOUND, "query: \"%s\" is needed", name);
  }
  char decoded[QY_HTTP_MAX_TARGET + 1];
  if (value_size > QY_HTTP_MAX_TARGET || !qy_http_percent_decode(decoded, &value_size, value, value_size)) {
    return qy_fail(why, QY_ERR_MALFORMED, "query: \"%s\" is badly encoded", name);
  }
  if (value_size >= size) {
    return qy_fail(why, QY_ERR_LIMIT, "query: \"%s\" has %zu characters, at most %zu", name, value_size, size - 1);
  }
  memcpy(out, decoded, value_size + 1);
  return QY_OK;
}

qy_status qy_http_request_segment(char *out, size_t size, const qy_http_request *request, size_t index, qy_error *why)
{
  const char *pattern = request->route;
  const char *path = request->path;
  out[0] = '\0';
  for (; *pattern != '\0' && *path != '\0'; pattern++) {
    const size_t length = strcspn(path, "/");
    if (*pattern != '*') {
      path++;
    } else if (index-- > 0) {
      path += length;
    } else if (length >= size) {
      return qy_fail(why, QY_ERR_LIMIT, "path: a segment of %zu characters, at most %zu", length, size - 1);
    } else {
      memcpy(out, path, length);
      out[length] = '\0';
      return QY_OK;
    }
  }
  return qy_fail(why, QY_ERR_ARGUMENT, "path: the pattern %s has no such segment", request->route);
}
