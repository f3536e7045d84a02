/* SPDX-License-Identifier: Apache-2.0 */
#include <net/http_server.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <base/log.h>
#include <net/http_loop.h>
#include <net/stream.h>
#include <net/tls.h>

#define GRACE_MS 10000u
#define PAUSE_MS 100u
#define BACKLOG 256
#define MAX_HANDLER_THREADS 256u
#define LAST_ROUNDS 4

static struct timeval after(unsigned ms)
{
  return (struct timeval){.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
}

/* ---- On the loop's thread ---- */

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int size,
                      void *context)
{
  (void)listener;
  (void)size;
  qy_http_connection_open(context, fd, address);
}

static void on_accept_error(struct evconnlistener *listener, void *context)
{
  qy_http_server *server = context;
  const struct timeval soon = after(PAUSE_MS);
  qy_log(QY_LOG_WARNING, server->component, "cannot accept: %s", evutil_socket_error_to_string(errno));
  (void)evconnlistener_disable(listener);
  (void)evtimer_add(server->pause, &soon);
}

static void on_pause_over(evutil_socket_t fd, short what, void *context)
{
  qy_http_server *server = context;
  (void)fd;
  (void)what;
  if (server->listener != NULL) {
    (void)evconnlistener_enable(server->listener);
  }
}

static void on_grace_over(evutil_socket_t fd, short what, void *context)
{
  qy_http_server *server = context;
  (void)fd;
  (void)what;
  qy_log(QY_LOG_WARNING, server->component, "%zu connections did not end in time", server->connection_count);
  qy_http_connections_close_all(server);
}

static void begin_stop(qy_http_server *server)
{
  const struct timeval later = after(GRACE_MS);
  server->stopping = true;
  evconnlistener_free(server->listener);
  server->listener = NULL;
  (void)evtimer_add(server->grace, &later);
  qy_http_connections_drain(server);
  if (server->connection_count == 0) {
    (void)event_base_loopbreak(server->base);
  }
}

static void free_jobs(qy_http_server *server, qy_http_job *job)
{
  while (job != NULL) {
    qy_http_job *next = job->next;
    server->body_bytes -= job->body.size;
    if (job->connection != NULL) {
      qy_http_connection_answer(job->connection, job);
    } else {
      qy_http_job_free(job);
    }
    job = next;
  }
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
  qy_http_server *server = context;
  uint64_t count = 0;
  (void)what;
  (void)!read(fd, &count, sizeof(count));
  free_jobs(server, qy_http_pool_collect(&server->pool));
  if (__atomic_load_n(&server->stop_asked, __ATOMIC_ACQUIRE) && !server->stopping) {
    begin_stop(server);
  }
}

static void *run_loop(void *context)
{
  qy_http_server *server = context;
  (void)event_base_loop(server->base, EVLOOP_NO_EXIT_ON_EMPTY);
  /* A stream that was freed with a callback still due lives on until the loop has come round to it. */
  for (int i = 0; i < LAST_ROUNDS; i++) {
    (void)event_base_loop(server->base, EVLOOP_NONBLOCK);
  }
  return NULL;
}

/* ---- Starting ---- */

static unsigned or_default(unsigned value, unsigned otherwise)
{
  return value == 0 ? otherwise : value;
}

static qy_status take_config(qy_http_server *server, const qy_http_server_config *config, qy_error *why)
{
  if (config->component == NULL || config->routes == NULL || config->handler_threads > MAX_HANDLER_THREADS) {
    return qy_fail(why, QY_ERR_ARGUMENT, "HTTP server: a component, routes and at most %u threads are needed",
                   MAX_HANDLER_THREADS);
  }
  server->config = *config;
  server->config.address = NULL;
  server->config.certificates_pem = (qy_view){NULL, 0};
  server->config.private_key_pem = (qy_view){NULL, 0};
  server->config.component = server->component;
  server->config.handler_threads = or_default(config->handler_threads, 4);
  server->config.max_connections = or_default(config->max_connections, 512);
  server->config.request_timeout_ms = or_default(config->request_timeout_ms, 20000);
  server->config.idle_timeout_ms = or_default(config->idle_timeout_ms, 30000);
  server->config.send_timeout_ms = or_default(config->send_timeout_ms, 20000);
  (void)snprintf(server->component, sizeof(server->component), "%s", config->component);
  return QY_OK;
}

typedef union socket_address {
  struct sockaddr any;
  struct sockaddr_in ip4;
  struct sockaddr_in6 ip6;
} socket_address;

static qy_status parse_address(socket_address *out, socklen_t *size, bool *loopback, const char *text, uint16_t port,
                               qy_error *why)
{
  *out = (socket_address){0};
  if (inet_pton(AF_INET, text, &out->ip4.sin_addr) == 1) {
    out->ip4.sin_family = AF_INET;
    out->ip4.sin_port = htons(port);
    *size = sizeof(out->ip4);
    *loopback = ntohl(out->ip4.sin_addr.s_addr) >> 24 == 127;
    return QY_OK;
  }
  if (inet_pton(AF_INET6, text, &out->ip6.sin6_addr) == 1) {
    out->ip6.sin6_family = AF_INET6;
    out->ip6.sin6_port = htons(port);
    *size = sizeof(out->ip6);
    *loopback = IN6_IS_ADDR_LOOPBACK(&out->ip6.sin6_addr);
    return QY_OK;
  }
  return qy_fail(why, QY_ERR_ARGUMENT, "HTTP server: \"%.60s\" is no numeric address", text);
}

