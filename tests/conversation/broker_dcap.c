/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations with a real broker about ECDSA quotes: a certification service of our own behind it, whose root the
 * broker is told; quotes under that root before it. */
#include "broker_world.h"

#include "../unit/dcap_world.h"
#include "../unit/net_server.h"

#include <dirent.h>

#include <base/encoding.h>
#include <json/json.h>
#include <sgx/dcap_make.h>

/* ---- The certification service ---- */

typedef struct pcs {
  pthread_mutex_t lock;
  qy_http_server *server;
  unsigned http_status; /* not 0: answer this */
  unsigned asked;       /* for TCB info */
  qy_buffer tcb_info, identity, pck_crl, root_crl, signing_chain, ca_chain;
} pcs;

typedef struct scene {
  world *with;
  dcap_world *dcap;
  pcs pcs;
} scene;

static void send_part(pcs *service, qy_http_response *response, const qy_buffer *part, const char *header,
                      const qy_buffer *chain)
{
  QY_SCOPED_BUFFER(encoded, 65536);
  (void)pthread_mutex_lock(&service->lock);
  response->status = service->http_status != 0 ? service->http_status : 200;
  if (service->http_status == 0) {
    qy_buffer_append(&response->body, part->bytes, part->size);
    qy_http_encode_append(&encoded, qy_buffer_view(chain));
    qy_http_response_header(response, header, qy_buffer_text(&encoded));
  }
  (void)pthread_mutex_unlock(&service->lock);
}

static void serve_tcb(void *context, const qy_http_request *request, qy_http_response *response)
{
  pcs *service = context;
  (void)request;
  (void)pthread_mutex_lock(&service->lock);
  service->asked++;
  (void)pthread_mutex_unlock(&service->lock);
  send_part(service, response, &service->tcb_info, "TCB-Info-Issuer-Chain", &service->signing_chain);
}

static void serve_identity(void *context, const qy_http_request *request, qy_http_response *response)
{
  pcs *service = context;
  (void)request;
  send_part(service, response, &service->identity, "SGX-Enclave-Identity-Issuer-Chain", &service->signing_chain);
}

static void serve_pck_crl(void *context, const qy_http_request *request, qy_http_response *response)
{
  pcs *service = context;
  (void)request;
  send_part(service, response, &service->pck_crl, "SGX-PCK-CRL-Issuer-Chain", &service->ca_chain);
}

static void serve_root_crl(void *context, const qy_http_request *request, qy_http_response *response)
{
  pcs *service = context;
  (void)request;
  (void)pthread_mutex_lock(&service->lock);
  response->status = service->http_status != 0 ? service->http_status : 200;
  if (service->http_status == 0) {
    qy_hex_append(&response->body, qy_buffer_view(&service->root_crl));
  }
  (void)pthread_mutex_unlock(&service->lock);
}

static const qy_http_route pcs_routes[] = {{"GET", "/sgx/certification/v4/tcb", 0, serve_tcb},
                                           {"GET", "/tdx/certification/v4/tcb", 0, serve_tcb},
                                           {"GET", "/sgx/certification/v4/qe/identity", 0, serve_identity},
                                           {"GET", "/tdx/certification/v4/qe/identity", 0, serve_identity},
                                           {"GET", "/sgx/certification/v4/pckcrl", 0, serve_pck_crl},
                                           {"GET", "/sgx/certification/v4/rootcacrl", 0, serve_root_crl}};

static void copy(qy_buffer *to, const qy_buffer *from)
{
  qy_buffer_clear(to);
  qy_buffer_init(to, 1u << 20);
  qy_buffer_append(to, from->bytes, from->size);
}

