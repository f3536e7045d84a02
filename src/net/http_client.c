/* SPDX-License-Identifier: Apache-2.0 */
#include <net/http_client.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <base/limits.h>
#include <base/secret.h>

#define DEFAULT_CONNECT_MS 10000u
#define DEFAULT_TIMEOUT_MS 60000u
#define DEFAULT_MAX_RESPONSE ((size_t)1 << 20)
#define MAX_CA_SIZE ((size_t)1 << 20)
#define MAX_URL 8192u /* characters */

struct qy_http_client {
  CURL *handle;
  qy_buffer ca_pem;
  bool system_roots;
  bool allow_plain;
  char *proxy; /* "" is none */
  unsigned connect_timeout_ms;
  unsigned timeout_ms;
  size_t max_response_size;
};

/* ---- The client ---- */

static void initialise(void)
{
  (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

void qy_http_client_free(qy_http_client **client)
{
  if (*client != NULL) {
    curl_easy_cleanup((*client)->handle);
    qy_buffer_clear(&(*client)->ca_pem);
    free((*client)->proxy);
    free(*client);
    *client = NULL;
  }
}

static qy_status fill_client(qy_http_client *client, const qy_http_client_config *config, qy_error *why)
{
  qy_buffer_append(&client->ca_pem, config->ca_pem.bytes, config->ca_pem.size);
  QY_TRY(qy_buffer_finish(&client->ca_pem, "HTTP client: roots", why));
  client->system_roots = config->system_roots;
  client->allow_plain = config->allow_plain;
  client->connect_timeout_ms = config->connect_timeout_ms == 0 ? DEFAULT_CONNECT_MS : config->connect_timeout_ms;
  client->timeout_ms = config->timeout_ms == 0 ? DEFAULT_TIMEOUT_MS : config->timeout_ms;
  client->max_response_size = config->max_response_size == 0 ? DEFAULT_MAX_RESPONSE : config->max_response_size;
  client->proxy = strdup(config->proxy == NULL ? "" : config->proxy);
  client->handle = curl_easy_init();
  if (client->handle == NULL || client->proxy == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "HTTP client");
  }
  return QY_OK;
}

qy_status qy_http_client_new(qy_http_client **out, const qy_http_client_config *config, qy_error *why)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT; /* libcurl's own state is the process's */
  *out = NULL;
  if (config->system_roots && config->ca_pem.size > 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "HTTP client: the system's roots or roots of one's own, not both");
  }
  (void)pthread_once(&once, initialise);
  QY_SCOPED_HTTP_CLIENT(client);
  client = calloc(1, sizeof(*client));
  if (client == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "HTTP client");
  }
  qy_buffer_init(&client->ca_pem, MAX_CA_SIZE);
  QY_TRY(fill_client(client, config, why));
  *out = client;
  client = NULL;
  return QY_OK;
}

/* ---- What is sent ---- */

static bool is_plain_line(const char *text)
{
  for (; *text != '\0'; text++) {
    if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f) {
      return false;
    }
  }
  return true;
}

static void free_list(struct curl_slist **list)
{
  for (struct curl_slist *at = *list; at != NULL; at = at->next) {
    qy_wipe(at->data, strlen(at->data)); /* it may carry a key */
  }
  curl_slist_free_all(*list);
  *list = NULL;
}
#define SCOPED_LIST(name) __attribute__((cleanup(free_list))) struct curl_slist *name = NULL

static bool add_line(struct curl_slist **list, const char *name, const char *value)
{
  QY_SCOPED_BUFFER(line, QY_MAX_HTTP_HEADERS);
  qy_buffer_append_text(&line, name);
  qy_buffer_append_text(&line, value == NULL ? ":" : value[0] == '\0' ? ";" : ": "); /* libcurl: ":" leaves it out */
  qy_buffer_append_text(&line, value == NULL ? "" : value);
  struct curl_slist *longer = line.status == QY_OK ? curl_slist_append(*list, qy_buffer_text(&line)) : NULL;
  *list = longer == NULL ? *list : longer;
  return longer != NULL;
}

static qy_status build_list(struct curl_slist **list, const qy_http_call *call, qy_error *why)
{
  if (call->content_type != NULL && !is_plain_line(call->content_type)) {
    return qy_fail(why, QY_ERR_ARGUMENT, "HTTP request: a control character in the content type");
  }
  /* Without "Expect: 100-continue", which some proxies answer with 417. */
  bool good = add_line(list, "Expect", NULL) && add_line(list, "Content-Type", call->content_type);
  for (size_t i = 0; good && i < call->field_count; i++) {
    const qy_http_field *field = &call->fields[i];
    if (field->name[0] == '\0' || strpbrk(field->name, ":; \t") != NULL || !is_plain_line(field->name) ||
        !is_plain_line(field->value)) {
      return qy_fail(why, QY_ERR_ARGUMENT, "HTTP request: header %zu would break the message", i);
    }
    good = add_line(list, field->name, field->value);
  }
  return good ? QY_OK : qy_fail(why, QY_ERR_LIMIT, "HTTP request: a header is too long, or no memory");
}

