/* SPDX-License-Identifier: Apache-2.0 */
#include <reports/cache.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base/file.h>
#include <base/log.h>
#include <registry/layout.h>

#define MAX_IDLE 8     /* verifiers kept ready for a group */
#define MAX_GROUPS 256 /* kept ready; of more, those not in use make room */

enum { MARK_KEY, MARK_TCB, MARK_PRIVRL, MARK_SIGRL, MARK_SIGRL_SGX, MARK_GROUPRL, MARK_REASONS, MARK_COUNT };

typedef struct group_marks {
  qy_file_mark files[MARK_COUNT];
} group_marks;

/* One state of a group's files, with verifiers made of it. It lives until it is replaced and nobody holds it. */
typedef struct qy_cached_group {
  qy_group group;
  qy_revoked_groups revoked;
  group_marks marks;     /* of the files it was read from */
  group_marks bad_marks; /* of files that were refused since: told once, not at each request */
  unsigned holders;
  bool replaced;
  size_t idle_count;
  qy_epid_verifier *idle[MAX_IDLE];
} qy_cached_group;

struct qy_reports_cache {
  pthread_mutex_t mutex;
  char folder[QY_PATH_SIZE];
  qy_epid_ca ca;
  uint32_t grouprl_version; /* the newest seen by any group */
  size_t group_count;
  qy_cached_group *groups[MAX_GROUPS];
  qy_file_mark subscriptions_mark;
  qy_subscriptions subscriptions;
  qy_file_mark policy_marks[2];
  bool has_policy;
  qy_tcb_levels levels;
  qy_tcb_policy policy;
};

static void unlock(pthread_mutex_t **mutex)
{
  (void)pthread_mutex_unlock(*mutex);
}
#define LOCK(cache)                                                           \
  __attribute__((cleanup(unlock))) pthread_mutex_t *locked = &(cache)->mutex; \
  (void)pthread_mutex_lock(locked)

/* ---- Groups ---- */

static void entry_free(qy_cached_group *entry)
{
  while (entry->idle_count > 0) {
    qy_epid_verifier_free(&entry->idle[--entry->idle_count]);
  }
  qy_group_clear(&entry->group);
  qy_revoked_groups_clear(&entry->revoked);
  free(entry);
}

static void entry_drop(qy_cached_group *entry)
{
  entry->replaced = true;
  if (entry->holders == 0) {
    entry_free(entry);
  }
}

static qy_status marks_of(group_marks *out, const char *folder, uint32_t gid, qy_error *why)
{
  static const char *const NAMES[] = {QY_FILE_GROUP_KEY, QY_FILE_GROUP_TCB, QY_FILE_PRIVRL, QY_FILE_SIGRL,
                                      QY_FILE_SIGRL_SGX};
  char path[QY_PATH_SIZE];
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
    QY_TRY(qy_group_path(path, sizeof path, folder, gid, NAMES[i], why));
    out->files[i] = qy_file_mark_of(path);
  }
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_FILE_GROUPRL, why));
  out->files[MARK_GROUPRL] = qy_file_mark_of(path);
  QY_TRY(qy_registry_path(path, sizeof path, folder, QY_DIR_PUBLIC, QY_FILE_GROUP_REASONS, why));
  out->files[MARK_REASONS] = qy_file_mark_of(path);
  return QY_OK;
}

static bool marks_equal(const group_marks *a, const group_marks *b)
{
  for (size_t i = 0; i < MARK_COUNT; i++) {
    if (!qy_file_mark_equal(&a->files[i], &b->files[i])) {
      return false;
    }
  }
  return true;
}

static qy_status entry_load(qy_cached_group **out, const qy_reports_cache *cache, uint32_t gid,
                            const group_marks *marks, qy_error *why)
{
  qy_cached_group *entry = calloc(1, sizeof *entry);
  if (entry == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "group %08x: out of memory", gid);
  }
  qy_group_init(&entry->group);
  qy_revoked_groups_init(&entry->revoked);
  entry->marks = *marks;
  qy_status status = qy_group_load(&entry->group, cache->folder, gid, &cache->ca, NULL, why);
  if (status == QY_OK) {
    status = qy_revoked_groups_load(&entry->revoked, cache->folder, &cache->ca, NULL, why);
  }
  if (status != QY_OK) {
    entry_free(entry);
    return status;
  }
  *out = entry;
  return QY_OK;
}

static bool check_version(const char *list, uint32_t known, uint32_t found)
{
  return qy_check(NULL, QY_CHECK_REPORTS_LIST_VERSION, found >= known,
                  .expected = qy_textf("%s of version %u or later", list, known), .actual = qy_textf("%u", found),
                  .origin = "lists in use");
}

