/* SPDX-License-Identifier: Apache-2.0 */
/* Devices of real machines that make evidence about the program that asks: Gramine's pseudo-files inside an SGX
 * enclave, and the kernel's configfs inside a TDX virtual machine. They give the quote, ready made; nothing here
 * reads it. `folder` and the system calls are arguments, so that a test can stand in for the kernel. */
#ifndef QY_DEVICES_DEVICE_H
#define QY_DEVICES_DEVICE_H

#include <sys/types.h>

#include <base/buffer.h>
#include <quotary/status.h>

#define QY_DEVICE_REPORT_DATA_SIZE 64
#define QY_DEVICE_MAX_QUOTE_SIZE 65536u /* Gramine gives at most 8 KiB; a TDX quote with a CWT inside can be longer */

/* How files are reached. Each behaves as the system call of its name, errno included. */
typedef struct qy_device_calls {
  int (*open)(void *context, const char *path, int flags);
  ssize_t (*read)(void *context, int fd, void *bytes, size_t size);
  ssize_t (*write)(void *context, int fd, const void *bytes, size_t size);
  int (*close)(void *context, int fd);
  int (*mkdir)(void *context, const char *path);
  int (*rmdir)(void *context, const char *path);
  void *context;
} qy_device_calls;
const qy_device_calls *qy_device_calls_system(void);

typedef struct qy_device {
  const char *name;   /* "gramine", "tsm": as --platform takes it */
  const char *title;  /* "SGX enclave under Gramine" */
  const char *tee;    /* what its quotes are about: "sgx", "tdx" */
  const char *folder; /* where the system has it */
  const char *mend;   /* what to do where it is missing */
  /* QY_OK when a quote can be asked for. QY_ERR_NOT_FOUND: this machine has no such device. Else what is wrong with
   * it, and its mend. Changes nothing. */
  qy_status (*look)(const char *folder, const qy_device_calls *calls, qy_error *why);
  /* Appends a quote over the 64 bytes of report data, as much as quote's limit lets in (QY_DEVICE_MAX_QUOTE_SIZE is
   * enough); nothing on failure. What the device says instead, and its mend, is in `why`:
   * QY_ERR_NOT_FOUND, QY_ERR_DENIED, QY_ERR_UNSUPPORTED, QY_ERR_LIMIT (longer than it may be), QY_ERR_BUSY (another
   * program used the same device at the same time), QY_ERR_IO, QY_ERR_PEER (the quoting service behind it gave none).
   * For any number of threads. */
  qy_status (*quote)(qy_buffer *quote, const char *folder, const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE],
                     const qy_device_calls *calls, qy_error *why);
} qy_device;

extern const qy_device qy_device_gramine;
extern const qy_device qy_device_tsm;

/* All devices, in the order in which they are looked for. */
extern const qy_device *const qy_devices[];
#define QY_DEVICE_COUNT 2
/* NULL if there is none of that name. */
const qy_device *qy_device_find(const char *name);

#endif