/* What the world made is what the service has from now on. */
static void publish(scene *s)
{
  pcs *service = &s->pcs;
  const dcap_world *dcap = s->dcap;
  (void)pthread_mutex_lock(&service->lock);
  copy(&service->tcb_info, &dcap->tcb_info_text);
  copy(&service->identity, &dcap->identity_text);
  copy(&service->pck_crl, &dcap->pck_crl);
  copy(&service->root_crl, &dcap->root_crl);
  copy(&service->signing_chain, &dcap->signing_chain);
  copy(&service->ca_chain, &dcap->pem[CA]);
  qy_buffer_append(&service->ca_chain, dcap->pem[ROOT].bytes, dcap->pem[ROOT].size);
  (void)pthread_mutex_unlock(&service->lock);
}

static void make_and_publish(scene *s)
{
  world_make(s->dcap);
  publish(s);
}

static void answer_with(scene *s, unsigned http_status)
{
  (void)pthread_mutex_lock(&s->pcs.lock);
  s->pcs.http_status = http_status;
  (void)pthread_mutex_unlock(&s->pcs.lock);
}

/* The dates of that world are of a day of its own; the broker's clock is the real one. */
static void make_it_today(dcap_world *dcap)
{
  const int64_t shift_s = qy_clock_now_s() - WORLD_NOW_S;
  world_list *const lists[] = {&dcap->root_list, &dcap->pck_list};
  world_document *const documents[] = {&dcap->tcb_info, &dcap->identity};
  for (size_t i = 0; i < WORLD_CERTIFICATES; i++) {
    dcap->certificates[i].from_s += shift_s;
    dcap->certificates[i].until_s += shift_s;
  }
  for (size_t i = 0; i < 2; i++) {
    lists[i]->from_s += shift_s;
    lists[i]->until_s += shift_s;
    documents[i]->issued_s += shift_s;
    documents[i]->next_update_s += shift_s;
  }
}

/* ---- The broker ---- */

static void configure(const scene *s, const char *limits)
{
  char path[512];
  QY_SCOPED_BUFFER(text, 65536);
  QY_SCOPED_BUFFER(changed, 65536);
  QY_SCOPED_JSON(config);
  (void)snprintf(path, sizeof(path), "%s/broker.json", s->with->folder);
  assert_ok(qy_file_read(&text, path, NULL));
  assert_ok(qy_json_parse(&config, qy_buffer_view(&text), NULL));
  json_object_set_new(config, "collateral_url", json_string(qy_http_server_url(s->pcs.server)));
  json_object_set_new(config, "limits", json_loads(limits, 0, NULL));
  assert_ok(qy_json_print(&changed, config, true, NULL));
  assert_ok(qy_file_write(path, qy_buffer_view(&changed), false, NULL));
  (void)snprintf(path, sizeof(path), "%s/collateral-root.pem", s->with->folder);
  assert_ok(qy_file_write(path, qy_buffer_view(&s->dcap->pem[ROOT]), false, NULL));
}

/* A policy for this world's root, and `rules` of JSON members behind it. */
static void put_policy(const scene *s, const char *name, unsigned version, const char *rules)
{
  char policy[4096], fingerprint[65], other[65];
  uint8_t digest[QY_FINGERPRINT_SIZE];
  qy_error why = {0};
  QY_SCOPED_CERTIFICATE(root);
  assert_ok(qy_certificate_from_pem(&root, qy_buffer_view(&s->dcap->pem[ROOT]), NULL));
  qy_certificate_fingerprint(digest, root);
  qy_hex_encode(fingerprint, QY_VIEW_OF(digest));
  qy_hex_encode(other, QY_VIEW_OF(s->with->service.maker->fingerprint));
  (void)snprintf(policy, sizeof(policy),
                 "{\"policy\":1,\"version\":%u,\"roots\":[{\"simulated\":\"%s\"},{\"simulated\":\"%s\"}],%s}", version,
                 other, fingerprint, rules);
  if (qy_broker_secret_put(s->with->folder, name, qy_view_text(policy), qy_view_text(WORLD_SECRET), &why) != QY_OK) {
    fail_msg("%s", why.message);
  }
}

