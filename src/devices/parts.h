/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: small files, read whole and written in one piece. */
#ifndef QY_DEVICES_PARTS_H
#define QY_DEVICES_PARTS_H

#include <devices/device.h>

/* One device's folder and the way to it. */
typedef struct qy_device_place {
  const char *folder;
  const qy_device_calls *calls;
} qy_device_place;

/* Each returns 0, or the errno of the call that failed. */

/* Appends folder/name to `out`, to its end; EFBIG when longer than out's limit, ENOMEM. */
int qy_device_read(qy_buffer *out, const qy_device_place *place, const char *name);
/* Writes folder/name by one single write, never truncating or appending: these files take each write as a whole new
 * value. EIO when the system took only a part. */
int qy_device_write(const qy_device_place *place, const char *name, qy_view bytes);

/* The same text, without white space at its end; at most size - 1 bytes, else EFBIG. */
int qy_device_read_text(char *out, size_t size, const qy_device_place *place, const char *name);

/* "doing folder/name: the reason", and the status for it; NULL for the folder itself. */
qy_status qy_device_fail(qy_error *why, int error, const char *doing, const qy_device_place *place, const char *name);

#endif