static qy_status bind_failed(qy_error *why, const char *address, uint16_t port)
{
  char text[96];
  const qy_status status = errno == EADDRINUSE ? QY_ERR_BUSY : errno == EACCES ? QY_ERR_DENIED : QY_ERR_IO;
  return qy_fail(why, status, "HTTP server: cannot listen at %s port %u: %s", address, port,
                 strerror_r(errno, text, sizeof(text)));
}

static qy_status bind_to(qy_http_server *server, int *fd, const qy_http_server_config *config, qy_error *why)
{
  const char *text = config->address == NULL ? "127.0.0.1" : config->address;
  const int on = 1;
  bool loopback = false;
  socket_address address;
  socklen_t size = 0;
  QY_TRY(parse_address(&address, &size, &loopback, text, config->port, why));
  if (!config->tls && !loopback) {
    return qy_fail(why, QY_ERR_ARGUMENT, "HTTP server: plain HTTP is for loopback only, not for %s", text);
  }
  *fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(*fd, &address.any, size) != 0 || listen(*fd, BACKLOG) != 0 || getsockname(*fd, &address.any, &size) != 0) {
    return bind_failed(why, text, config->port);
  }
  const bool is_ip6 = address.any.sa_family == AF_INET6;
  server->port = ntohs(is_ip6 ? address.ip6.sin6_port : address.ip4.sin_port);
  (void)snprintf(server->url, sizeof(server->url), "%s://%s%s%s:%u", config->tls ? "https" : "http", is_ip6 ? "[" : "",
                 text, is_ip6 ? "]" : "", server->port);
  return QY_OK;
}

static qy_status make_loop(qy_http_server *server, int *fd, qy_error *why)
{
  server->base = event_base_new();
  server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (server->base == NULL || server->wake_fd < 0) {
    return qy_fail(why, QY_ERR_MEMORY, "HTTP server: no event loop");
  }
  server->listener =
      evconnlistener_new(server->base, on_accept, server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, *fd);
  if (server->listener != NULL) {
    *fd = -1; /* the listener's now */
    evconnlistener_set_error_cb(server->listener, on_accept_error);
  }
  server->wake = event_new(server->base, server->wake_fd, EV_READ | EV_PERSIST, on_wake, server);
  server->pause = evtimer_new(server->base, on_pause_over, server);
  server->grace = evtimer_new(server->base, on_grace_over, server);
  if (server->listener == NULL || server->wake == NULL || server->pause == NULL || server->grace == NULL ||
      event_add(server->wake, NULL) != 0) {
    return qy_fail(why, QY_ERR_MEMORY, "HTTP server: no event loop");
  }
  return QY_OK;
}

static void free_event(struct event *event)
{
  if (event != NULL) {
    event_free(event);
  }
}

/* Everything but threads. */
static void free_parts(qy_http_server *server)
{
  if (server->listener != NULL) {
    evconnlistener_free(server->listener);
  }
  free_event(server->wake);
  free_event(server->pause);
  free_event(server->grace);
  if (server->base != NULL) {
    event_base_free(server->base);
  }
  qy_fd_close(&server->wake_fd);
  SSL_CTX_free(server->tls);
  free(server);
}

static qy_status start(qy_http_server *server, const qy_http_server_config *config, qy_error *why)
{
  QY_SCOPED_FD(fd);
  QY_TRY(take_config(server, config, why));
  if (config->tls) {
    QY_TRY(qy_tls_server_context(&server->tls, config->certificates_pem, config->private_key_pem, why));
  }
  QY_TRY(bind_to(server, &fd, config, why));
  QY_TRY(make_loop(server, &fd, why));
  QY_TRY(qy_http_pool_start(&server->pool, server->config.handler_threads, config->context, server->wake_fd, why));
  if (!qy_thread_start(&server->thread, run_loop, server)) {
    qy_http_pool_stop(&server->pool);
    return qy_fail(why, QY_ERR_MEMORY, "HTTP server: cannot start a thread");
  }
  return QY_OK;
}

qy_status qy_http_server_start(qy_http_server **out, const qy_http_server_config *config, qy_error *why)
{
  *out = NULL;
  qy_http_server *server = calloc(1, sizeof(*server));
  if (server == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "HTTP server");
  }
  server->wake_fd = -1;
  const qy_status status = start(server, config, why);
  if (status != QY_OK) {
    free_parts(server);
    return status;
  }
  *out = server;
  return QY_OK;
}

uint16_t qy_http_server_port(const qy_http_server *server)
{
  return server->port;
}

const char *qy_http_server_url(const qy_http_server *server)
{
  return server->url;
}

/* ---- Stopping ---- */

void qy_http_server_stop(qy_http_server *server)
{
  const int kept = errno; /* may run in a signal handler */
  const uint64_t one = 1;
  __atomic_store_n(&server->stop_asked, true, __ATOMIC_RELEASE);
  (void)!write(server->wake_fd, &one, sizeof(one));
  errno = kept;
}

void qy_http_server_wait(qy_http_server *server)
{
  if (server->joined) {
    return;
  }
  server->joined = true;
  (void)pthread_join(server->thread, NULL);
  qy_http_pool_stop(&server->pool);
}

void qy_http_server_free(qy_http_server **server)
{
  if (*server != NULL) {
    qy_http_server_stop(*server);
    qy_http_server_wait(*server);
    free_parts(*server);
    *server = NULL;
  }
}
