/* SPDX-License-Identifier: Apache-2.0 */
#include "attester_broker.h"
#include "exchange_parties.h"

#include <string.h>

static qy_status answer_msg2(toy_broker *b, qy_view hello, qy_http_response *response)
{
  QY_SCOPED_BUFFER(list, 1u << 16);
  qy_provider provider = b->provider;
  qy_secret other = {.size = 32, .bytes = {[31] = 7}};
  uint32_t group_id = 0;
  size_t size = 0;
  qy_provider_side_begin(&b->side, b->kind);
  QY_TRY(qy_provider_side_msg1(&b->side, &group_id, hello, NULL, &b->why));
  if (b->list_entries != 0) {
    make_sigrl(&list, group_id, b->list_entries);
  }
  if (b->wrong.foreign_signature) {
    provider.private_key = &other;
  }
  QY_TRY(qy_provider_msg2_size(&size, qy_buffer_view(&list), &b->why));
  uint8_t *out = qy_buffer_extend(&response->body, size);
  assert_non_null(out);
  return qy_provider_side_msg2(&b->side, out, size, &size, &provider, qy_buffer_view(&list), qy_random_system(), NULL,
                               &b->why);
}

static void set_location(const toy_broker *b, qy_http_response *response)
{
  char url[512];
  const char *location = b->wrong.location == NULL ? "/ra/v1/sessions/abc" : b->wrong.location;
  if (strncmp(location, "%s", 2) == 0) {
    (void)snprintf(url, sizeof(url), "%s%s", qy_http_server_url(b->server), location + 2);
    location = url;
  }
  if (location[0] != '\0') {
    qy_http_response_header(response, "Location", location);
  }
}

static void handle_keys(void *context, const qy_http_request *request, qy_http_response *response)
{
  const toy_broker *b = context;
  qy_att_key_list list;
  if (b->offered == 0) {
    qy_http_response_problem(response, 404, QY_ERR_NOT_FOUND, NULL);
    return;
  }
  assert_int_equal(request->body.size, QY_MSG0_SIZE);
  assert_true(qy_view_is_zero(request->body));
  qy_evidence_offer(&list, b->offered, b->provider.spid, b->provider.quote_type);
  for (size_t i = 0; b->offers_nonsense && i < list.count; i++) {
    list.ids[i].algorithm_id = 77;
  }
  qy_att_key_list_encode(qy_buffer_extend(&response->body, QY_ATT_KEY_LIST_SIZE(list.count)), &list);
  response->status = 200;
  response->content_type = "application/octet-stream";
}

static void handle_begin(void *context, const qy_http_request *request, qy_http_response *response)
{
  toy_broker *b = context;
  b->begun++;
  assert_ok(qy_http_request_query(b->asked_for, sizeof(b->asked_for), request, "secret", NULL));
  (void)!qy_http_request_query(b->asked_about, sizeof(b->asked_about), request, "evidence", NULL);
  if (b->wrong.begin_status != 0) {
    qy_http_response_problem(response, b->wrong.begin_status, QY_ERR_REFUSED, "because the broker says so");
    return;
  }
  const qy_status status = answer_msg2(b, request->body, response);
  if (status != QY_OK) {
    qy_http_response_fail(response, status, &b->why);
    return;
  }
  response->status = 201;
  response->content_type = b->wrong.content_type == NULL ? "application/octet-stream" : b->wrong.content_type;
  set_location(b, response);
}

static void handle_msg3(void *context, const qy_http_request *request, qy_http_response *response)
{
  static const uint8_t info[QY_PLATFORM_INFO_SIZE] = {1, 2, 3};
  toy_broker *b = context;
  size_t size = 0;
  if (b->wrong.conflicts > 0) {
    b->wrong.conflicts--;
    qy_http_response_problem(response, 409, QY_ERR_SEQUENCE, "the revocation list changed: begin again");
    return;
  }
  qy_status status = qy_provider_side_msg3(&b->side, &b->evidence, &b->provider, request->body, NULL, &b->why);
  if (status == QY_OK) {
    const bool trusted = b->secret != NULL && (b->judge == NULL || b->judge(b->judge_context, &b->evidence));
    const qy_msg4_content content = {.verdict = trusted ? QY_TRUSTED : QY_REFUSED,
                                     .simulated = true,
                                     .platform_info = trusted ? NULL : info,
                                     .secret = qy_view_text(trusted ? b->secret : ""),
                                     .secret_name = qy_view_text(b->asked_for)};
    size = qy_msg4_size(&content);
    uint8_t *out = qy_buffer_extend(&response->body, size);
    assert_non_null(out);
    status = qy_provider_side_msg4(&b->side, out, size, &size, &content, qy_random_system(), NULL, &b->why);
    out[1] ^= b->wrong.damaged_msg4 ? 3 : 0;
  }
  if (status != QY_OK) {
    qy_http_response_fail(response, status, &b->why);
    return;
  }
  response->status = 200;
  response->content_type = "application/octet-stream";
}

static const qy_http_route routes[] = {{"POST", "/ra/v1/keys", QY_MSG0_SIZE, handle_keys},
                                       {"POST", "/ra/v1/sessions", QY_HELLO_SIZE, handle_begin},
                                       {"POST", "/ra/v1/sessions/*/msg3", 1u << 20, handle_msg3}};

void toy_broker_start(toy_broker *broker, const qy_provider *provider)
{
  *broker = (toy_broker){.provider = *provider, .secret = "Jefe"};
  certificates_make(&broker->made, true, 3600);
  qy_http_server_config config = tls_config(&broker->made);
  config.routes = routes;
  config.route_count = sizeof(routes) / sizeof(routes[0]);
  config.context = broker;
  config.handler_threads = 1;
  assert_ok(qy_http_server_start(&broker->server, &config, NULL));
}

void toy_broker_stop(toy_broker *broker)
{
  qy_http_server_free(&broker->server);
  certificates_clear(&broker->made);
  qy_provider_side_clear(&broker->side);
}
