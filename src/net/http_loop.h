/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what the loop's thread owns. */
#ifndef QY_NET_HTTP_LOOP_H
#define QY_NET_HTTP_LOOP_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/ssl.h>

#include <net/http_pool.h>
#include <net/http_server.h>

typedef struct qy_http_connection qy_http_connection;

struct qy_http_server {
  char component[32];
  char url[80];
  uint16_t port;
  qy_http_server_config config; /* with the defaults filled in; its texts and views are not kept */
  SSL_CTX *tls;                 /* NULL: plain */
  struct event_base *base;
  struct evconnlistener *listener;
  struct event *wake;
  struct event *pause; /* lets the listener rest when there is no descriptor left to accept with */
  struct event *grace; /* ends what does not end by itself after a stop */
  int wake_fd;
  bool stop_asked; /* atomic */
  bool stopping;
  bool joined;
  pthread_t thread;
  qy_http_pool pool;
  qy_http_connection *connections; /* a list */
  size_t connection_count;
  size_t body_bytes; /* held for all requests together */
};

/* Takes the descriptor over. */
void qy_http_connection_open(qy_http_server *server, evutil_socket_t fd, const struct sockaddr *address);
/* Sends what the handler made, and frees the job. */
void qy_http_connection_answer(qy_http_connection *connection, qy_http_job *job);
/* Closes what waits for a request; what is being handled or sent may finish. */
void qy_http_connections_drain(qy_http_server *server);
void qy_http_connections_close_all(qy_http_server *server);

#endif