#define E1 "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1"
#define D7 "7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d7d"
#define ENCLAVE "\"enclave\":{\"mrenclave\":[\"" E1 E1 "\"]}"
#define DOMAIN "\"td\":{\"mrtd\":[\"" D7 D7 D7 "\"]}"
#define UP_TO_DATE "\"tcb_statuses\":[\"UpToDate\"]"

static void open_with(scene *s, const char *limits)
{
  s->with = world_new();
  void *dcap = NULL;
  assert_int_equal(open_world(&dcap), 0);
  s->dcap = dcap;
  world_reset(s->dcap, QY_DCAP_BODY_ENCLAVE);
  s->dcap->keep_authorities = true; /* the broker knows the root to the byte */
  make_it_today(s->dcap);
  (void)pthread_mutex_init(&s->pcs.lock, NULL);
  make_and_publish(s);
  const qy_http_server_config config = {.component = "pcs",
                                        .address = "127.0.0.1",
                                        .routes = pcs_routes,
                                        .route_count = sizeof(pcs_routes) / sizeof(pcs_routes[0]),
                                        .context = &s->pcs,
                                        .handler_threads = 2};
  assert_ok(qy_http_server_start(&s->pcs.server, &config, NULL));
  configure(s, limits);
  put_policy(s, "dcap/both", 1, ENCLAVE "," DOMAIN "," UP_TO_DATE ",\"statuses\":[\"OK\"]");
  put_policy(s, "dcap/enclave", 1, ENCLAVE "," UP_TO_DATE);
  put_policy(s, "dcap/domain", 1, DOMAIN "," UP_TO_DATE);
  world_start(s->with);
}

static scene *scene_new(void)
{
  scene *s = calloc(1, sizeof(*s));
  assert_non_null(s);
  return s;
}

static int open_scene(void **state)
{
  scene *s = scene_new();
  open_with(s, "{\"collateral_max_age_s\":3600,\"report_timeout_ms\":3000}");
  *state = s;
  return 0;
}

/* Collateral is asked for anew after a second. */
static int open_forgetful_scene(void **state)
{
  scene *s = scene_new();
  open_with(s, "{\"collateral_max_age_s\":1,\"report_timeout_ms\":3000}");
  *state = s;
  return 0;
}

static int close_scene(void **state)
{
  scene *s = *state;
  void *dcap = s->dcap;
  world_free(s->with);
  qy_http_server_free(&s->pcs.server);
  qy_buffer *const parts[] = {&s->pcs.tcb_info, &s->pcs.identity,      &s->pcs.pck_crl,
                              &s->pcs.root_crl, &s->pcs.signing_chain, &s->pcs.ca_chain};
  for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
    qy_buffer_clear(parts[i]);
  }
  (void)pthread_mutex_destroy(&s->pcs.lock);
  assert_int_equal(close_world(&dcap), 0);
  free(s);
  return 0;
}

/* ---- An enclave or a trust domain, and its host ---- */

static unsigned open_about(visitor *it, const char *name, const char *evidence)
{
  char path[256];
  (void)snprintf(path, sizeof(path), "/ra/v1/sessions?secret=%s&evidence=%s", name, evidence);
  memset(it->hello, 0, QY_MSG0_SIZE);
  assert_ok(qy_enclave_side_msg1(&it->enclave, it->hello + QY_MSG0_SIZE, 0, &it->random, &it->trace, &it->why));
  const unsigned status = visitor_post(it, path, QY_VIEW_OF(it->hello));
  if (status == 201) {
    (void)snprintf(it->location, sizeof(it->location), "%s", qy_http_answer_header(&it->answer, "Location"));
    qy_buffer_append(&it->msg2, it->answer.body.bytes, it->answer.body.size);
  }
  return status;
}

/* What this host's platform quotes for `report_data`; the service has nothing new of it. */
static void quote_about(scene *s, const uint8_t report_data[QY_REPORT_DATA_SIZE])
{
  memcpy(s->dcap->report.report_data, report_data, QY_REPORT_DATA_SIZE);
  memcpy(s->dcap->td.report_data, report_data, QY_REPORT_DATA_SIZE);
  world_make(s->dcap);
}