static qy_status check_url(const qy_http_client *client, const char *url, qy_error *why)
{
  const bool plain = strncasecmp(url, "http://", 7) == 0;
  if (!is_plain_line(url) || strlen(url) > MAX_URL) {
    return qy_fail(why, QY_ERR_ARGUMENT, "HTTP request: a URL of %zu characters, or with control characters",
                   strlen(url));
  }
  if (plain && !client->allow_plain) {
    return qy_fail(why, QY_ERR_ARGUMENT, "HTTP request: http:// is not allowed here, only https://");
  }
  if (!plain && strncasecmp(url, "https://", 8) != 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "HTTP request: the URL does not begin with https://");
  }
  if (!plain && !client->system_roots && client->ca_pem.size == 0) {
    return qy_fail(why, QY_ERR_ARGUMENT, "HTTP request: no roots are given to trust a server by");
  }
  return QY_OK;
}

/* ---- What comes back ---- */

void qy_http_answer_init(qy_http_answer *answer)
{
  *answer = (qy_http_answer){0};
  qy_buffer_init(&answer->body, 0);
  qy_buffer_init(&answer->fields, QY_MAX_HTTP_HEADERS);
}

void qy_http_answer_clear(qy_http_answer *answer)
{
  qy_buffer_clear(&answer->body);
  qy_buffer_clear(&answer->fields);
  answer->status = 0;
}

static size_t take_body(char *bytes, size_t one, size_t size, void *context)
{
  qy_http_answer *answer = context;
  (void)one;
  qy_buffer_append(&answer->body, bytes, size);
  return answer->body.status == QY_OK ? size : 0;
}

/* Keeps "name NUL value NUL" of each header. A status line begins anew, as after 100 Continue. */
static size_t take_field(char *bytes, size_t one, size_t size, void *context)
{
  qy_http_answer *answer = context;
  const char *colon = memchr(bytes, ':', size);
  (void)one;
  if (size >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
    qy_buffer_clear(&answer->fields);
    return size;
  }
  if (colon == NULL || memchr(bytes, '\0', size) != NULL) {
    return size;
  }
  const char *from = colon + 1, *to = bytes + size;
  while (from < to && (*from == ' ' || *from == '\t')) {
    from++;
  }
  while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r' || to[-1] == '\n')) {
    to--;
  }
  qy_buffer_append(&answer->fields, bytes, (size_t)(colon - bytes));
  qy_buffer_append(&answer->fields, "", 1);
  qy_buffer_append(&answer->fields, from, (size_t)(to - from));
  qy_buffer_append(&answer->fields, "", 1);
  return answer->fields.status == QY_OK ? size : 0;
}

const char *qy_http_answer_header(const qy_http_answer *answer, const char *name)
{
  const char *at = (const char *)answer->fields.bytes;
  const char *end = at + answer->fields.size;
  const char *value = NULL;
  while (at < end) {
    const char *its_value = at + strlen(at) + 1;
    if (strcasecmp(at, name) == 0) {
      if (value != NULL) {
        return NULL;
      }
      value = its_value;
    }
    at = its_value + strlen(its_value) + 1;
  }
  return value;
}

/* ---- The exchange ---- */

/* libcurl writes the TLS keys of every connection into a file that $SSLKEYLOGFILE names. Not here. */
static CURLcode no_key_log(CURL *handle, void *context, void *user)
{
  (void)handle;
  (void)user;
  SSL_CTX_set_keylog_callback(context, NULL);
  return CURLE_OK;
}

static bool set_security(CURL *handle, const qy_http_client *client, bool plain)
{
  struct curl_blob roots = {.data = client->ca_pem.bytes, .len = client->ca_pem.size, .flags = CURL_BLOB_NOCOPY};
  bool good = curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https") == CURLE_OK &&
              curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
              curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
              curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
              curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, no_key_log) == CURLE_OK &&
              curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
              curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
              /* Both are set, or the environment's would be taken. */
              curl_easy_setopt(handle, CURLOPT_PROXY, plain ? "" : client->proxy) == CURLE_OK &&
              curl_easy_setopt(handle, CURLOPT_NOPROXY, "") == CURLE_OK;
  if (good && !client->system_roots) {
    /* The built-in file and folder of roots would be trusted besides ours. */
    good = curl_easy_setopt(handle, CURLOPT_CAINFO, NULL) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           (plain || curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &roots) == CURLE_OK);
  }
  return good;
}

static bool set_method(CURL *handle, const qy_http_call *call)
{
  const bool has_body = call->body.size > 0;
  const char *method = call->method != NULL ? call->method : has_body ? "POST" : "GET";
  if (strcmp(method, "HEAD") == 0) {
    return curl_easy_setopt(handle, CURLOPT_NOBODY, 1L) == CURLE_OK;
  }
  const bool posts = has_body || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
  return (!posts ||
          (curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.size) == CURLE_OK &&
           curl_easy_setopt(handle, CURLOPT_POSTFIELDS, has_body ? (const char *)call->body.bytes : "") == CURLE_OK)) &&
         curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK;
}

