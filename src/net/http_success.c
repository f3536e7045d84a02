/* SPDX-License-Identifier: Apache-2.0 */
#include <net/http_client.h>

#include <string.h>
#include <strings.h>

#include <base/log.h>
#include <json/json.h>

/* The detail of a problem+json answer (RFC 9457), fit for a message; "" if there is none. */
static void take_detail(char *out, size_t size, const qy_http_answer *answer)
{
  static const char problem_type[] = "application/problem+json";
  const char *type = qy_http_answer_header(answer, "Content-Type");
  const char *detail = NULL;
  QY_SCOPED_JSON(problem);
  out[0] = '\0';
  if (type != NULL && strncasecmp(type, problem_type, sizeof(problem_type) - 1) == 0 &&
      qy_json_parse(&problem, qy_buffer_view(&answer->body), NULL) == QY_OK &&
      (qy_json_text(&detail, problem, "detail", "problem", NULL) == QY_OK ||
       qy_json_text(&detail, problem, "title", "problem", NULL) == QY_OK)) {
    qy_log_escape(out, size, detail);
  }
}

static qy_status status_of(unsigned http_status)
{
  switch (http_status) {
  case 401:
  case 403:
    return QY_ERR_DENIED;
  case 404:
    return QY_ERR_NOT_FOUND;
  case 429:
  case 503:
    return QY_ERR_BUSY;
  default:
    return QY_ERR_PEER;
  }
}

qy_status qy_http_answer_need_success(const qy_http_answer *answer, const char *what, qy_error *why)
{
  char detail[160];
  if (answer->status >= 200 && answer->status <= 299) {
    return QY_OK;
  }
  take_detail(detail, sizeof(detail), answer);
  return qy_fail(why, status_of(answer->status), "%s: answered %u%s%s", what, answer->status,
                 detail[0] == '\0' ? "" : ": ", detail);
}