/* The platform quotes by itself: no quoting enclave vouches for it to the enclave. */
static void make_msg3(scene *s, visitor *it)
{
  uint8_t head[QY_MSG3_HEAD_SIZE];
  qy_msg2_answer answer;
  assert_int_equal(it->msg2.size, QY_MSG2_HEAD_SIZE); /* no list */
  assert_ok(
      qy_enclave_side_msg2(&it->enclave, &answer, qy_buffer_view(&it->msg2), NULL, &it->random, &it->trace, &it->why));
  quote_about(s, answer.report_data);
  const qy_view quote = qy_buffer_view(&s->dcap->quote);
  assert_ok(qy_enclave_side_msg3_own(&it->enclave, head, quote, &it->trace, &it->why));
  qy_buffer_append(&it->msg3, head, sizeof(head));
  qy_buffer_append(&it->msg3, quote.bytes, quote.size);
}

static unsigned attest_about(scene *s, visitor *it, const char *name, const char *evidence)
{
  const unsigned status = open_about(it, name, evidence);
  if (status != 201) {
    return status;
  }
  make_msg3(s, it);
  return visitor_close(it);
}

static void expect_about(scene *s, uint64_t seed, const char *name, const char *evidence, qy_trust verdict)
{
  visitor *it = visitor_new(s->with, seed, name);
  assert_int_equal(attest_about(s, it, name, evidence), 200);
  assert_int_equal(it->verdict.verdict, verdict);
  assert_true(it->verdict.simulated);
  assert_false(it->verdict.has_platform_info);
  assert_int_equal(it->verdict.has_secret, verdict == QY_TRUSTED);
  if (verdict == QY_TRUSTED) {
    assert_int_equal(it->secret.size, strlen(WORLD_SECRET));
    assert_memory_equal(it->secret.bytes, WORLD_SECRET, it->secret.size);
  }
  visitor_free(it);
}

static void expect_status_about(scene *s, uint64_t seed, const char *evidence, unsigned status)
{
  visitor *it = visitor_new(s->with, seed, "dcap/both");
  assert_int_equal(attest_about(s, it, "dcap/both", evidence), status);
  visitor_free(it);
}

static void become(scene *s, qy_dcap_body_type body_type)
{
  world_reset(s->dcap, body_type);
  make_it_today(s->dcap);
  make_and_publish(s);
}

/* ---- What is released ---- */

static void enclaves_and_trust_domains_get_their_secrets(void **state)
{
  scene *s = *state;
  size_t count = 0;
  expect_about(s, 1, "dcap/both", "sgx", QY_TRUSTED);
  expect_about(s, 2, "dcap/enclave", "sgx", QY_TRUSTED);
  expect_about(s, 3, "dcap/domain", "sgx", QY_REFUSED);
  for (int form = QY_DCAP_BODY_TD_1_0; form <= QY_DCAP_BODY_TD_1_5; form++) {
    become(s, (qy_dcap_body_type)form);
    expect_about(s, 4, "dcap/both", "tdx", QY_TRUSTED);
    expect_about(s, 5, "dcap/domain", "tdx", QY_TRUSTED);
    expect_about(s, 6, "dcap/enclave", "tdx", QY_REFUSED);
  }
  assert_ok(qy_broker_releases_check(&count, s->with->folder, NULL, NULL));
  assert_int_equal(count, 6);
}

static void a_policy_for_epid_alone_takes_no_dcap(void **state)
{
  scene *s = *state;
  expect_released(s->with, 10, WORLD_SECRET_NAME, WORLD_SECRET);
  expect_about(s, 11, WORLD_SECRET_NAME, "sgx", QY_REFUSED);
  become(s, QY_DCAP_BODY_TD_1_5);
  expect_about(s, 12, WORLD_SECRET_NAME, "tdx", QY_REFUSED);
}

