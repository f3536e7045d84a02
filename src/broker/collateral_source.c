/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/collateral_source.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <base/file.h>
#include <base/log.h>
#include <store/fetch.h>

#define CACHED_PLATFORMS 16u
#define FIRST_PAUSE_MS 200

struct qy_held_collateral {
  atomic_uint holders;
  qy_dcap_collateral *prepared;
  qy_collateral_set set;
  int64_t until_s; /* from then on something of it is out of date */
};

typedef struct entry {
  qy_collateral_platform platform;
  qy_held_collateral *held; /* NULL: a free place */
  int64_t asked_ms;         /* on the steady clock */
} entry;

struct qy_collateral_source {
  const qy_broker_settings *settings;
  pthread_mutex_t lock; /* of the entries */
  entry entries[CACHED_PLATFORMS];
  pthread_mutex_t asking; /* of the store; one request of the service at a time */
  qy_collateral_store *store;
  qy_held_collateral *nothing; /* the root alone */
};

/* ---- Sets that are held ---- */

qy_dcap_collateral *qy_held_collateral_prepared(const qy_held_collateral *held)
{
  return held->prepared;
}

const qy_collateral_set *qy_held_collateral_set(const qy_held_collateral *held)
{
  return &held->set;
}

void qy_held_collateral_release(qy_held_collateral **held)
{
  qy_held_collateral *old = *held;
  *held = NULL;
  if (old == NULL || atomic_fetch_sub(&old->holders, 1) != 1) {
    return;
  }
  qy_dcap_collateral_free(&old->prepared);
  qy_collateral_set_clear(&old->set);
  free(old);
}

static qy_held_collateral *hold(qy_held_collateral *held)
{
  (void)atomic_fetch_add(&held->holders, 1);
  return held;
}

/* Takes over what is in the set. */
static qy_status prepare(qy_held_collateral **out, qy_collateral_set *set, const qy_broker_settings *settings,
                         qy_error *why)
{
  qy_held_collateral *new = calloc(1, sizeof(*new));
  *out = new;
  if (new == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for collateral");
  }
  atomic_init(&new->holders, 1);
  new->set = *set;
  qy_collateral_set_init(set);
  qy_dcap_files files = qy_collateral_set_files(&new->set);
  files.root = settings->collateral_root.size > 0 ? qy_buffer_view(&settings->collateral_root) : (qy_view){0};
  const qy_status status = qy_dcap_collateral_new(&new->prepared, &files, why);
  if (status != QY_OK) {
    qy_held_collateral_release(out);
  }
  return status;
}

/* ---- The source ---- */

qy_status qy_collateral_source_new(qy_collateral_source **out, const qy_broker_settings *settings, qy_error *why)
{
  char path[QY_BROKER_PATH];
  qy_collateral_source *new = calloc(1, sizeof(*new));
  *out = new;
  if (new == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for collateral");
  }
  new->settings = settings;
  (void)pthread_mutex_init(&new->lock, NULL);
  (void)pthread_mutex_init(&new->asking, NULL);
  qy_status status = qy_path_join(path, sizeof(path), settings->folder, QY_BROKER_FILE_COLLATERAL, why);
  if (status == QY_OK && (settings->collateral_url[0] != '\0' || qy_file_exists(path))) {
    status = qy_collateral_store_open(&new->store, path, why);
  }
  if (status == QY_OK) {
    QY_SCOPED_COLLATERAL_SET(nothing);
    status = prepare(&new->nothing, &nothing, settings, why);
  }
  if (status != QY_OK) {
    qy_collateral_source_free(out);
  }
  return status;
}

void qy_collateral_source_free(qy_collateral_source **source)
{
  qy_collateral_source *old = *source;
  if (old == NULL) {
    return;
  }
  for (size_t i = 0; i < CACHED_PLATFORMS; i++) {
    qy_held_collateral_release(&old->entries[i].held);
  }
  qy_held_collateral_release(&old->nothing);
  qy_collateral_store_close(&old->store);
  (void)pthread_mutex_destroy(&old->lock);
  (void)pthread_mutex_destroy(&old->asking);
  free(old);
  *source = NULL;
}

/* ---- In memory ---- */

static bool same_platform(const qy_collateral_platform *a, const qy_collateral_platform *b)
{
  return a->is_tdx == b->is_tdx && a->by_platform_ca == b->by_platform_ca &&
         qy_view_equal(QY_VIEW_OF(a->fmspc), QY_VIEW_OF(b->fmspc));
}

/* Of this platform, whatever its age; NULL when there is none. With the lock held. */
static entry *find(qy_collateral_source *source, const qy_collateral_platform *platform)
{
  for (size_t i = 0; i < CACHED_PLATFORMS; i++) {
    entry *each = &source->entries[i];
    if (each->held != NULL && same_platform(&each->platform, platform)) {
      return each;
    }
  }
  return NULL;
}

static bool from_memory(qy_held_collateral **out, qy_collateral_source *source, const qy_collateral_platform *platform,
                        int64_t now_s)
{
  const int64_t max_age_ms = (int64_t)source->settings->limits.collateral_max_age_s * 1000;
  (void)pthread_mutex_lock(&source->lock);
  const entry *found = find(source, platform);
  const bool fits =
      found != NULL && now_s < found->held->until_s && qy_clock_steady_ms() - found->asked_ms < max_age_ms;
  if (fits) {
    *out = hold(found->held);
  }
  (void)pthread_mutex_unlock(&source->lock);
  return fits;
}

