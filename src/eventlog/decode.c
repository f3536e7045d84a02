/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a log. A qy_event_log holds only what was read once without a fault, so walking it again cannot fail. */
#include <quotary/event_log.h>

#include <string.h>

#include <base/cursor.h>
#include <base/limits.h>

#define EV_NO_ACTION 3u
#define ALG_SHA384 0x000cu
#define MAX_DIGEST_SIZE 64u /* SHA-512 */
#define HEADER_DIGEST_SIZE 20u

static const char what[] = "event log";

/* ---- The header ---- */

static void read_algorithms(qy_reader *in, qy_event_log *out)
{
  const size_t at = in->offset;
  const uint32_t count = qy_read_u32le(in, "number of algorithms");
  if (in->status == QY_OK && (count == 0 || count > QY_EVENT_MAX_ALGORITHMS)) {
    qy_read_reject(in, QY_ERR_MALFORMED, "number of algorithms (1 to 8)", at);
    return;
  }
  bool has_sha384 = false;
  for (uint32_t i = 0; i < count && in->status == QY_OK; i++) {
    const size_t place = in->offset;
    const qy_event_algorithm algorithm = {qy_read_u16le(in, "algorithm"), qy_read_u16le(in, "digest size")};
    const bool is_sha384 = algorithm.id == ALG_SHA384;
    if (algorithm.digest_size == 0 || algorithm.digest_size > MAX_DIGEST_SIZE ||
        (is_sha384 && algorithm.digest_size != QY_EVENT_DIGEST_SIZE)) {
      qy_read_reject(in, QY_ERR_MALFORMED, "digest size", place + sizeof(uint16_t));
    }
    for (uint32_t j = 0; j < i; j++) {
      if (out->algorithms[j].id == algorithm.id) {
        qy_read_reject(in, QY_ERR_MALFORMED, "algorithm (it stands there twice)", place);
      }
    }
    has_sha384 |= is_sha384;
    out->algorithms[i] = algorithm;
  }
  out->algorithm_count = count;
  if (in->status == QY_OK && !has_sha384) {
    qy_read_reject(in, QY_ERR_UNSUPPORTED, "algorithms (SHA-384, which extends RTMRs, is not among them)", at);
  }
}

/* The first event is of the older form, with a SHA-1 digest of zeros, and says how the others are written. */
static void read_header(qy_reader *in, qy_event_log *out)
{
  static const uint8_t signature[16] = "Spec ID Event03";
  uint8_t found[sizeof(signature)];
  (void)qy_read_u32le(in, "register of the header");
  size_t at = in->offset;
  if (qy_read_u32le(in, "type of the header") != EV_NO_ACTION) {
    qy_read_reject(in, QY_ERR_MALFORMED, "type of the header (EV_NO_ACTION: 3)", at);
  }
  qy_read_zeros(in, HEADER_DIGEST_SIZE, "digest of the header");
  const uint32_t size = qy_read_u32le(in, "size of the header");
  const size_t end = in->offset + size;
  at = in->offset;
  qy_read_bytes(in, found, sizeof(found), "signature of the header");
  if (memcmp(found, signature, sizeof(signature)) != 0) {
    qy_read_reject(in, QY_ERR_MALFORMED, "signature of the header (\"Spec ID Event03\")", at);
  }
  (void)qy_read_u32le(in, "platform class");
  qy_read_skip(in, 4, "version of the specification");
  read_algorithms(in, out);
  qy_read_skip(in, qy_read_u8(in, "size of the vendor's part"), "vendor's part");
  if (in->offset != end) {
    qy_read_reject(in, QY_ERR_MALFORMED, "size of the header (not that of its parts)", at - sizeof(uint32_t));
  }
}

/* ---- Events ---- */

static const qy_event_algorithm *find_algorithm(const qy_event_log *log, uint16_t id, size_t *place)
{
  for (size_t i = 0; i < log->algorithm_count; i++) {
    if (log->algorithms[i].id == id) {
      *place = i;
      return &log->algorithms[i];
    }
  }
  return NULL;
}