static void what_is_not_there_is_refused_like_what_is_denied(void **state)
{
  scene *s = *state;
  expect_about(s, 13, "no/such", "sgx", QY_REFUSED);
  become(s, QY_DCAP_BODY_TD_1_0);
  expect_about(s, 14, "no/such", "tdx", QY_REFUSED);
}

/* ---- Quotes that are of something else ---- */

static void a_quote_of_another_session_is_not_answered(void **state)
{
  scene *s = *state;
  visitor *first = visitor_new(s->with, 20, "dcap/both");
  visitor *second = visitor_new(s->with, 21, "dcap/both");
  assert_int_equal(open_about(first, "dcap/both", "sgx"), 201);
  assert_int_equal(open_about(second, "dcap/both", "sgx"), 201);
  make_msg3(s, first);
  (void)snprintf(first->location, sizeof(first->location), "%s", second->location);
  assert_int_equal(visitor_close(first), 403);
  visitor_free(first);
  visitor_free(second);
}

static void another_kind_of_quote_is_not_answered(void **state)
{
  scene *s = *state;
  static const struct {
    const char *opened;
    qy_dcap_body_type quoted;
  } rows[] = {{"tdx", QY_DCAP_BODY_ENCLAVE}, {"sgx", QY_DCAP_BODY_TD_1_0}, {"sgx", QY_DCAP_BODY_TD_1_5}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    become(s, rows[i].quoted);
    expect_status_about(s, 30 + i, rows[i].opened, 403);
  }
  visitor *it = visitor_new(s->with, 40, "dcap/both"); /* an EPID session for an ECDSA quote */
  assert_int_equal(visitor_open(it, "dcap/both"), 201);
  make_msg3(s, it);
  assert_int_equal(visitor_close(it), 403);
  visitor_free(it);
  it = visitor_new(s->with, 41, "dcap/both"); /* and the other way round */
  assert_int_equal(open_about(it, "dcap/both", "sgx"), 201);
  visitor_quote(it);
  assert_int_equal(visitor_close(it), 403);
  visitor_free(it);
  it = visitor_new(s->with, 42, "dcap/both"); /* a host that names a group */
  assert_int_equal(visitor_open(it, "dcap/both"), 201);
  assert_int_equal(visitor_post(it, "/ra/v1/sessions?secret=dcap/both&evidence=sgx", QY_VIEW_OF(it->hello)), 403);
  visitor_free(it);
}

/* ---- What turns a verdict ---- */

static void a_revoked_certificate_is_refused(void **state)
{
  scene *s = *state;
  expect_about(s, 50, "dcap/both", "sgx", QY_TRUSTED);
  s->dcap->pck_list.revoked = PCK;
  s->dcap->pck_list.from_s += 60;
  make_and_publish(s);
  (void)usleep(1100000);
  expect_about(s, 51, "dcap/both", "sgx", QY_REFUSED);
}

static void an_outdated_platform_is_refused(void **state)
{
  scene *s = *state;
  expect_about(s, 52, "dcap/both", "sgx", QY_TRUSTED);
  memset(s->dcap->components, 4, sizeof(s->dcap->components));
  world_make(s->dcap);
  expect_about(s, 53, "dcap/both", "sgx", QY_REFUSED);
}

static void a_quoting_enclave_without_a_certificate_is_refused(void **state)
{
  scene *s = *state;
  s->dcap->qe_signed_by = STRANGER;
  expect_about(s, 54, "dcap/both", "sgx", QY_REFUSED);
}

/* ---- Collateral ---- */

