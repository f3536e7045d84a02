/* SPDX-License-Identifier: Apache-2.0 */
#include <quotary/event_log.h>

#include <string.h>

#include <crypto/hash.h>

qy_status qy_event_log_replay(uint8_t registers[QY_EVENT_REGISTERS][QY_EVENT_DIGEST_SIZE], const qy_event_log *log,
                              qy_error *why)
{
  qy_event event;
  size_t offset = 0;
  memset(registers, 0, (size_t)QY_EVENT_REGISTERS * QY_EVENT_DIGEST_SIZE);
  while (qy_event_log_next(&event, log, &offset)) {
    if (!qy_event_is_measured(&event)) {
      continue;
    }
    uint8_t *target = registers[event.index - 1];
    const qy_view parts[] = {qy_view_over(target, QY_EVENT_DIGEST_SIZE),
                             qy_view_over(event.digest, QY_EVENT_DIGEST_SIZE)};
    QY_TRY(qy_hash_parts(target, QY_SHA384, parts, 2, why));
  }
  return QY_OK;
}
