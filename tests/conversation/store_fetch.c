/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral fetched from the simulated endorser, which serves it as Intel does; then the same answers from a server
 * that is slow, gone, lying, huge, or sends elsewhere: each says what it is, and nothing is lost from the store. */
#include "endorser_dcap_support.h"
#include "net_server.h"
#include "service_thread.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include <base/encoding.h>
#include <base/log.h>
#include <registry/dcap.h>
#include <store/fetch.h>

#define SGX4 "/sgx/certification/v4/"
#define PAUSE_MS 5
#define TIMEOUT_MS 400

/* ---- The answers that there are ---- */

typedef struct answer {
  const char *path; /* with its query */
  const char *chain_header;
  unsigned status;
  qy_buffer body;
  char *chain; /* as the header has it */
} answer;

enum { TCB = 0, OTHER_TCB, IDENTITY, PCK_CRL, ROOT_CRL, ANSWERS };
static answer answers[ANSWERS] = {[TCB] = {SGX4 "tcb?fmspc=5153494d0002", "TCB-Info-Issuer-Chain"},
                                  [OTHER_TCB] = {SGX4 "tcb?fmspc=5153494d0001", "TCB-Info-Issuer-Chain"},
                                  [IDENTITY] = {SGX4 "qe/identity", "SGX-Enclave-Identity-Issuer-Chain"},
                                  [PCK_CRL] = {SGX4 "pckcrl?ca=platform&encoding=der", "SGX-PCK-CRL-Issuer-Chain"},
                                  [ROOT_CRL] = {SGX4 "rootcacrl", NULL}};

/* ---- A server that misbehaves ---- */

typedef struct bad_server bad_server;
/* Writes what it likes; the connection is closed after. `serve_well` answers as the endorser does. */
typedef void (*behaviour)(bad_server *self, int fd, const char *path);

struct bad_server {
  int fd;
  int stop_fd;
  uint16_t port;
  pthread_t thread;
  _Atomic unsigned requests;
  behaviour behave;
};

static void send_all(int fd, const void *bytes, size_t size)
{
  const char *at = bytes;
  while (size > 0) {
    const ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
    if (sent <= 0) {
      return;
    }
    at += sent;
    size -= (size_t)sent;
  }
}

static void send_text(int fd, const char *text)
{
  send_all(fd, text, strlen(text));
}