static bool set_exchange(CURL *handle, const qy_http_client *client, const qy_http_call *call,
                         struct curl_slist *fields, qy_http_answer *answer, char *message)
{
  return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, message) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_URL, call->url) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)client->connect_timeout_ms) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)client->timeout_ms) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_HTTPHEADER, fields) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_WRITEDATA, answer) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_field) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_HEADERDATA, answer) == CURLE_OK && set_method(handle, call);
}

/* OpenSSL writes to sockets in a way that can raise SIGPIPE, which libcurl leaves to its users once told not to touch
 * signals. */
static CURLcode perform_without_sigpipe(CURL *handle)
{
  const struct timespec now = {0, 0};
  sigset_t pipe_only, before, pending;
  (void)sigemptyset(&pipe_only);
  (void)sigaddset(&pipe_only, SIGPIPE);
  (void)sigpending(&pending);
  (void)pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
  const CURLcode result = curl_easy_perform(handle);
  if (sigismember(&pending, SIGPIPE) == 0) {
    (void)sigtimedwait(&pipe_only, NULL, &now);
  }
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return result;
}

static const struct {
  CURLcode code;
  qy_status status;
  const char *what;
} failures[] = {{CURLE_COULDNT_RESOLVE_HOST, QY_ERR_IO, "the name of the host is not known"},
                {CURLE_COULDNT_RESOLVE_PROXY, QY_ERR_IO, "the name of the proxy is not known"},
                {CURLE_COULDNT_CONNECT, QY_ERR_IO, "cannot connect"},
                {CURLE_OPERATION_TIMEDOUT, QY_ERR_TIMEOUT, "time-out"},
                {CURLE_PEER_FAILED_VERIFICATION, QY_ERR_CRYPTO, "TLS: the server's certificate is not trusted"},
                {CURLE_SSL_CONNECT_ERROR, QY_ERR_CRYPTO, "TLS: the handshake failed"},
                {CURLE_SSL_CACERT_BADFILE, QY_ERR_CRYPTO, "TLS: the roots cannot be read"},
                {CURLE_SSL_CERTPROBLEM, QY_ERR_CRYPTO, "TLS: certificate"},
                {CURLE_SSL_CIPHER, QY_ERR_CRYPTO, "TLS: no common cipher"},
                {CURLE_WEIRD_SERVER_REPLY, QY_ERR_MALFORMED, "the answer is no HTTP"},
                {CURLE_UNSUPPORTED_PROTOCOL, QY_ERR_MALFORMED, "the answer is no HTTP"},
                {CURLE_URL_MALFORMAT, QY_ERR_ARGUMENT, "the URL is malformed"},
                {CURLE_OUT_OF_MEMORY, QY_ERR_MEMORY, "no memory"}};

static qy_status fail_exchange(const qy_http_client *client, const qy_http_call *call, const qy_http_answer *answer,
                               CURLcode code, const char *message, qy_error *why)
{
  const int shown = (int)strcspn(call->url, "?#"); /* a query may hold what is nobody's business */
  const int length = shown > 100 ? 100 : shown;
  if (answer->body.status == QY_ERR_LIMIT || answer->fields.status == QY_ERR_LIMIT) {
    return qy_fail(why, QY_ERR_LIMIT, "%.*s: the answer is too large: more than %zu bytes", length, call->url,
                   answer->body.status == QY_ERR_LIMIT ? client->max_response_size : answer->fields.limit);
  }
  for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
    if (failures[i].code == code) {
      return qy_fail(why, failures[i].status, "%.*s: %s: %.100s", length, call->url, failures[i].what, message);
    }
  }
  return qy_fail(why, QY_ERR_IO, "%.*s: the connection broke: %.100s", length, call->url, message);
}

qy_status qy_http_exchange(qy_http_answer *answer, qy_http_client *client, const qy_http_call *call, qy_error *why)
{
  char message[CURL_ERROR_SIZE] = "";
  long status = 0;
  SCOPED_LIST(fields);
  qy_http_answer_clear(answer);
  qy_buffer_init(&answer->body, client->max_response_size);
  QY_TRY(check_url(client, call->url, why));
  QY_TRY(build_list(&fields, call, why));
  curl_easy_reset(client->handle); /* keeps the open connections */
  if (!set_security(client->handle, client, strncasecmp(call->url, "http://", 7) == 0) ||
      !set_exchange(client->handle, client, call, fields, answer, message)) {
    return qy_fail(why, QY_ERR_INTERNAL, "HTTP request: libcurl lacks an option");
  }
  const CURLcode code = perform_without_sigpipe(client->handle);
  if (code == CURLE_OK) {
    (void)curl_easy_getinfo(client->handle, CURLINFO_RESPONSE_CODE, &status);
    answer->status = (unsigned)status;
  }
  qy_status result = QY_OK;
  if (code != CURLE_OK || status == 0) {
    result = fail_exchange(client, call, answer, code, message[0] == '\0' ? curl_easy_strerror(code) : message, why);
    qy_http_answer_clear(answer);
  }
  curl_easy_reset(client->handle); /* lets go of the list, the body and the message, which are ours */
  return result;
}