static void without_collateral_nothing_is_decided(void **state)
{
  scene *s = *state;
  static const unsigned statuses[] = {404, 500, 401};
  for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
    answer_with(s, statuses[i]);
    visitor *it = visitor_new(s->with, 60 + i, "dcap/both");
    assert_int_equal(attest_about(s, it, "dcap/both", "sgx"), 503);
    assert_non_null(strstr(qy_buffer_text(&it->answer.body), "could not be decided"));
    assert_non_null(qy_http_answer_header(&it->answer, "Retry-After"));
    visitor_free(it);
  }
  answer_with(s, 0);
  expect_about(s, 64, "dcap/both", "sgx", QY_TRUSTED);
  answer_with(s, 500);
  (void)usleep(1100000);
  expect_about(s, 65, "dcap/both", "sgx", QY_TRUSTED); /* what is there is still current */
  become(s, QY_DCAP_BODY_TD_1_0);                      /* of which nothing is there */
  expect_status_about(s, 66, "tdx", 503);
  qy_http_server_free(&s->pcs.server);
  expect_status_about(s, 67, "tdx", 503);
}

static void false_or_past_collateral_decides_nothing(void **state)
{
  scene *s = *state;
  s->dcap->tcb_info.signed_by = STRANGER;
  make_and_publish(s);
  expect_status_about(s, 70, "sgx", 503);
  s->dcap->tcb_info.signed_by = SIGNER;
  s->dcap->tcb_info.next_update_s = qy_clock_now_s() - 60;
  make_and_publish(s);
  expect_status_about(s, 71, "sgx", 503);
  s->dcap->tcb_info.next_update_s = qy_clock_now_s() + 86400;
  make_and_publish(s);
  expect_about(s, 72, "dcap/both", "sgx", QY_TRUSTED);
}

/* A quote that names no platform cannot be judged, and costs the service nothing. */
static void a_quote_without_a_chain_decides_nothing(void **state)
{
  scene *s = *state;
  s->dcap->without_chain = true;
  expect_status_about(s, 73, "sgx", 503);
  assert_int_equal(s->pcs.asked, 0);
}

/* So does one of a platform that somebody made up. */
static void what_nobody_vouches_for_asks_for_nothing(void **state)
{
  scene *s = *state;
  s->dcap->certificates[PCK].signed_by = STRANGER;
  expect_about(s, 74, "dcap/both", "sgx", QY_REFUSED);
  expect_about(s, 75, "no/such", "sgx", QY_REFUSED);
  assert_int_equal(s->pcs.asked, 0);
  s->dcap->certificates[PCK].signed_by = CA;
  expect_about(s, 76, "dcap/domain", "sgx", QY_REFUSED); /* by the policy: that costs what any evidence costs */
  assert_int_equal(s->pcs.asked, 1);
}

typedef struct rush {
  visitor *it;
  unsigned status;
} rush;

static void *close_one(void *context)
{
  rush *one = context;
  one->status = visitor_close(one->it);
  return NULL;
}

static void many_at_once_ask_once(void **state)
{
  scene *s = *state;
  rush all[6];
  pthread_t threads[6];
  for (size_t i = 0; i < 6; i++) {
    all[i].it = visitor_new(s->with, 80 + i, "dcap/both");
    assert_int_equal(open_about(all[i].it, "dcap/both", "sgx"), 201);
    make_msg3(s, all[i].it);
  }
  for (size_t i = 0; i < 6; i++) {
    assert_int_equal(pthread_create(&threads[i], NULL, close_one, &all[i]), 0);
  }
  for (size_t i = 0; i < 6; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(all[i].status, 200);
    assert_int_equal(all[i].it->verdict.verdict, QY_TRUSTED);
    visitor_free(all[i].it);
  }
  assert_int_equal(s->pcs.asked, 1);
}

/* ---- The key list ---- */

static void read_list(qy_att_key_list *out, visitor *it, const char *name)
{
  static const uint8_t msg0[QY_MSG0_SIZE] = {0};
  char path[256];
  (void)snprintf(path, sizeof(path), "/ra/v1/keys?secret=%s", name);
  assert_int_equal(visitor_post(it, path, QY_VIEW_OF(msg0)), 200);
  assert_ok(qy_att_key_list_decode(out, qy_buffer_view(&it->answer.body), NULL));
}

