/* SPDX-License-Identifier: Apache-2.0 */
/* One client's connection: a state machine on a libevent buffer. All of it runs on the loop's thread. */
#include <net/http_loop.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>

#include <base/limits.h>
#include <base/log.h>
#include <net/http_response.h>

#define MAX_BODY_BYTES ((size_t)256 << 20) /* held for all connections together */
#define LINGER_MS 2000u
#define READ_AHEAD 65536u /* bytes of a body that libevent may hold beside ours */

typedef enum connection_state {
  CONNECTION_AWAITS_HEAD,
  CONNECTION_AWAITS_BODY,
  CONNECTION_AWAITS_HANDLER,
  CONNECTION_SENDS,
  CONNECTION_LINGERS /* all is said; reads on, so that a client still writing gets to read the answer */
} connection_state;

struct qy_http_connection {
  qy_http_connection *next;
  qy_http_connection *previous;
  qy_http_server *server;
  struct bufferevent *stream;
  struct event *timer;
  connection_state state;
  bool ready;      /* the TLS handshake is done */
  bool idle;       /* nothing of the next request has come */
  bool peer_ended; /* nothing more will come */
  bool keep_alive; /* after the response that is being sent */
  size_t searched; /* bytes in which no end of the headers was found */
  qy_http_head head;
  const qy_http_route *route;
  qy_buffer body;
  qy_http_job *job; /* while a handler has it */
  char peer[64];
};

static void arm(qy_http_connection *connection, unsigned timeout_ms)
{
  const struct timeval after = {.tv_sec = timeout_ms / 1000, .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000};
  (void)evtimer_add(connection->timer, &after);
}

static void drop_body(qy_http_connection *connection)
{
  connection->server->body_bytes -= connection->body.size;
  qy_buffer_clear(&connection->body);
}

static void close_connection(qy_http_connection *connection)
{
  qy_http_server *server = connection->server;
  if (connection->previous == NULL) {
    server->connections = connection->next;
  } else {
    connection->previous->next = connection->next;
  }
  if (connection->next != NULL) {
    connection->next->previous = connection->previous;
  }
  if (connection->job != NULL) {
    connection->job->connection = NULL; /* the handler goes on, and nobody will read what it says */
  }
  event_free(connection->timer);
  bufferevent_free(connection->stream); /* closes the socket too */
  drop_body(connection);
  qy_http_head_clear(&connection->head);
  free(connection);
  server->connection_count--;
  if (server->stopping && server->connection_count == 0) {
    (void)event_base_loopbreak(server->base);
  }
}

/* ---- Sending ---- */

static void free_sent(const void *bytes, size_t size, void *context)
{
  qy_buffer *sent = context;
  (void)bytes;
  (void)size;
  qy_buffer_clear(sent); /* wipes */
  free(sent);
}

/* Hands the buffer over to the stream without a copy, so that it is wiped once it is sent. */
static bool send_buffer(qy_http_connection *connection, qy_buffer *buffer)
{
  if (buffer->size == 0) {
    return true;
  }
  qy_buffer *sent = malloc(sizeof(*sent));
  if (sent == NULL) {
    return false;
  }
  *sent = *buffer;
  qy_buffer_init(buffer, buffer->limit);
  if (evbuffer_add_reference(bufferevent_get_output(connection->stream), sent->bytes, sent->size, free_sent, sent) !=
      0) {
    free_sent(NULL, 0, sent);
    return false;
  }
  return true;
}

static void send_response(qy_http_connection *connection, qy_http_response *response, bool keep_alive, bool head_only)
{
  QY_SCOPED_BUFFER(head, 2 * QY_MAX_HTTP_HEADERS);
  connection->state = CONNECTION_SENDS;
  connection->keep_alive = keep_alive && !connection->peer_ended && !connection->server->stopping;
  qy_http_response_settle(response);
  qy_http_response_write_head(&head, response, connection->keep_alive);
  arm(connection, connection->server->config.send_timeout_ms);
  if (head.status != QY_OK || !send_buffer(connection, &head) ||
      (!head_only && !send_buffer(connection, &response->body))) {
    close_connection(connection);
  }
}