static void send_answer(int fd, const char *status, const char *header, const char *value, qy_view body)
{
  QY_SCOPED_BUFFER(text, 1u << 22);
  qy_buffer_appendf(&text, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n", status, body.size);
  if (header != NULL && value != NULL) {
    qy_buffer_appendf(&text, "%s: %s\r\n", header, value);
  }
  qy_buffer_append_text(&text, "\r\n");
  qy_buffer_append(&text, body.bytes, body.size);
  send_all(fd, text.bytes, text.size);
}

static const answer *find_answer(const char *path)
{
  for (size_t i = 0; i < ANSWERS; i++) {
    if (strcmp(answers[i].path, path) == 0) {
      return &answers[i];
    }
  }
  return NULL;
}

static void serve_well(bad_server *self, int fd, const char *path)
{
  const answer *found = find_answer(path);
  (void)self;
  if (found == NULL) {
    send_answer(fd, "404 Not Found", NULL, NULL, qy_view_text(""));
    return;
  }
  send_answer(fd, "200 OK", found->chain_header, found->chain, qy_buffer_view(&found->body));
}

static void serve_one(bad_server *self, int fd)
{
  char request[4096];
  char path[512];
  size_t size = 0;
  while (size < sizeof(request) - 1) {
    const ssize_t got = read(fd, request + size, sizeof(request) - 1 - size);
    if (got <= 0) {
      return;
    }
    size += (size_t)got;
    request[size] = '\0';
    if (strstr(request, "\r\n\r\n") != NULL) {
      break;
    }
  }
  if (sscanf(request, "GET %511s ", path) == 1) {
    self->requests++;
    self->behave(self, fd, path);
  }
}

static void *serve(void *context)
{
  bad_server *self = context;
  struct pollfd wait[2] = {{.fd = self->fd, .events = POLLIN}, {.fd = self->stop_fd, .events = POLLIN}};
  while (poll(wait, 2, -1) >= 0 && wait[1].revents == 0) {
    const int fd = accept(self->fd, NULL, NULL);
    if (fd >= 0) {
      serve_one(self, fd);
      (void)close(fd);
    }
  }
  return NULL;
}

static void start_bad(bad_server *out, behaviour behave)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof(address);
  *out = (bad_server){.behave = behave, .stop_fd = eventfd(0, EFD_CLOEXEC)};
  out->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(out->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
  assert_int_equal(listen(out->fd, 16), 0);
  assert_int_equal(getsockname(out->fd, (struct sockaddr *)&address, &size), 0);
  out->port = ntohs(address.sin_port);
  assert_int_equal(pthread_create(&out->thread, NULL, serve, out), 0);
}

static void stop_bad(bad_server *server)
{
  const uint64_t one = 1;
  assert_int_equal(write(server->stop_fd, &one, sizeof(one)), sizeof(one));
  assert_int_equal(pthread_join(server->thread, NULL), 0);
  (void)close(server->fd);
  (void)close(server->stop_fd);
}

/* ---- The endorser, and a store with what it serves ---- */

typedef struct fixture {
  char folder[QY_PATH_SIZE];
  service_thread service;
  char store_path[QY_PATH_SIZE + 16];
  qy_collateral_store *store;
  qy_buffer root;
  qy_trace trace;
  qy_error why;
} fixture;

static fixture f;
static const qy_collateral_platform server_platform = {.by_platform_ca = true,
                                                       .fmspc = {0x51, 0x53, 0x49, 0x4d, 0x00, 0x02}};

static qy_status run(service_thread *self, qy_error *why)
{
  const qy_endorser_config config = {.folder = self->folder, .ready = service_thread_ready, .context = self};
  return qy_endorser_run(&config, self->stop_fd, why);
}

static void keep_answer(answer *out, qy_http_client *client)
{
  char url[512];
  QY_SCOPED_HTTP_ANSWER(got);
  (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", f.service.port, out->path);
  const qy_http_call call = {.url = url};
  assert_ok(qy_http_exchange(&got, client, &call, &assert_why));
  assert_int_equal(got.status, 200);
  qy_buffer_init(&out->body, 1u << 20);
  qy_buffer_append(&out->body, got.body.bytes, got.body.size);
  if (out->chain_header != NULL) {
    out->chain = strdup(qy_http_answer_header(&got, out->chain_header));
  }
}

static qy_status fetch_from(const char *url, qy_collateral_fetched *out)
{
  const qy_pcs_source source = {
      .url = url, .root = qy_buffer_view(&f.root), .timeout_ms = TIMEOUT_MS, .first_pause_ms = PAUSE_MS};
  f.why = (qy_error){0};
  f.trace.count = 0;
  return qy_collateral_fetch(out, f.store, &source, &server_platform, qy_clock_now_s(), &f.trace, &f.why);
}

static int make(void **state)
{
  const qy_http_client_config config = {.system_roots = true, .allow_plain = true};
  QY_SCOPED_HTTP_CLIENT(client);
  (void)state;
  endorser_make(f.folder);
  service_thread_start(&f.service, run, f.folder);
  assert_ok(qy_http_client_new(&client, &config, &assert_why));
  for (size_t i = 0; i < ANSWERS; i++) {
    keep_answer(&answers[i], client);
  }
  qy_buffer_init(&f.root, 1u << 16);
  read_below(&f.root, f.folder, "public/dcap/root-ca.pem");
  (void)snprintf(f.store_path, sizeof(f.store_path), "%s/kept.db", f.folder);
  assert_ok(qy_collateral_store_open(&f.store, f.store_path, &assert_why));
  return 0;
}

static int unmake(void **state)
{
  (void)state;
  service_thread_stop(&f.service);
  for (size_t i = 0; i < ANSWERS; i++) {
    qy_buffer_clear(&answers[i].body);
    free(answers[i].chain);
  }
  qy_collateral_store_close(&f.store);
  qy_buffer_clear(&f.root);
  scratch_remove(f.folder);
  return 0;
}

static qy_status count_row(void *context, const qy_collateral_row *row, qy_error *why)
{
  (void)row;
  (void)why;
  ++*(size_t *)context;
  return QY_OK;
}

static size_t rows(void)
{
  size_t count = 0;
  assert_ok(qy_collateral_store_each(f.store, count_row, &count, &assert_why));
  return count;
}

static void expect_whole(void)
{
  QY_SCOPED_COLLATERAL_SET(set);
  qy_collateral_found found;
  const qy_collateral_ask ask = {
      .platform = server_platform, .root = qy_buffer_view(&f.root), .at_s = qy_clock_now_s()};
  assert_ok(qy_collateral_store_get(&set, &found, f.store, &ask, &assert_why));
  assert_true(found.complete);
}

/* ---- What goes well ---- */

static void the_endorser_gives_all(void **state)
{
  char url[128];
  qy_collateral_fetched fetched;
  (void)state;
  (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/sgx/certification/v4/", f.service.port);
  if (fetch_from(url, &fetched) != QY_OK) {
    fail_msg("%s", f.why.message);
  }
  assert_int_equal(fetched.kept.added + fetched.kept.known, 7);
  for (size_t i = 0; i < QY_PART_DOCUMENTS; i++) {
    assert_int_equal(fetched.documents[i].lack, QY_LACK_NONE);
  }
  assert_int_equal(fetched.documents[QY_PART_TCB_INFO].number, 16);
  expect_whole();
  assert_int_equal(fetch_from(url, &fetched), QY_OK);
  assert_int_equal(fetched.kept.added, 0);
}

static void evaluations_are_chosen(void **state)
{
  char url[128];
  qy_collateral_fetched fetched;
  qy_collateral_platform platform = server_platform;
  (void)state;
  (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", f.service.port);
  qy_pcs_source source = {.url = url, .root = qy_buffer_view(&f.root), .update = "early"};
  platform.is_tdx = true;
  assert_ok(qy_collateral_fetch(&fetched, f.store, &source, &platform, qy_clock_now_s(), NULL, &assert_why));
  assert_int_equal(fetched.documents[QY_PART_TCB_INFO].number, 17);
  assert_int_equal(fetched.documents[QY_PART_IDENTITY].number, 17);
  source.update = NULL;
  source.evaluation_number = 16;
  assert_ok(qy_collateral_fetch(&fetched, f.store, &source, &platform, qy_clock_now_s(), NULL, &assert_why));
  assert_int_equal(fetched.documents[QY_PART_TCB_INFO].number, 16);
  source.update = "standard";
  assert_int_equal(qy_collateral_fetch(&fetched, f.store, &source, &platform, qy_clock_now_s(), NULL, &f.why),
                   QY_ERR_ARGUMENT);
  source.update = "now";
  source.evaluation_number = 0;
  assert_int_equal(qy_collateral_fetch(&fetched, f.store, &source, &platform, qy_clock_now_s(), NULL, &f.why),
                   QY_ERR_ARGUMENT);
}

/* ---- What does not ---- */

static void say_nothing(bad_server *self, int fd, const char *path)
{
  struct pollfd wait[2] = {{.fd = self->stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLRDHUP}};
  (void)path;
  (void)poll(wait, 2, 5000);
}

static void drip(bad_server *self, int fd, const char *path)
{
  (void)path;
  send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
  for (int i = 0; i < 100; i++) {
    struct pollfd wait[2] = {{.fd = self->stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLRDHUP}};
    send_text(fd, "{");
    if (poll(wait, 2, 30) > 0) {
      return;
    }
  }
}

static void flood(bad_server *self, int fd, const char *path)
{
  static const char block[65536];
  (void)self;
  (void)path;
  send_text(fd, "HTTP/1.1 200 OK\r\nTCB-Info-Issuer-Chain: x\r\n\r\n");
  for (int i = 0; i < 64; i++) {
    send_all(fd, block, sizeof(block));
  }
}

static void flood_headers(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_text(fd, "HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 3000; i++) {
    send_text(fd, "X-Filler: 0123456789012345678901234567890123456789\r\n");
  }
}

static void redirect(bad_server *self, int fd, const char *path)
{
  (void)path;
  char place[64];
  (void)snprintf(place, sizeof(place), "http://127.0.0.1:%u/elsewhere", self->port);
  send_answer(fd, "302 Found", "Location", place, qy_view_text(""));
}

static void close_half_way(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"tcbInfo\":");
  (void)shutdown(fd, SHUT_WR);
}

static void speak_otherwise(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_text(fd, "220 mail.example ESMTP\r\n");
}

static void be_busy(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_answer(fd, "429 Too Many Requests", NULL, NULL, qy_view_text(""));
}

static void be_busy_for_hours(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_answer(fd, "503 Service Unavailable", "Retry-After", "7200", qy_view_text(""));
}

static void know_nothing(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_answer(fd, "404 Not Found", NULL, NULL, qy_view_text(""));
}

static void have_withdrawn(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_answer(fd, "410 Gone", NULL, NULL, qy_view_text(""));
}

static void fail_inside(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_answer(fd, "500 Internal Server Error", NULL, NULL, qy_view_text(""));
}

static void deny(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_answer(fd, "401 Unauthorized", NULL, NULL, qy_view_text(""));
}

static void be_empty(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_answer(fd, "200 OK", "TCB-Info-Issuer-Chain", "x", qy_view_text(""));
}

static void be_a_web_site(bad_server *self, int fd, const char *path)
{
  (void)self;
  (void)path;
  send_answer(fd, "200 OK", NULL, NULL, qy_view_text("<html>log in first</html>"));
}

/* The lie that would pay. */
static void say_another_status(bad_server *self, int fd, const char *path)
{
  const answer *found = find_answer(path);
  (void)self;
  QY_SCOPED_BUFFER(changed, 1u << 20);
  qy_buffer_append(&changed, found->body.bytes, found->body.size);
  char *at = memmem(changed.bytes, changed.size, "OutOfDate", 9);
  if (at != NULL) {
    memcpy(at, "UpToDate ", 9);
  }
  send_answer(fd, "200 OK", found->chain_header, found->chain, qy_buffer_view(&changed));
}

/* A date is moved: the text stays whole, the signature does not. */
static void lie_about_dates(bad_server *self, int fd, const char *path)
{
  const answer *found = find_answer(path);
  (void)self;
  QY_SCOPED_BUFFER(changed, 1u << 20);
  qy_buffer_append(&changed, found->body.bytes, found->body.size);
  char *at = memmem(changed.bytes, changed.size, "\"nextUpdate\":\"20", 15);
  if (at != NULL) {
    at[15] = '9'; /* 2096 */
  }
  send_answer(fd, "200 OK", found->chain_header, found->chain, qy_buffer_view(&changed));
}

static void give_another_platforms(bad_server *self, int fd, const char *path)
{
  serve_well(self, fd, strstr(path, "tcb?") != NULL ? answers[OTHER_TCB].path : path);
}

static void give_another_list(bad_server *self, int fd, const char *path)
{
  const answer *found = find_answer(path);
  (void)self;
  if (found == &answers[PCK_CRL]) {
    QY_SCOPED_BUFFER(changed, 1u << 20);
    qy_buffer_append(&changed, found->body.bytes, found->body.size);
    changed.bytes[changed.size - 1] ^= 1;
    send_answer(fd, "200 OK", found->chain_header, found->chain, qy_buffer_view(&changed));
  } else {
    serve_well(self, fd, path);
  }
}

/* The CA's list under the name of the root's. */
static void swap_lists(bad_server *self, int fd, const char *path)
{
  const answer *found = find_answer(path);
  (void)self;
  if (found == &answers[ROOT_CRL]) {
    send_answer(fd, "200 OK", NULL, NULL, qy_buffer_view(&answers[PCK_CRL].body));
  } else {
    serve_well(self, fd, path);
  }
}

/* All is well but for the last document. */
static void lose_the_root_list(bad_server *self, int fd, const char *path)
{
  serve_well(self, fd, find_answer(path) == &answers[ROOT_CRL] ? "/nothing" : path);
}

static void bad_servers_lose_nothing(void **state)
{
  static const struct {
    behaviour behave;
    qy_status status;
    const char *says;
    qy_check_id check;
  } CASES[] = {
      {say_nothing, QY_ERR_TIMEOUT, "time-out", QY_CHECK_NONE},
      {drip, QY_ERR_TIMEOUT, "time-out", QY_CHECK_NONE},
      {flood, QY_ERR_LIMIT, "too large: more than 2097152 bytes", QY_CHECK_NONE},
      {flood_headers, QY_ERR_LIMIT, "too large: more than 32768 bytes", QY_CHECK_NONE},
      {redirect, QY_ERR_PEER, "/elsewhere: redirects are not followed", QY_CHECK_NONE},
      {close_half_way, QY_ERR_IO, "the connection broke", QY_CHECK_NONE},
      {speak_otherwise, QY_ERR_MALFORMED, "no HTTP", QY_CHECK_NONE},
      {be_busy, QY_ERR_BUSY, "still busy (429) after 4 attempts", QY_CHECK_NONE},
      {be_busy_for_hours, QY_ERR_BUSY, "wants more than 30 s", QY_CHECK_NONE},
      {know_nothing, QY_ERR_NOT_FOUND, "none for this platform (404)", QY_CHECK_NONE},
      {have_withdrawn, QY_ERR_PEER, "withdrawn it (410)", QY_CHECK_NONE},
      {fail_inside, QY_ERR_PEER, "500", QY_CHECK_NONE},
      {deny, QY_ERR_DENIED, "401", QY_CHECK_NONE},
      {be_empty, QY_ERR_MALFORMED, "the answer is empty", QY_CHECK_NONE},
      {be_a_web_site, QY_ERR_MALFORMED, "no header TCB-Info-Issuer-Chain", QY_CHECK_NONE},
      {say_another_status, QY_ERR_REFUSED, "tcb-info", QY_CHECK_TCB_INFO_FORM},
      {lie_about_dates, QY_ERR_REFUSED, "tcb-info-signature", QY_CHECK_TCB_INFO_SIGNATURE},
      {give_another_platforms, QY_ERR_REFUSED, "kept-asked", QY_CHECK_KEPT_ASKED},
      {give_another_list, QY_ERR_REFUSED, "kept-crl-signature", QY_CHECK_KEPT_CRL_SIGNATURE},
      {swap_lists, QY_ERR_REFUSED, "crl-issuer", QY_CHECK_CRL_ISSUER},
      {lose_the_root_list, QY_ERR_IO, "certificates.quotary.invalid/", QY_CHECK_NONE},
  };
  (void)state;
  const size_t before = rows();
  for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
    bad_server server;
    char url[64];
    qy_collateral_fetched fetched;
    start_bad(&server, CASES[i].behave);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", server.port);
    const qy_status status = fetch_from(url, &fetched);
    stop_bad(&server);
    if (status != CASES[i].status || strstr(f.why.message, CASES[i].says) == NULL) {
      fail_msg("case %zu: %s: %s", i, qy_status_name(status), f.why.message);
    }
    const qy_check_record *failed = qy_trace_failed(&f.trace);
    assert_string_equal(qy_check_name(failed == NULL ? QY_CHECK_NONE : failed->id), qy_check_name(CASES[i].check));
    assert_int_equal(fetched.kept.added, 0);
    assert_int_equal(rows(), before);
    expect_whole();
  }
}

/* Busy at first, as Intel's service is on the day of a TCB recovery. */
static void be_busy_at_first(bad_server *self, int fd, const char *path)
{
  if (self->requests % 3 != 0) {
    send_answer(fd, "503 Service Unavailable", "Retry-After", "0", qy_view_text(""));
  } else {
    serve_well(self, fd, path);
  }
}

static void a_busy_service_is_waited_for(void **state)
{
  bad_server server;
  char url[64];
  qy_collateral_fetched fetched;
  (void)state;
  start_bad(&server, be_busy_at_first);
  (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", server.port);
  const qy_status status = fetch_from(url, &fetched);
  stop_bad(&server);
  if (status != QY_OK) {
    fail_msg("%s", f.why.message);
  }
  assert_int_equal(server.requests, 12);
}

static void a_service_that_is_gone(void **state)
{
  bad_server server;
  char url[64];
  qy_collateral_fetched fetched;
  (void)state;
  start_bad(&server, serve_well);
  (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", server.port);
  stop_bad(&server);
  assert_int_equal(fetch_from(url, &fetched), QY_ERR_IO);
  assert_non_null(strstr(f.why.message, "cannot connect"));
  expect_whole();
}

/* ---- TLS ---- */

static void answer_as_kept(void *context, const qy_http_request *request, qy_http_response *response)
{
  char path[512];
  (void)context;
  (void)snprintf(path, sizeof(path), "%s%s%s", request->path, request->query[0] == '\0' ? "" : "?", request->query);
  const answer *found = find_answer(path);
  if (found == NULL) {
    response->status = 404;
    return;
  }
  response->status = 200;
  response->content_type = "application/octet-stream";
  qy_buffer_append(&response->body, found->body.bytes, found->body.size);
  if (found->chain != NULL) {
    qy_http_response_header(response, found->chain_header, found->chain);
  }
}

static void tls_is_verified(void **state)
{
  static const qy_http_route ROUTES[] = {{"GET", SGX4 "*", 0, answer_as_kept}, {"GET", SGX4 "*/*", 0, answer_as_kept}};
  certificates own, strangers;
  char url[64];
  qy_collateral_fetched fetched;
  QY_SCOPED_HTTP_SERVER(server);
  (void)state;
  certificates_make(&own, true, 3600);
  certificates_make(&strangers, true, 3600);
  const qy_http_server_config config = {.component = "test",
                                        .address = "0.0.0.0",
                                        .tls = true,
                                        .certificates_pem = qy_buffer_view(&own.server),
                                        .private_key_pem = qy_buffer_view(&own.key),
                                        .routes = ROUTES,
                                        .route_count = 2};
  assert_ok(qy_http_server_start(&server, &config, &assert_why));
  (void)snprintf(url, sizeof(url), "https://127.0.0.1:%u", qy_http_server_port(server));
  qy_pcs_source source = {.url = url, .root = qy_buffer_view(&f.root), .ca_pem = qy_buffer_view(&own.ca)};
  if (qy_collateral_fetch(&fetched, f.store, &source, &server_platform, qy_clock_now_s(), NULL, &f.why) != QY_OK) {
    fail_msg("%s", f.why.message);
  }
  source.ca_pem = qy_buffer_view(&strangers.ca);
  assert_int_equal(qy_collateral_fetch(&fetched, f.store, &source, &server_platform, qy_clock_now_s(), NULL, &f.why),
                   QY_ERR_CRYPTO);
  assert_non_null(strstr(f.why.message, "not trusted"));
  source.ca_pem = (qy_view){NULL, 0}; /* the system's */
  assert_int_equal(qy_collateral_fetch(&fetched, f.store, &source, &server_platform, qy_clock_now_s(), NULL, &f.why),
                   QY_ERR_CRYPTO);
  source.ca_pem = qy_buffer_view(&own.ca);
  (void)snprintf(url, sizeof(url), "https://127.0.0.2:%u", qy_http_server_port(server));
  assert_int_equal(qy_collateral_fetch(&fetched, f.store, &source, &server_platform, qy_clock_now_s(), NULL, &f.why),
                   QY_ERR_CRYPTO);
  assert_non_null(strstr(f.why.message, "127.0.0.2"));
  expect_whole();
  certificates_clear(&own);
  certificates_clear(&strangers);
}

static void urls_that_will_not_do(void **state)
{
  static const char *const URLS[] = {
      "http://pcs.example",         "ftp://127.0.0.1", "127.0.0.1:8081", "",
      "http://localhost.example/x", "https://a@b",     "https://a/?b",   "http://127.0.0.1.example"};
  qy_collateral_fetched fetched;
  (void)state;
  for (size_t i = 0; i < sizeof(URLS) / sizeof(URLS[0]); i++) {
    assert_int_equal(fetch_from(URLS[i], &fetched), QY_ERR_ARGUMENT);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_endorser_gives_all),   cmocka_unit_test(evaluations_are_chosen),
      cmocka_unit_test(bad_servers_lose_nothing), cmocka_unit_test(a_busy_service_is_waited_for),
      cmocka_unit_test(a_service_that_is_gone),   cmocka_unit_test(tls_is_verified),
      cmocka_unit_test(urls_that_will_not_do),
  };
  qy_log_set_level(QY_LOG_ERROR);
  const int failed = cmocka_run_group_tests(tests, make, unmake);
  endorser_master_remove();
  return failed;
}