static void expect_list(visitor *it, const char *name, unsigned kinds)
{
  qy_att_key_list list, expected;
  read_list(&list, it, name);
  qy_evidence_offer(&expected, kinds, it->world->service.maker->spid, QY_LINKABLE);
  assert_int_equal(list.count, expected.count);
  for (size_t i = 0; i < list.count; i++) {
    assert_memory_equal(&list.ids[i], &expected.ids[i], sizeof(list.ids[i]));
  }
}

static void policies_say_which_keys_are_taken(void **state)
{
  scene *s = *state;
  visitor *it = visitor_new(s->with, 90, "dcap/both");
  const unsigned epid = 1u << QY_EVIDENCE_EPID, sgx = 1u << QY_EVIDENCE_SGX, tdx = 1u << QY_EVIDENCE_TDX;
  expect_list(it, WORLD_SECRET_NAME, epid);
  expect_list(it, "dcap/both", epid | sgx | tdx);
  expect_list(it, "dcap/enclave", sgx);
  expect_list(it, "dcap/domain", tdx);
  put_policy(s, "dcap/domain", 2, DOMAIN "," ENCLAVE "," UP_TO_DATE);
  expect_list(it, "dcap/domain", sgx | tdx);
  visitor_free(it);
}

/* Names that are not there have the lists that others have, each its own, and always the same. */
static void a_list_does_not_tell_whether_there_is_a_secret(void **state)
{
  scene *s = *state;
  qy_att_key_list list, again;
  size_t counts[4] = {0};
  visitor *it = visitor_new(s->with, 91, "dcap/both");
  for (int i = 0; i < 60; i++) {
    char name[32];
    (void)snprintf(name, sizeof(name), "no/such-%d", i);
    read_list(&list, it, name);
    read_list(&again, it, name);
    assert_memory_equal(&list, &again, sizeof(list));
    assert_in_range(list.count, 1, 3);
    counts[list.count]++;
  }
  assert_int_equal(counts[2], 0); /* no policy here has such a list */
  assert_true(counts[1] > counts[3] && counts[3] > 0);
  visitor_free(it);
}

static void questions_that_are_wrong(void **state)
{
  scene *s = *state;
  static const uint8_t other_group[QY_MSG0_SIZE] = {1}, longer[QY_MSG0_SIZE + 1] = {0};
  visitor *it = visitor_new(s->with, 92, "dcap/both");
  assert_int_equal(visitor_post(it, "/ra/v1/keys?secret=dcap/both", QY_VIEW_OF(other_group)), 403);
  assert_int_equal(visitor_post(it, "/ra/v1/keys?secret=dcap/both", qy_view_over(longer, 3)), 403);
  assert_int_equal(visitor_post(it, "/ra/v1/keys?secret=dcap/both", QY_VIEW_OF(longer)), 413);
  assert_int_equal(visitor_post(it, "/ra/v1/keys?secret=../x", qy_view_over(longer, 4)), 400);
  assert_int_equal(visitor_post(it, "/ra/v1/keys", qy_view_over(longer, 4)), 400);
  static const char *const kinds[] = {"", "SGX", "dcap", "epid2", "sgx&evidence=sgx", "sgxsgxsgxsgx", "%00"};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    char path[128];
    (void)snprintf(path, sizeof(path), "/ra/v1/sessions?secret=dcap/both&evidence=%s", kinds[i]);
    if (visitor_post(it, path, QY_VIEW_OF(it->hello)) != 400) {
      fail_msg("evidence=%s: %u", kinds[i], it->answer.status);
    }
  }
  visitor_free(it);
}

/* ---- A broker for DCAP alone ---- */