/* A list that is not there any more counts as version 0. `known` is NULL for a group that was not asked for yet. */
static qy_status check_not_older(const qy_reports_cache *cache, const qy_cached_group *fresh,
                                 const qy_cached_group *known, qy_error *why)
{
  if (!check_version("GroupRL", cache->grouprl_version, fresh->revoked.list.version) ||
      (known != NULL && (!check_version("PrivRL", known->group.privrl.version, fresh->group.privrl.version) ||
                         !check_version("SigRL", known->group.sigrl.version, fresh->group.sigrl.version)))) {
    return qy_fail(why, QY_ERR_REFUSED, "group %08x: a revocation list is older than the one in use", fresh->group.gid);
  }
  return QY_OK;
}

/* Loads a group's files and takes them over in place of `known` (may be NULL), unless they are damaged or older. */
static qy_status entry_renew(qy_cached_group **out, qy_reports_cache *cache, uint32_t gid, const group_marks *marks,
                             const qy_cached_group *known, qy_error *why)
{
  qy_cached_group *fresh = NULL;
  QY_TRY(entry_load(&fresh, cache, gid, marks, why));
  const qy_status status = check_not_older(cache, fresh, known, why);
  if (status != QY_OK) {
    entry_free(fresh);
    return status;
  }
  cache->grouprl_version = fresh->revoked.list.version;
  *out = fresh;
  return QY_OK;
}

static qy_cached_group **find_slot(qy_reports_cache *cache, uint32_t gid)
{
  for (size_t i = 0; i < cache->group_count; i++) {
    if (cache->groups[i]->group.gid == gid) {
      return &cache->groups[i];
    }
  }
  return NULL;
}

static qy_status add_entry(qy_reports_cache *cache, qy_cached_group *entry, qy_error *why)
{
  if (cache->group_count < MAX_GROUPS) {
    cache->groups[cache->group_count++] = entry;
    return QY_OK;
  }
  for (size_t i = 0; i < cache->group_count; i++) {
    if (cache->groups[i]->holders == 0) {
      entry_free(cache->groups[i]);
      cache->groups[i] = entry;
      return QY_OK;
    }
  }
  entry_free(entry);
  return qy_fail(why, QY_ERR_BUSY, "all %d groups that are kept ready are in use", MAX_GROUPS);
}

/* The group's entry, brought up to date. What cannot be taken over is logged once and leaves the known one in use. */
static qy_status current_entry(qy_cached_group **out, qy_reports_cache *cache, uint32_t gid, qy_error *why)
{
  group_marks marks;
  qy_cached_group *fresh = NULL;
  QY_TRY(marks_of(&marks, cache->folder, gid, why));
  qy_cached_group **slot = find_slot(cache, gid);
  if (slot == NULL) {
    QY_TRY(entry_renew(&fresh, cache, gid, &marks, NULL, why));
    *out = fresh;
    return add_entry(cache, fresh, why);
  }
  qy_cached_group *known = *slot;
  *out = known;
  if (marks_equal(&marks, &known->marks) || marks_equal(&marks, &known->bad_marks)) {
    return QY_OK;
  }
  qy_error cause = {0};
  if (entry_renew(&fresh, cache, gid, &marks, known, &cause) != QY_OK) {
    qy_log(QY_LOG_ERROR, "reports", "group %08x is kept as it was known: %s", gid, cause.message);
    known->bad_marks = marks;
    return QY_OK;
  }
  *slot = fresh;
  entry_drop(known);
  *out = fresh;
  return QY_OK;
}

static qy_status make_verifier(qy_epid_verifier **out, const qy_cached_group *entry, qy_error *why)
{
  QY_TRY(qy_epid_verifier_new(out, &entry->group.key, NULL, why));
  if (entry->group.has_privrl) {
    QY_TRY(qy_epid_verifier_set_privrl(*out, &entry->group.privrl, NULL, why));
  }
  if (entry->group.sigrl.count > 0) {
    QY_TRY(qy_epid_verifier_set_sigrl(*out, &entry->group.sigrl, NULL, why));
  }
  return entry->revoked.has_list ? qy_epid_verifier_set_grouprl(*out, &entry->revoked.list, NULL, why) : QY_OK;
}

static qy_status hold_locked(qy_held_group *out, qy_reports_cache *cache, uint32_t gid, qy_error *why)
{
  LOCK(cache);
  qy_cached_group *entry = NULL;
  QY_TRY(current_entry(&entry, cache, gid, why));
  out->group = &entry->group;
  out->has_sigrl = entry->group.sigrl.count > 0;
  out->revocation_reason = qy_revoked_groups_reason(&entry->revoked, gid);
  out->entry = entry;
  if (entry->idle_count > 0) {
    out->verifier = entry->idle[--entry->idle_count];
  }
  entry->holders++;
  return QY_OK;
}

qy_status qy_reports_cache_hold(qy_held_group *out, qy_reports_cache *cache, uint32_t gid, qy_error *why)
{
  memset(out, 0, sizeof *out);
  QY_TRY(hold_locked(out, cache, gid, why));
  if (out->verifier != NULL) {
    return QY_OK;
  }
  /* Held, so that it stays while its tables are computed without the lock. */
  const qy_status status = make_verifier(&out->verifier, out->entry, why);
  if (status != QY_OK) {
    qy_epid_verifier_free(&out->verifier);
    qy_reports_cache_release(cache, out);
  }
  return status;
}

