/* SPDX-License-Identifier: Apache-2.0 */
#include <store/pcs.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <base/limits.h>
#include <base/log.h>

#define ATTEMPTS 4u
#define FIRST_PAUSE_MS 1000u
#define LONGEST_PAUSE_MS 30000u /* a service that wants more is not waited for */
#define TIMEOUT_MS 30000u

/* ---- The service ---- */

/* What is fetched is signed, but who listens would learn what platforms there are, and who answers could hold new
 * documents back. */
static bool is_here(const char *url)
{
  static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
  const char *host = url + strlen("http://");
  const size_t length = host[0] == '[' ? strcspn(host, "]/") + 1 : strcspn(host, ":/?#");
  for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
    if (strlen(hosts[i]) == length && strncasecmp(host, hosts[i], length) == 0) {
      return true;
    }
  }
  return false;
}

static qy_status check_url(const char *url, qy_error *why)
{
  if (strncasecmp(url, "https://", 8) != 0 && strncasecmp(url, "http://", 7) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "the URL of the service does not begin with https://");
  }
  if (strncasecmp(url, "http://", 7) == 0 && !is_here(url)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "http:// is for a service on this very machine; use https:// for any other");
  }
  if (strpbrk(url, "?#@") != NULL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "the URL of the service has a query, a fragment or a user's name in it");
  }
  return QY_OK;
}

/* Operators copy URLs from configuration files, which name API and version too. */
static qy_status take_base(char *out, size_t size, const char *url, qy_error *why)
{
  static const char *const tails[] = {"/sgx/certification/v4", "/tdx/certification/v4", "/sgx/certification/v3"};
  size_t length = strlen(url);
  while (length > 0 && url[length - 1] == '/') {
    length--;
  }
  for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
    const size_t tail = strlen(tails[i]);
    if (length > tail && strncmp(url + length - tail, tails[i], tail) == 0) {
      length -= tail;
      break;
    }
  }
  if (length >= size) {
    return qy_fail(why, QY_ERR_LIMIT, "the URL of the service has %zu characters, at most %zu", length, size - 1);
  }
  memcpy(out, url, length);
  out[length] = '\0';
  return QY_OK;
}

qy_status qy_pcs_open(qy_pcs *out, const qy_pcs_source *source, qy_error *why)
{
  const unsigned timeout_ms = source->timeout_ms == 0 ? TIMEOUT_MS : source->timeout_ms;
  const qy_http_client_config config = {.ca_pem = source->ca_pem,
                                        .system_roots = source->ca_pem.size == 0,
                                        .allow_plain = true, /* of this machine: see check_url() */
                                        .connect_timeout_ms = timeout_ms,
                                        .timeout_ms = timeout_ms,
                                        .max_response_size = QY_MAX_COLLATERAL_SIZE};
  out->source = source;
  QY_TRY(check_url(source->url, why));
  QY_TRY(take_base(out->base, sizeof(out->base), source->url, why));
  return qy_http_client_new(&out->client, &config, why);
}

void qy_pcs_close(qy_pcs *pcs)
{
  qy_http_client_free(&pcs->client);
}

/* ---- One call ---- */

static qy_status fail_answer(const qy_http_answer *answer, const char *what, qy_error *why)
{
  char place[120];
  const char *location = qy_http_answer_header(answer, "Location");
  switch (answer->status) {
  case 301:
  case 302:
  case 303:
  case 307:
  case 308:
    qy_log_escape(place, sizeof(place), location == NULL ? "nowhere" : location);
    return qy_fail(why, QY_ERR_PEER, "%s: the service redirects to %s: redirects are not followed; give its URL", what,
                   place);
  case 400:
    return qy_fail(why, QY_ERR_PEER, "%s: the service takes the request for wrong (400): is its API version 4?", what);
  case 404:
    return qy_fail(why, QY_ERR_NOT_FOUND, "%s: the service has none for this platform (404)", what);
  case 410:
    return qy_fail(why, QY_ERR_PEER, "%s: the service has withdrawn it (410): an old evaluation number, or version",
                   what);
  case 461:
  case 462:
    return qy_fail(why, QY_ERR_NOT_FOUND, "%s: the caching service does not know the platform (%u)", what,
                   answer->status);
  default:
    return qy_http_answer_need_success(answer, what, why);
  }
}

static bool is_busy(unsigned status)
{
  return status == 429 || status == 503;
}

/* What the service asks for, else twice the last pause. */
static unsigned next_pause(const qy_http_answer *answer, unsigned pause_ms)
{
  const char *text = qy_http_answer_header(answer, "Retry-After");
  char *end = NULL;
  const unsigned long seconds = text == NULL || text[0] < '0' || text[0] > '9' ? 0 : strtoul(text, &end, 10);
  if (end == NULL || *end != '\0') {
    return pause_ms; /* none, or a date: the clock of another machine */
  }
  return seconds > LONGEST_PAUSE_MS / 1000 ? LONGEST_PAUSE_MS + 1 : (unsigned)seconds * 1000;
}

static void tell(const qy_pcs *pcs, const char *text)
{
  if (pcs->source->progress != NULL) {
    pcs->source->progress(pcs->source->context, text);
  }
}

static void pause_for(const qy_pcs *pcs, unsigned pause_ms, const char *what)
{
  char text[160];
  struct timespec left = {(time_t)(pause_ms / 1000), (long)(pause_ms % 1000) * 1000000};
  (void)snprintf(text, sizeof(text), "%s: the service is busy, waiting %u.%u s", what, pause_ms / 1000,
                 pause_ms % 1000 / 100);
  tell(pcs, text);
  while (nanosleep(&left, &left) != 0) {
  }
}

qy_status qy_pcs_get_url(qy_http_answer *answer, const qy_pcs *pcs, const char *url, const char *what, qy_error *why)
{
  const qy_http_call call = {.url = url};
  unsigned pause_ms = pcs->source->first_pause_ms == 0 ? FIRST_PAUSE_MS : pcs->source->first_pause_ms;
  tell(pcs, what);
  for (unsigned attempt = 1;; attempt++, pause_ms *= 2) {
    const qy_status status = qy_http_exchange(answer, pcs->client, &call, why);
    if (status != QY_OK) {
      return qy_fail_in(why, status, "%s", what);
    }
    if (!is_busy(answer->status)) {
      break;
    }
    const unsigned wait_ms = next_pause(answer, pause_ms);
    if (wait_ms > LONGEST_PAUSE_MS) {
      return qy_fail(why, QY_ERR_BUSY, "%s: the service is busy (%u) and wants more than %u s: try again later", what,
                     answer->status, LONGEST_PAUSE_MS / 1000);
    }
    if (attempt == ATTEMPTS) {
      return qy_fail(why, QY_ERR_BUSY, "%s: the service is still busy (%u) after %u attempts: try again later", what,
                     answer->status, ATTEMPTS);
    }
    pause_for(pcs, wait_ms, what);
  }
  return answer->status == 200 ? QY_OK : fail_answer(answer, what, why);
}

qy_status qy_pcs_get(qy_http_answer *answer, const qy_pcs *pcs, const char *path, const char *what, qy_error *why)
{
  char url[1536];
  const int length = snprintf(url, sizeof(url), "%s%s", pcs->base, path);
  if (length < 0 || (size_t)length >= sizeof(url)) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: the URL is too long", what);
  }
  return qy_pcs_get_url(answer, pcs, url, what, why);
}