static void without_a_report_service(void **state)
{
  scene *s = *state;
  char path[512];
  QY_SCOPED_BUFFER(text, 65536);
  QY_SCOPED_BUFFER(changed, 65536);
  QY_SCOPED_JSON(config);
  assert_ok(world_stop(s->with));
  (void)snprintf(path, sizeof(path), "%s/broker.json", s->with->folder);
  assert_ok(qy_file_read(&text, path, NULL));
  assert_ok(qy_json_parse(&config, qy_buffer_view(&text), NULL));
  json_object_del(config, "report_url");
  json_object_del(config, "report_system_roots");
  assert_ok(qy_json_print(&changed, config, true, NULL));
  assert_ok(qy_file_write(path, qy_buffer_view(&changed), false, NULL));
  (void)snprintf(path, sizeof(path), "%s/report-service-keys", s->with->folder);
  assert_int_equal(unlink(path), 0);
  world_start(s->with);
  expect_about(s, 95, "dcap/both", "sgx", QY_TRUSTED);
  visitor *it = visitor_new(s->with, 96, "dcap/both");
  assert_int_equal(visitor_open(it, "dcap/both"), 503);
  visitor_free(it);
}

/* ---- What auditors get ---- */

static int in_the_archive(const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

static void the_evidence_is_kept(void **state)
{
  scene *s = *state;
  static const char *const files[] = {"pck_crl.der",      "pck_crl_chain.pem", "policy.json",   "qe_chain.pem",
                                      "qe_identity.json", "quote.bin",         "request.json",  "root.pem",
                                      "root_crl.der",     "tcb_chain.pem",     "tcb_info.json", "verdict.json"};
  char folder[512], path[1024];
  struct dirent **entries = NULL;
  QY_SCOPED_BUFFER(quote, 65536);
  expect_about(s, 97, "dcap/enclave", "sgx", QY_TRUSTED);
  (void)snprintf(folder, sizeof(folder), "%s/reports", s->with->folder);
  assert_int_equal(scandir(folder, &entries, in_the_archive, alphasort), 1);
  (void)snprintf(path, sizeof(path), "%s/%s", folder, entries[0]->d_name);
  free(entries[0]);
  free(entries);
  memcpy(folder, path, sizeof(folder));
  const int count = scandir(folder, &entries, in_the_archive, alphasort);
  assert_int_equal(count, sizeof(files) / sizeof(files[0]));
  for (int i = 0; i < count; i++) {
    assert_string_equal(entries[i]->d_name, files[i]);
    free(entries[i]);
  }
  free(entries);
  (void)snprintf(path, sizeof(path), "%s/quote.bin", folder);
  assert_ok(qy_file_read(&quote, path, NULL));
  assert_true(qy_view_equal(qy_buffer_view(&quote), qy_buffer_view(&s->dcap->quote)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)
#define FORGETFUL(name) cmocka_unit_test_setup_teardown(name, open_forgetful_scene, close_scene)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(enclaves_and_trust_domains_get_their_secrets),
                                     TEST(a_policy_for_epid_alone_takes_no_dcap),
                                     TEST(what_is_not_there_is_refused_like_what_is_denied),
                                     TEST(a_quote_of_another_session_is_not_answered),
                                     TEST(another_kind_of_quote_is_not_answered),
                                     FORGETFUL(a_revoked_certificate_is_refused),
                                     TEST(an_outdated_platform_is_refused),
                                     TEST(a_quoting_enclave_without_a_certificate_is_refused),
                                     FORGETFUL(without_collateral_nothing_is_decided),
                                     FORGETFUL(false_or_past_collateral_decides_nothing),
                                     TEST(a_quote_without_a_chain_decides_nothing),
                                     TEST(what_nobody_vouches_for_asks_for_nothing),
                                     TEST(many_at_once_ask_once),
                                     TEST(policies_say_which_keys_are_taken),
                                     TEST(a_list_does_not_tell_whether_there_is_a_secret),
                                     TEST(questions_that_are_wrong),
                                     TEST(without_a_report_service),
                                     TEST(the_evidence_is_kept)};
  return cmocka_run_group_tests_name("broker: DCAP", tests, NULL, NULL);
}
