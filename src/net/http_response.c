/* SPDX-License-Identifier: Apache-2.0 */
#include <net/http_response.h>

#include <string.h>
#include <time.h>

#include <event2/util.h>

#include <base/limits.h>
#include <json/json.h>

static const struct {
  unsigned status;
  const char *text;
} reasons[] = {{200, "OK"},
               {201, "Created"},
               {202, "Accepted"},
               {204, "No Content"},
               {304, "Not Modified"},
               {400, "Bad Request"},
               {401, "Unauthorized"},
               {403, "Forbidden"},
               {404, "Not Found"},
               {405, "Method Not Allowed"},
               {408, "Request Timeout"},
               {409, "Conflict"},
               {410, "Gone"},
               {411, "Length Required"},
               {413, "Content Too Large"},
               {414, "URI Too Long"},
               {415, "Unsupported Media Type"},
               {417, "Expectation Failed"},
               {422, "Unprocessable Content"},
               {429, "Too Many Requests"},
               {431, "Request Header Fields Too Large"},
               {500, "Internal Server Error"},
               {501, "Not Implemented"},
               {502, "Bad Gateway"},
               {503, "Service Unavailable"},
               {504, "Gateway Timeout"},
               {505, "HTTP Version Not Supported"}};

static const char *reason_of(unsigned status)
{
  for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
    if (reasons[i].status == status) {
      return reasons[i].text;
    }
  }
  return "Unknown"; /* clients go by the number */
}

void qy_http_response_init(qy_http_response *response)
{
  *response = (qy_http_response){0};
  qy_buffer_init(&response->body, QY_HTTP_MAX_RESPONSE);
  qy_buffer_init(&response->fields, QY_MAX_HTTP_HEADERS);
}

void qy_http_response_clear(qy_http_response *response)
{
  qy_buffer_clear(&response->body);
  qy_buffer_clear(&response->fields);
}

static bool breaks_a_line(const char *text)
{
  for (; *text != '\0'; text++) {
    if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f) {
      return true;
    }
  }
  return false;
}

void qy_http_response_header(qy_http_response *response, const char *name, const char *value)
{
  if (name[0] == '\0' || strpbrk(name, ": \t") != NULL || breaks_a_line(name) || breaks_a_line(value)) {
    response->fields.status = QY_ERR_MALFORMED;
    return;
  }
  qy_buffer_append_text(&response->fields, name);
  qy_buffer_append_text(&response->fields, ": ");
  qy_buffer_append_text(&response->fields, value);
  qy_buffer_append_text(&response->fields, "\r\n");
}

void qy_http_response_problem(qy_http_response *response, unsigned status, qy_status cause, const char *detail)
{
  qy_http_response_clear(response);
  qy_http_response_init(response);
  response->status = status;
  response->content_type = "application/problem+json";
  QY_SCOPED_JSON(problem);
  problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title", qy_status_text(cause), "status",
                      (int)status, "code", qy_status_name(cause));
  if (detail != NULL && problem != NULL) {
    (void)json_object_set_new(problem, "detail", qy_json_new_text(detail));
  }
  if (qy_json_print(&response->body, problem, false, NULL) != QY_OK) {
    response->content_type = NULL;
    qy_buffer_clear(&response->body); /* the status alone has to do */
  }
}

unsigned qy_http_status_of(qy_status cause)
{
  switch (cause) {
  case QY_OK:
    return 200;
  case QY_ERR_TRUNCATED:
  case QY_ERR_MALFORMED:
  case QY_ERR_UNSUPPORTED:
    return 400;
  case QY_ERR_REFUSED:
  case QY_ERR_DENIED:
    return 403;
  case QY_ERR_NOT_FOUND:
    return 404;
  case QY_ERR_SEQUENCE:
  case QY_ERR_EXISTS:
    return 409;
  case QY_ERR_LIMIT:
    return 413;
  case QY_ERR_PEER:
    return 502;
  case QY_ERR_BUSY:
    return 503;
  case QY_ERR_TIMEOUT:
    return 504;
  default:
    return 500;
  }
}

void qy_http_response_fail(qy_http_response *response, qy_status cause, const qy_error *why)
{
  const unsigned status = qy_http_status_of(cause);
  const bool fault_of_client = status >= 400 && status < 500;
  qy_http_response_problem(response, cause == QY_OK ? 500 : status, cause == QY_OK ? QY_ERR_INTERNAL : cause,
                           fault_of_client && why != NULL ? why->message : NULL);
}

static bool has_body(unsigned status)
{
  return status != 204 && status != 304;
}

void qy_http_response_settle(qy_http_response *response)
{
  if (response->status < 200 || response->status > 599 || response->body.status != QY_OK ||
      response->fields.status != QY_OK || (response->content_type != NULL && breaks_a_line(response->content_type))) {
    qy_http_response_problem(response, 500, QY_ERR_INTERNAL, NULL);
  }
  if (!has_body(response->status)) {
    qy_buffer_clear(&response->body);
  }
}

void qy_http_response_write_head(qy_buffer *out, const qy_http_response *response, bool keep_alive)
{
  char date[64] = "";
  const time_t now = time(NULL);
  struct tm parts;
  qy_buffer_appendf(out, "HTTP/1.1 %u %s\r\n", response->status, reason_of(response->status));
  if (gmtime_r(&now, &parts) != NULL && evutil_date_rfc1123(date, sizeof(date), &parts) > 0) {
    qy_buffer_appendf(out, "Date: %s\r\n", date);
  }
  if (response->content_type != NULL && has_body(response->status)) {
    qy_buffer_appendf(out, "Content-Type: %s\r\n", response->content_type);
  }
  if (has_body(response->status)) {
    qy_buffer_appendf(out, "Content-Length: %zu\r\n", response->body.size);
  }
  if (!keep_alive) {
    qy_buffer_append_text(out, "Connection: close\r\n");
  }
  qy_buffer_append(out, response->fields.bytes, response->fields.size);
  qy_buffer_append_text(out, "\r\n");
}