/* One of each algorithm, in any order. */
static void read_digests(qy_reader *in, qy_event *out, const qy_event_log *log)
{
  unsigned seen = 0;
  const size_t at = in->offset;
  const uint32_t count = qy_read_u32le(in, "number of digests");
  if (in->status == QY_OK && count != log->algorithm_count) {
    qy_read_reject(in, QY_ERR_MALFORMED, "number of digests (the header's algorithms, each once)", at);
  }
  for (uint32_t i = 0; i < count && in->status == QY_OK; i++) {
    size_t place = 0;
    const size_t here = in->offset;
    const uint16_t id = qy_read_u16le(in, "algorithm of a digest");
    const qy_event_algorithm *algorithm = find_algorithm(log, id, &place);
    if (algorithm == NULL || (seen & 1u << place) != 0) {
      qy_read_reject(in, QY_ERR_MALFORMED, "algorithm of a digest (the header's, each once)", here);
      return;
    }
    seen |= 1u << place;
    const qy_view digest = qy_read_view(in, algorithm->digest_size, "digest");
    out->digest = id == ALG_SHA384 ? digest.bytes : out->digest;
  }
}

static void read_event(qy_reader *in, qy_event *out, const qy_event_log *log)
{
  const size_t at = in->offset;
  *out = (qy_event){.index = qy_read_u32le(in, "register"), .type = qy_read_u32le(in, "type")};
  read_digests(in, out, log);
  out->data = qy_read_view(in, qy_read_u32le(in, "size of the event"), "event");
  if (in->status != QY_OK) {
    return;
  }
  if (out->index > QY_EVENT_REGISTERS) {
    qy_read_reject(in, QY_ERR_MALFORMED, "register (MRTD: 0, RTMR0 to RTMR3: 1 to 4)", at);
  } else if (out->index == 0 && qy_event_is_measured(out)) {
    qy_read_reject(in, QY_ERR_MALFORMED, "register (MRTD, which no event extends)", at);
  }
}

/* What is left is the table's memory, which the log did not fill. No event begins so: it has a digest. */
static bool is_padding(qy_view rest)
{
  const uint8_t first = rest.bytes[0];
  if (first != 0 && first != 0xff) {
    return false;
  }
  for (size_t i = 1; i < rest.size; i++) {
    if (rest.bytes[i] != first) {
      return false;
    }
  }
  return true;
}

bool qy_event_is_measured(const qy_event *event)
{
  return event->type != EV_NO_ACTION;
}

qy_status qy_event_log_decode(qy_event_log *out, qy_view bytes, qy_error *why)
{
  memset(out, 0, sizeof(*out));
  if (bytes.size > QY_MAX_EVENT_LOG_SIZE) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: %zu bytes, %u are taken", what, bytes.size, QY_MAX_EVENT_LOG_SIZE);
  }
  qy_event_log log = {0};
  qy_reader in = qy_reader_over(bytes);
  read_header(&in, &log);
  const size_t first = in.offset;
  while (in.status == QY_OK && qy_read_left(&in) > 0 &&
         !is_padding(qy_view_slice(in.all, in.offset, qy_read_left(&in)))) {
    qy_event event;
    read_event(&in, &event, &log);
    log.count++;
  }
  QY_TRY(qy_read_so_far(&in, what, why));
  log.events = qy_view_slice(bytes, first, in.offset - first);
  *out = log;
  return QY_OK;
}

bool qy_event_log_next(qy_event *out, const qy_event_log *log, size_t *offset)
{
  if (*offset >= log->events.size) {
    return false;
  }
  qy_reader in = qy_reader_over(log->events);
  qy_read_skip(&in, *offset, "events before");
  read_event(&in, out, log);
  *offset = in.offset;
  return in.status == QY_OK;
}
