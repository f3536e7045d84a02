/* SPDX-License-Identifier: Apache-2.0 */
/* What a client names: the secret in the query of a request's target, and the session in its path. A name that is taken
 * leads to one file below the folder, whatever it says. */
#include <stdlib.h>
#include <string.h>

#include <broker/broker.h>
#include <net/http_head.h>
#include <net/http_server.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *name)
{
  if (qy_broker_name_check(name, NULL, NULL) != QY_OK) {
    return;
  }
  const size_t size = strlen(name);
  if (size == 0 || name[0] == '/' || name[size - 1] == '/' || strstr(name, "//") != NULL || strchr(name, '.') != NULL ||
      strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-/") != size) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char value[160], text[512];
  const size_t used = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
  memcpy(text, data, used);
  text[used] = '\0';
  check_name(text);
  const qy_http_request request = {.path = text, .query = text, .route = "/ra/v1/sessions/*/msg3"};
  if (qy_http_request_query(value, sizeof(value), &request, "secret", NULL) == QY_OK) {
    check_name(value);
  }
  if (qy_http_path_fits(request.route, text) &&
      qy_http_request_segment(value, sizeof(value), &request, 0, NULL) == QY_OK &&
      (value[0] == '\0' || strchr(value, '/') != NULL)) {
    abort();
  }
  return 0;
}
