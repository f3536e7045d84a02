/* SPDX-License-Identifier: Apache-2.0 */
/* An event log: what decodes is walked to its end, event by event, as often as it was counted. */
#include <stdlib.h>

#include <quotary/event_log.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  qy_event_log log;
  qy_event event;
  qy_error why;
  uint8_t registers[QY_EVENT_REGISTERS][QY_EVENT_DIGEST_SIZE];
  size_t offset = 0;
  size_t count = 0;
  if (qy_event_log_decode(&log, qy_view_over(data, size), &why) != QY_OK) {
    return 0;
  }
  while (qy_event_log_next(&event, &log, &offset)) {
    count++;
    if (event.digest == NULL || (qy_event_is_measured(&event) && (event.index == 0 || event.index > 4))) {
      abort();
    }
  }
  if (count != log.count || offset != log.events.size || qy_event_log_replay(registers, &log, &why) != QY_OK) {
    abort();
  }
  return 0;
}
