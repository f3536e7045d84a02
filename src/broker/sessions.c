/* SPDX-License-Identifier: Apache-2.0 */
#include <broker/sessions.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <base/secret.h>
#include <crypto/random.h>

struct qy_sessions {
  pthread_mutex_t lock;
  unsigned most;
  unsigned most_per_peer;
  unsigned count;
  qy_session *slots; /* free when the id is empty */
};

void qy_session_clear(qy_session *session)
{
  qy_wipe(session, sizeof(*session));
}

qy_status qy_sessions_new(qy_sessions **out, unsigned most, unsigned most_per_peer, qy_error *why)
{
  qy_sessions *new = calloc(1, sizeof(*new));
  *out = NULL;
  if (new == NULL || (new->slots = calloc(most, sizeof(*new->slots))) == NULL) {
    free(new);
    return qy_fail(why, QY_ERR_MEMORY, "broker: no memory for %u sessions", most);
  }
  (void)pthread_mutex_init(&new->lock, NULL);
  new->most = most;
  new->most_per_peer = most_per_peer;
  *out = new;
  return QY_OK;
}

void qy_sessions_free(qy_sessions **sessions)
{
  qy_sessions *old = *sessions;
  if (old == NULL) {
    return;
  }
  qy_wipe(old->slots, old->most * sizeof(*old->slots));
  (void)pthread_mutex_destroy(&old->lock);
  free(old->slots);
  free(old);
  *sessions = NULL;
}

static void drop(qy_sessions *sessions, qy_session *slot)
{
  qy_session_clear(slot);
  sessions->count--;
}

/* Drops what is over, counts what is this peer's, and finds a free slot (NULL when there is none). */
static qy_session *find_room(qy_sessions *sessions, unsigned *of_peer, const char *peer, int64_t now_ms)
{
  qy_session *room = NULL;
  *of_peer = 0;
  for (unsigned i = 0; i < sessions->most; i++) {
    qy_session *slot = &sessions->slots[i];
    if (slot->id[0] != '\0' && slot->until_ms <= now_ms) {
      drop(sessions, slot);
    }
    if (slot->id[0] == '\0') {
      room = room == NULL ? slot : room;
    } else if (strcmp(slot->peer, peer) == 0) {
      (*of_peer)++;
    }
  }
  return room;
}

static qy_status add_locked(qy_sessions *sessions, const qy_session *session, int64_t now_ms, qy_error *why)
{
  unsigned of_peer = 0;
  qy_session *room = find_room(sessions, &of_peer, session->peer, now_ms);
  if (room == NULL || of_peer >= sessions->most_per_peer) {
    return qy_fail(why, QY_ERR_BUSY, "%u sessions are open, %u of them from %s", sessions->count, of_peer,
                   session->peer);
  }
  *room = *session;
  sessions->count++;
  return QY_OK;
}

qy_status qy_sessions_add(qy_sessions *sessions, qy_session *session, const qy_random *random, int64_t now_ms,
                          qy_error *why)
{
  uint8_t id[(QY_SESSION_ID_SIZE - 1) / 2];
  QY_TRY(qy_random_fill(random, id, sizeof(id), why));
  qy_hex_encode(session->id, QY_VIEW_OF(id));
  (void)pthread_mutex_lock(&sessions->lock);
  const qy_status status = add_locked(sessions, session, now_ms, why);
  (void)pthread_mutex_unlock(&sessions->lock);
  return status;
}

static bool take(qy_session *out, qy_sessions *sessions, const char *id, int64_t now_ms)
{
  bool taken = false;
  if (strlen(id) != QY_SESSION_ID_SIZE - 1) {
    return false;
  }
  (void)pthread_mutex_lock(&sessions->lock);
  for (unsigned i = 0; i < sessions->most; i++) {
    qy_session *slot = &sessions->slots[i];
    if (slot->id[0] != '\0' && qy_equal_ct(slot->id, id, QY_SESSION_ID_SIZE - 1)) {
      taken = slot->until_ms > now_ms;
      if (taken) {
        *out = *slot;
      }
      drop(sessions, slot);
      break;
    }
  }
  (void)pthread_mutex_unlock(&sessions->lock);
  return taken;
}

bool qy_sessions_take(qy_session *out, qy_sessions *sessions, const char *id, int64_t now_ms, qy_trace *trace)
{
  const bool taken = take(out, sessions, id, now_ms);
  return qy_check(trace, QY_CHECK_BROKER_SESSION, taken, .expected = qy_textf("an open session"),
                  .actual = qy_textf(taken ? "one" : "none of this id, or not any more"),
                  .origin = "sessions that are open");
}

unsigned qy_sessions_count(qy_sessions *sessions)
{
  (void)pthread_mutex_lock(&sessions->lock);
  const unsigned count = sessions->count;
  (void)pthread_mutex_unlock(&sessions->lock);
  return count;
}