/* A refusal of the server's own; the connection ends with it. */
static void refuse(qy_http_connection *connection, unsigned status, qy_status cause, const char *detail,
                   const char *allow)
{
  qy_http_response response;
  (void)bufferevent_disable(connection->stream, EV_READ);
  qy_http_response_init(&response);
  qy_http_response_problem(&response, status, cause, detail);
  if (allow != NULL) {
    qy_http_response_header(&response, "Allow", allow);
  }
  qy_log(QY_LOG_DEBUG, connection->server->component, "%s: refused with %u: %s", connection->peer, status, detail);
  drop_body(connection);
  qy_http_head_clear(&connection->head);
  send_response(connection, &response, false, false);
  qy_http_response_clear(&response);
}

void qy_http_connection_answer(qy_http_connection *connection, qy_http_job *job)
{
  connection->job = NULL;
  qy_log(QY_LOG_DEBUG, connection->server->component, "%s: %s %s: %u", connection->peer, job->head.method,
         job->request.path, job->response.status);
  send_response(connection, &job->response, job->head.keep_alive, strcmp(job->head.method, "HEAD") == 0);
  qy_http_job_free(job);
}

/* ---- Reading ---- */

/* The route, or NULL and the refusal sent. */
static const qy_http_route *find_route(qy_http_connection *connection)
{
  const qy_http_server_config *config = &connection->server->config;
  const qy_http_head *head = &connection->head;
  char allow[160] = "";
  for (size_t i = 0; i < config->route_count; i++) {
    const qy_http_route *route = &config->routes[i];
    if (!qy_http_path_fits(route->path, head->path)) {
      continue;
    }
    const bool is_get = strcmp(route->method, "GET") == 0;
    if (strcmp(route->method, head->method) == 0 || (is_get && strcmp(head->method, "HEAD") == 0)) {
      return route;
    }
    const size_t used = strlen(allow);
    (void)snprintf(allow + used, sizeof(allow) - used, "%s%s%s", used == 0 ? "" : ", ", route->method,
                   is_get ? ", HEAD" : "");
  }
  if (allow[0] != '\0') {
    refuse(connection, 405, QY_ERR_UNSUPPORTED, "this method is not for this path", allow);
  } else {
    refuse(connection, 404, QY_ERR_NOT_FOUND, "no such path", NULL);
  }
  return NULL;
}

static void dispatch(qy_http_connection *connection)
{
  (void)bufferevent_disable(connection->stream, EV_READ);
  (void)evtimer_del(connection->timer);
  qy_http_job *job = qy_http_job_new(connection->route, &connection->head, &connection->body, connection->peer);
  if (job == NULL) {
    refuse(connection, 503, QY_ERR_BUSY, "no memory", NULL);
    return;
  }
  job->connection = connection;
  connection->job = job;
  connection->state = CONNECTION_AWAITS_HANDLER;
  qy_http_pool_push(&connection->server->pool, job);
}

/* False when it was refused, and the connection perhaps closed. */
static bool begin_body(qy_http_connection *connection)
{
  static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  const qy_http_head *head = &connection->head;
  connection->route = find_route(connection);
  if (connection->route == NULL) {
    return false;
  }
  if (head->content_length > connection->route->max_body_size) {
    char detail[96];
    (void)snprintf(detail, sizeof(detail), "a body of %zu bytes, at most %zu", head->content_length,
                   connection->route->max_body_size);
    refuse(connection, 413, QY_ERR_LIMIT, detail, NULL);
    return false;
  }
  qy_buffer_init(&connection->body, head->content_length);
  connection->state = CONNECTION_AWAITS_BODY;
  bufferevent_setwatermark(connection->stream, EV_READ, 0, READ_AHEAD);
  if (head->expects_continue && head->content_length > 0 &&
      evbuffer_get_length(bufferevent_get_input(connection->stream)) == 0) {
    (void)bufferevent_write(connection->stream, go_on, sizeof(go_on) - 1);
  }
  return true;
}

/* The size of the header section with its empty line, or 0 when its end has not come. */
static size_t head_size(qy_http_connection *connection, struct evbuffer *input)
{
  struct evbuffer_ptr from;
  const size_t length = evbuffer_get_length(input);
  const size_t searched = connection->searched < 3 ? 0 : connection->searched - 3;
  if (length < 4 || searched >= length || evbuffer_ptr_set(input, &from, searched, EVBUFFER_PTR_SET) != 0) {
    return 0;
  }
  const struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, &from);
  connection->searched = length;
  return end.pos < 0 ? 0 : (size_t)end.pos + 4;
}