void qy_reports_cache_release(qy_reports_cache *cache, qy_held_group *held)
{
  LOCK(cache);
  qy_cached_group *entry = held->entry;
  if (entry == NULL) {
    return;
  }
  if (held->verifier != NULL && entry->idle_count < MAX_IDLE) {
    entry->idle[entry->idle_count++] = held->verifier;
    held->verifier = NULL;
  }
  qy_epid_verifier_free(&held->verifier);
  entry->holders--;
  if (entry->replaced && entry->holders == 0) {
    entry_free(entry);
  }
  memset(held, 0, sizeof *held);
}

/* ---- Subscriptions and policy ---- */

static qy_status refresh_subscriptions(qy_reports_cache *cache, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_TRY(qy_registry_path(path, sizeof path, cache->folder, QY_DIR_REPORTS, QY_FILE_SUBSCRIPTIONS, why));
  const qy_file_mark mark = qy_file_mark_of(path);
  if (qy_file_mark_equal(&mark, &cache->subscriptions_mark)) {
    return QY_OK;
  }
  qy_subscriptions fresh = {0};
  QY_TRY(qy_subscriptions_load(&fresh, cache->folder, why));
  qy_subscriptions_clear(&cache->subscriptions);
  cache->subscriptions = fresh;
  cache->subscriptions_mark = mark;
  return QY_OK;
}

qy_status qy_reports_cache_subscription(qy_subscription *out, qy_reports_cache *cache, const char *key, qy_trace *trace,
                                        qy_error *why)
{
  LOCK(cache);
  memset(out, 0, sizeof *out);
  QY_TRY(refresh_subscriptions(cache, why));
  const qy_subscription *found = key == NULL ? NULL : qy_subscriptions_find_key(&cache->subscriptions, key);
  if (!qy_check(trace, QY_CHECK_REPORTS_SUBSCRIPTION_KEY, found != NULL,
                .expected = qy_textf("a key of a subscription"),
                .actual = qy_textf("%s", key == NULL ? "no key" : "another"), .origin = "subscriptions")) {
    return qy_fail(why, QY_ERR_DENIED, "subscription key: unknown");
  }
  if (found != NULL) {
    *out = *found;
  }
  return QY_OK;
}

qy_status qy_reports_cache_policy(qy_tcb_levels *levels, qy_tcb_policy *policy, qy_reports_cache *cache, qy_error *why)
{
  LOCK(cache);
  char path[QY_PATH_SIZE];
  qy_file_mark marks[2];
  QY_TRY(qy_registry_path(path, sizeof path, cache->folder, QY_DIR_PUBLIC, QY_FILE_TCB_LEVELS, why));
  marks[0] = qy_file_mark_of(path);
  QY_TRY(qy_registry_path(path, sizeof path, cache->folder, QY_DIR_PUBLIC, QY_FILE_TCB_POLICY, why));
  marks[1] = qy_file_mark_of(path);
  if (!cache->has_policy || !qy_file_mark_equal(&marks[0], &cache->policy_marks[0]) ||
      !qy_file_mark_equal(&marks[1], &cache->policy_marks[1])) {
    QY_TRY(qy_tcb_levels_load(levels, cache->folder, why));
    QY_TRY(qy_tcb_policy_load(policy, cache->folder, levels, why));
    cache->levels = *levels;
    cache->policy = *policy;
    memcpy(cache->policy_marks, marks, sizeof marks);
    cache->has_policy = true;
  }
  *levels = cache->levels;
  *policy = cache->policy;
  return QY_OK;
}

/* ---- The cache ---- */

qy_status qy_reports_cache_new(qy_reports_cache **out, const char *folder, const qy_epid_ca *ca, qy_error *why)
{
  *out = NULL;
  qy_reports_cache *cache = calloc(1, sizeof *cache);
  if (cache == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "reports: out of memory");
  }
  cache->ca = *ca;
  const int wanted = snprintf(cache->folder, sizeof cache->folder, "%s", folder);
  if (wanted < 0 || (size_t)wanted >= sizeof cache->folder || pthread_mutex_init(&cache->mutex, NULL) != 0) {
    free(cache);
    return qy_fail(why, QY_ERR_LIMIT, "reports: the folder's path is too long");
  }
  *out = cache;
  return QY_OK;
}

void qy_reports_cache_free(qy_reports_cache **cache)
{
  if (*cache == NULL) {
    return;
  }
  for (size_t i = 0; i < (*cache)->group_count; i++) {
    entry_free((*cache)->groups[i]);
  }
  qy_subscriptions_clear(&(*cache)->subscriptions);
  (void)pthread_mutex_destroy(&(*cache)->mutex);
  free(*cache);
  *cache = NULL;
}