/* In the place of this platform's old one, a free place, or that of the one that was asked for longest ago. */
static void into_memory(qy_collateral_source *source, const qy_collateral_platform *platform, qy_held_collateral *held)
{
  (void)pthread_mutex_lock(&source->lock);
  entry *place = find(source, platform);
  for (size_t i = 0; place == NULL && i < CACHED_PLATFORMS; i++) {
    place = source->entries[i].held == NULL ? &source->entries[i] : NULL;
  }
  if (place == NULL) {
    place = &source->entries[0];
    for (size_t i = 1; i < CACHED_PLATFORMS; i++) {
      place = source->entries[i].asked_ms < place->asked_ms ? &source->entries[i] : place;
    }
  }
  qy_held_collateral_release(&place->held);
  *place = (entry){.platform = *platform, .held = hold(held), .asked_ms = qy_clock_steady_ms()};
  (void)pthread_mutex_unlock(&source->lock);
}

/* What is the same to the byte as it was keeps what is remembered about it. */
static qy_held_collateral *unchanged(qy_collateral_source *source, const qy_collateral_platform *platform,
                                     const qy_collateral_set *set)
{
  qy_held_collateral *held = NULL;
  (void)pthread_mutex_lock(&source->lock);
  const entry *found = find(source, platform);
  bool same = found != NULL;
  for (size_t i = 0; same && i < QY_PART_COUNT; i++) {
    same = qy_view_equal(qy_buffer_view(&found->held->set.parts[i]), qy_buffer_view(&set->parts[i]));
  }
  if (same) {
    held = hold(found->held);
  }
  (void)pthread_mutex_unlock(&source->lock);
  return held;
}

/* ---- From the service, through the store ---- */

static qy_status fetch(qy_collateral_source *source, const qy_collateral_platform *platform, int64_t now_s,
                       qy_error *why)
{
  const qy_broker_settings *settings = source->settings;
  qy_collateral_fetched fetched;
  if (settings->collateral_url[0] == '\0') {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "no collateral service is configured");
  }
  const qy_pcs_source service = {.url = settings->collateral_url,
                                 .ca_pem = qy_buffer_view(&settings->collateral_ca),
                                 .root = settings->collateral_root.size > 0 ? qy_buffer_view(&settings->collateral_root)
                                                                            : (qy_view){0},
                                 .update = settings->collateral_update[0] == '\0' ? NULL : settings->collateral_update,
                                 .timeout_ms = settings->limits.report_timeout_ms,
                                 .first_pause_ms = FIRST_PAUSE_MS};
  return qy_collateral_fetch(&fetched, source->store, &service, platform, now_s, NULL, why);
}

static int64_t end_of(const qy_collateral_found *found)
{
  int64_t until_s = INT64_MAX;
  for (size_t i = 0; i < QY_PART_DOCUMENTS; i++) {
    until_s = found->documents[i].until_s < until_s ? found->documents[i].until_s : until_s;
  }
  return until_s;
}

/* With `asking` held. */
static qy_status ask(qy_held_collateral **out, qy_collateral_source *source, const qy_collateral_platform *platform,
                     int64_t now_s, qy_error *why)
{
  QY_SCOPED_COLLATERAL_SET(set);
  qy_collateral_found found;
  qy_error reason = {0};
  const qy_buffer *root = &source->settings->collateral_root;
  const qy_status fetched = fetch(source, platform, now_s, &reason);
  const qy_collateral_ask wanted = {
      .platform = *platform, .root = root->size > 0 ? qy_buffer_view(root) : (qy_view){0}, .at_s = now_s};
  if (source->store == NULL) {
    return qy_fail(why, fetched, "collateral: %s", reason.message);
  }
  QY_TRY(qy_collateral_store_get(&set, &found, source->store, &wanted, why));
  if (!found.complete) {
    return qy_fail(why, fetched == QY_OK ? QY_ERR_PEER : fetched, "collateral: %s",
                   fetched == QY_OK ? "what the service has is out of date" : reason.message);
  }
  if (fetched != QY_OK) {
    qy_log(QY_LOG_WARNING, "broker", "collateral: %s; what is there is still current", reason.message);
  }
  *out = unchanged(source, platform, &set);
  if (*out == NULL) {
    QY_TRY(prepare(out, &set, source->settings, why));
    (*out)->until_s = end_of(&found);
  }
  into_memory(source, platform, *out);
  return QY_OK;
}

qy_held_collateral *qy_collateral_source_nothing(qy_collateral_source *source)
{
  return hold(source->nothing);
}

bool qy_collateral_source_known(qy_held_collateral **out, qy_collateral_source *source, qy_view quote, int64_t now_s)
{
  qy_collateral_platform platform;
  *out = NULL;
  return qy_collateral_platform_of(&platform, quote, NULL) == QY_OK && from_memory(out, source, &platform, now_s);
}

qy_status qy_collateral_source_get(qy_held_collateral **out, qy_collateral_source *source, qy_view quote, int64_t now_s,
                                   qy_error *why)
{
  qy_collateral_platform platform;
  *out = NULL;
  if (qy_collateral_platform_of(&platform, quote, NULL) != QY_OK) {
    *out = qy_collateral_source_nothing(source);
    return QY_OK;
  }
  if (from_memory(out, source, &platform, now_s)) {
    return QY_OK;
  }
  (void)pthread_mutex_lock(&source->asking);
  /* another thread may have asked meanwhile */
  const qy_status status = from_memory(out, source, &platform, now_s) ? QY_OK : ask(out, source, &platform, now_s, why);
  (void)pthread_mutex_unlock(&source->asking);
  return status;
}