/* True when a body comes next, be it an empty one. */
static bool read_head(qy_http_connection *connection)
{
  struct evbuffer *input = bufferevent_get_input(connection->stream);
  const size_t length = evbuffer_get_length(input);
  unsigned status = 0;
  qy_error why = {0};
  if (length > 0 && connection->idle) {
    connection->idle = false;
    arm(connection, connection->server->config.request_timeout_ms);
  }
  const size_t size = head_size(connection, input);
  if (size > QY_MAX_HTTP_HEADERS || (size == 0 && length >= QY_MAX_HTTP_HEADERS)) {
    refuse(connection, 431, QY_ERR_LIMIT, "the headers are too large", NULL);
    return false;
  }
  if (size == 0) {
    return false;
  }
  QY_SCOPED_BUFFER(text, QY_MAX_HTTP_HEADERS);
  uint8_t *bytes = qy_buffer_extend(&text, size);
  if (bytes == NULL || evbuffer_remove(input, bytes, size) != (int)size) {
    close_connection(connection);
    return false;
  }
  connection->searched = 0;
  const qy_status parsed = qy_http_head_parse(&connection->head, &status, qy_buffer_view(&text), &why);
  if (parsed != QY_OK) {
    refuse(connection, status, parsed, why.message, NULL);
    return false;
  }
  return begin_body(connection);
}

static void read_body(qy_http_connection *connection)
{
  struct evbuffer *input = bufferevent_get_input(connection->stream);
  const size_t missing = connection->head.content_length - connection->body.size;
  const size_t length = evbuffer_get_length(input);
  const size_t part = length < missing ? length : missing;
  if (part > MAX_BODY_BYTES - connection->server->body_bytes) {
    refuse(connection, 503, QY_ERR_BUSY, "too many large requests at once", NULL);
    return;
  }
  uint8_t *bytes = part == 0 ? NULL : qy_buffer_extend(&connection->body, part);
  if (connection->body.status != QY_OK) {
    refuse(connection, 503, QY_ERR_BUSY, "no memory", NULL);
    return;
  }
  connection->server->body_bytes += part;
  if (part > 0 && evbuffer_remove(input, bytes, part) != (int)part) {
    close_connection(connection);
    return;
  }
  if (part == missing) {
    dispatch(connection);
  }
}

static void on_read(struct bufferevent *stream, void *context)
{
  qy_http_connection *connection = context;
  switch (connection->state) {
  case CONNECTION_AWAITS_HEAD:
    if (read_head(connection)) {
      read_body(connection);
    }
    break;
  case CONNECTION_AWAITS_BODY:
    read_body(connection);
    break;
  case CONNECTION_LINGERS:
    (void)evbuffer_drain(bufferevent_get_input(stream), SIZE_MAX);
    break;
  case CONNECTION_AWAITS_HANDLER:
  case CONNECTION_SENDS:
  default:
    break; /* stays in the buffer until this request is answered */
  }
}

/* ---- After the response ---- */

static void linger(qy_http_connection *connection)
{
  SSL *tls = bufferevent_openssl_get_ssl(connection->stream);
  if (connection->peer_ended) {
    close_connection(connection);
    return;
  }
  connection->state = CONNECTION_LINGERS;
  if (tls != NULL) {
    (void)SSL_shutdown(tls); /* tells the client that nothing was cut off */
    ERR_clear_error();
  }
  (void)shutdown(bufferevent_getfd(connection->stream), SHUT_WR);
  arm(connection, LINGER_MS);
  (void)evbuffer_drain(bufferevent_get_input(connection->stream), SIZE_MAX);
  (void)bufferevent_enable(connection->stream, EV_READ);
}

static void on_write(struct bufferevent *stream, void *context)
{
  qy_http_connection *connection = context;
  if (connection->state != CONNECTION_SENDS || evbuffer_get_length(bufferevent_get_output(stream)) > 0) {
    return;
  }
  if (!connection->keep_alive || connection->server->stopping) {
    linger(connection);
    return;
  }
  connection->state = CONNECTION_AWAITS_HEAD;
  connection->idle = true;
  connection->searched = 0;
  bufferevent_setwatermark(stream, EV_READ, 0, QY_MAX_HTTP_HEADERS);
  arm(connection, connection->server->config.idle_timeout_ms);
  (void)bufferevent_enable(stream, EV_READ);
  on_read(stream, connection); /* the next request may be here already */
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
  qy_http_connection *connection = context;
  (void)stream;
  if ((what & BEV_EVENT_CONNECTED) != 0) {
    connection->ready = true;
    return;
  }
  const bool busy = connection->state == CONNECTION_AWAITS_HANDLER || connection->state == CONNECTION_SENDS;
  if ((what & BEV_EVENT_EOF) != 0 && busy) {
    connection->peer_ended = true; /* it may have closed one direction only, and still read */
    return;
  }
  ERR_clear_error();
  close_connection(connection);
}

