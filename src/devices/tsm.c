/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's configfs-tsm inside a TDX virtual machine: a folder of our own, one write of the report data, one read
 * of the quote. `generation` counts the writes, so that a quote over another's report data is noticed.
 * Source: Linux documentation, ABI/testing/configfs-tsm-report (Linux 6.7 and later). */
#include <devices/parts.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDERS_TRIED 16

/* A name that no other program, thread or earlier run of this one has. */
static int make_folder(char *path, size_t size, const char *parent, const qy_device_calls *calls)
{
  static atomic_uint next;
  for (int i = 0; i < FOLDERS_TRIED; i++) {
    const int length =
        snprintf(path, size, "%s/quotary-%ld-%u", parent, (long)getpid(), atomic_fetch_add(&next, 1) + 1);
    if (length < 0 || (size_t)length >= size) {
      return ENAMETOOLONG;
    }
    if (calls->mkdir(calls->context, path) == 0) {
      return 0;
    }
    if (errno != EEXIST) {
      return errno;
    }
  }
  return EEXIST;
}

static qy_status check_provider(const qy_device_place *place, qy_error *why)
{
  char provider[64];
  const int error = qy_device_read_text(provider, sizeof(provider), place, "provider");
  if (error != 0) {
    return qy_device_fail(why, error, "reading", place, "provider");
  }
  if (strcmp(provider, "tdx_guest") != 0) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "%s/provider: this machine attests by \"%s\", and only tdx_guest is spoken",
                   place->folder, provider);
  }
  return QY_OK;
}

/* The folder is ours and fresh: after our one write the count is 1, and stays so. */
static qy_status check_generation(const qy_device_place *place, const char *when, qy_error *why)
{
  char text[32];
  const int error = qy_device_read_text(text, sizeof(text), place, "generation");
  if (error != 0) {
    return qy_device_fail(why, error, "reading", place, "generation");
  }
  if (strcmp(text, "1") != 0) {
    return qy_fail(why, QY_ERR_BUSY, "%s/generation is %s %s, not 1: another program writes to this folder; try again",
                   place->folder, text, when);
  }
  return QY_OK;
}

static qy_status read_quote(qy_buffer *quote, const qy_device_place *place, qy_error *why)
{
  const size_t before = quote->size;
  const int error = qy_device_read(quote, place, "outblob");
  if (error == EFBIG) {
    return qy_fail(why, QY_ERR_LIMIT,
                   "%s/outblob: the quote is longer than the kernel or this program takes (%u bytes)", place->folder,
                   QY_DEVICE_MAX_QUOTE_SIZE);
  }
  if (error == EAGAIN) {
    return qy_fail(why, QY_ERR_BUSY, "%s/outblob: the report data changed meanwhile; try again", place->folder);
  }
  if (error == ENOTTY || error == ENXIO) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "%s/outblob: no driver makes reports here; load the module tdx_guest",
                   place->folder);
  }
  if (error != 0) {
    QY_TRY(qy_device_fail(why, error, "reading", place, "outblob"));
  }
  /* the kernel gives no bytes and no error when the quoting service on the host fails */
  if (quote->size == before) {
    return qy_fail(why, QY_ERR_PEER,
                   "%s/outblob is empty: the host's quote generation service gave none; is it running, with a PCK "
                   "certificate for this machine?",
                   place->folder);
  }
  return QY_OK;
}

static qy_status use_folder(qy_buffer *quote, const qy_device_place *place, const uint8_t *report_data, qy_error *why)
{
  QY_TRY(check_provider(place, why));
  const int error = qy_device_write(place, "inblob", qy_view_over(report_data, QY_DEVICE_REPORT_DATA_SIZE));
  if (error != 0) {
    return qy_device_fail(why, error, "writing", place, "inblob");
  }
  QY_TRY(check_generation(place, "after one write", why));
  QY_TRY(read_quote(quote, place, why));
  return check_generation(place, "after reading the quote", why);
}

static qy_status tsm_look(const char *folder, const qy_device_calls *calls, qy_error *why)
{
  const int fd = calls->open(calls->context, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    const qy_device_place place = {folder, calls};
    return qy_device_fail(why, errno, "opening", &place, NULL);
  }
  (void)calls->close(calls->context, fd);
  return QY_OK;
}

static qy_status tsm_quote(qy_buffer *quote, const char *folder, const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE],
                           const qy_device_calls *calls, qy_error *why)
{
  char path[400];
  QY_TRY(tsm_look(folder, calls, why));
  const int error = make_folder(path, sizeof(path), folder, calls);
  if (error != 0) {
    const qy_device_place place = {folder, calls};
    return qy_device_fail(why, error, "making a folder in", &place, NULL);
  }
  const qy_device_place place = {path, calls};
  const size_t before = quote->size;
  const qy_status status = use_folder(quote, &place, report_data, why);
  (void)calls->rmdir(calls->context, path);
  if (status != QY_OK) {
    quote->size = before; /* a quote that was read, and then found to be over something else */
  }
  return status;
}

const qy_device qy_device_tsm = {.name = "tsm",
                                 .title = "TDX virtual machine",
                                 .tee = "tdx",
                                 .folder = "/sys/kernel/config/tsm/report",
                                 .mend = "only inside a TDX virtual machine with Linux 6.7 or later: mount -t configfs "
                                         "none /sys/kernel/config, modprobe tdx_guest",
                                 .look = tsm_look,
                                 .quote = tsm_quote};