static void on_time(evutil_socket_t fd, short what, void *context)
{
  qy_http_connection *connection = context;
  (void)fd;
  (void)what;
  const bool asking =
      connection->state == CONNECTION_AWAITS_BODY || (connection->state == CONNECTION_AWAITS_HEAD && !connection->idle);
  if (connection->ready && asking) {
    refuse(connection, 408, QY_ERR_TIMEOUT, "the request did not come in time", NULL);
  } else {
    close_connection(connection);
  }
}

/* ---- Opening and closing ---- */

static void name_peer(char *out, size_t size, const struct sockaddr *address)
{
  char host[INET6_ADDRSTRLEN] = "?";
  if (address->sa_family == AF_INET6) {
    const struct sockaddr_in6 *at = (const struct sockaddr_in6 *)(const void *)address;
    (void)inet_ntop(AF_INET6, &at->sin6_addr, host, sizeof(host));
    (void)snprintf(out, size, "[%s]:%u", host, ntohs(at->sin6_port));
  } else {
    const struct sockaddr_in *at = (const struct sockaddr_in *)(const void *)address;
    (void)inet_ntop(AF_INET, &at->sin_addr, host, sizeof(host));
    (void)snprintf(out, size, "%s:%u", host, ntohs(at->sin_port));
  }
}

/* Owns `fd` from here on, whatever it returns. */
static struct bufferevent *new_stream(qy_http_server *server, evutil_socket_t fd)
{
  const int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
  SSL *tls = server->tls == NULL ? NULL : SSL_new(server->tls);
  struct bufferevent *stream = NULL;
  if (server->tls == NULL) {
    stream = bufferevent_socket_new(server->base, fd, options);
  } else if (tls != NULL) {
    stream = bufferevent_openssl_socket_new(server->base, fd, tls, BUFFEREVENT_SSL_ACCEPTING, options);
  }
  if (stream == NULL) {
    SSL_free(tls);
    (void)evutil_closesocket(fd);
  }
  return stream;
}

void qy_http_connection_open(qy_http_server *server, evutil_socket_t fd, const struct sockaddr *address)
{
  const int on = 1;
  if (server->stopping || server->connection_count >= server->config.max_connections) {
    (void)evutil_closesocket(fd);
    return;
  }
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  qy_http_connection *connection = calloc(1, sizeof(*connection));
  struct bufferevent *stream = new_stream(server, fd);
  struct event *timer = connection == NULL ? NULL : evtimer_new(server->base, on_time, connection);
  if (stream == NULL || timer == NULL) {
    if (stream != NULL) {
      bufferevent_free(stream);
    }
    if (timer != NULL) {
      event_free(timer);
    }
    free(connection);
    return;
  }
  *connection = (qy_http_connection){.next = server->connections,
                                     .server = server,
                                     .stream = stream,
                                     .timer = timer,
                                     .state = CONNECTION_AWAITS_HEAD,
                                     .ready = server->tls == NULL};
  name_peer(connection->peer, sizeof(connection->peer), address);
  qy_buffer_init(&connection->body, 0);
  if (server->connections != NULL) {
    server->connections->previous = connection;
  }
  server->connections = connection;
  server->connection_count++;
  bufferevent_setcb(stream, on_read, on_write, on_event, connection);
  bufferevent_setwatermark(stream, EV_READ, 0, QY_MAX_HTTP_HEADERS);
  arm(connection, server->config.request_timeout_ms);
  (void)bufferevent_enable(stream, EV_READ | EV_WRITE);
}

void qy_http_connections_drain(qy_http_server *server)
{
  for (qy_http_connection *connection = server->connections; connection != NULL;) {
    qy_http_connection *next = connection->next;
    if (connection->state == CONNECTION_AWAITS_HEAD || connection->state == CONNECTION_AWAITS_BODY) {
      close_connection(connection);
    }
    connection = next;
  }
}

void qy_http_connections_close_all(qy_http_server *server)
{
  for (qy_http_connection *connection = server->connections; connection != NULL;) {
    qy_http_connection *next = connection->next;
    close_connection(connection);
    connection = next;
  }
}
