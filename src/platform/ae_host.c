/* SPDX-License-Identifier: Apache-2.0 */
#include <platform/ae_host.h>

#include <poll.h>
#include <unistd.h>

#include <base/file.h>
#include <base/limits.h>
#include <base/log.h>
#include <enclave/caller.h>
#include <enclave/runtime.h>
#include <image/image.h>

#define SEND_MS 30000
#define PATIENCE_MS 60000
#define PATIENCE_PER_ENTRY_MS 40
#define SIGRL_ENTRY_SIZE 128u

static void close_channel(qy_ae_host *host)
{
  if (host->channel >= 0) {
    (void)close(host->channel);
    host->channel = -1;
  }
}

/* With host->lock held, or before there are threads. */
static qy_status start(qy_ae_host *host, qy_report_body *identity, qy_error *why)
{
  qy_launched launched;
  (void)pthread_mutex_lock(&host->cpu->lock);
  const qy_status status = qy_cpu_launch(&host->cpu->cpu, &launched, host->image, NULL, why);
  (void)pthread_mutex_unlock(&host->cpu->lock);
  if (status != QY_OK) {
    return qy_fail_in(why, status, "%s", host->name);
  }
  host->channel = launched.channel;
  *identity = launched.identity;
  return QY_OK;
}

qy_status qy_ae_host_open(qy_ae_host *out, const char *name, qy_cpu_host *cpu, const char *images_folder,
                          const char *file, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(image, QY_IMAGE_MAX_SIZE);
  *out = (qy_ae_host){.name = name, .cpu = cpu, .image = -1, .channel = -1};
  (void)pthread_mutex_init(&out->lock, NULL);
  QY_TRY(qy_path_join(path, sizeof(path), images_folder, file, why));
  QY_TRY(qy_file_read(&image, path, why));
  QY_TRY(qy_image_seal(&out->image, qy_buffer_view(&image), why));
  return start(out, &out->identity, why);
}

void qy_ae_host_close(qy_ae_host *host)
{
  if (host->cpu == NULL) {
    return; /* never opened */
  }
  close_channel(host);
  if (host->image >= 0) {
    (void)close(host->image);
  }
  (void)pthread_mutex_destroy(&host->lock);
  *host = (qy_ae_host){.image = -1, .channel = -1};
}

/* Signing against a long revocation list takes a proof for each of its entries. */
static int patience_for(size_t size)
{
  const size_t entries = size / SIGRL_ENTRY_SIZE;
  return PATIENCE_MS + (int)(entries > QY_MAX_SIGRL_ENTRIES ? QY_MAX_SIGRL_ENTRIES : entries) * PATIENCE_PER_ENTRY_MS;
}

/* So that its next caller does not have to meet a dead enclave first. */
static void notice_end(qy_ae_host *host)
{
  struct pollfd end = {.fd = host->channel, .events = 0};
  if (host->channel >= 0 && poll(&end, 1, 0) > 0) {
    close_channel(host);
  }
}

static qy_status ask(qy_ae_host *host, const qy_channel_call *call, qy_buffer *out, qy_trace *trace, qy_error *why)
{
  bool broken = false;
  notice_end(host);
  if (host->channel < 0) {
    qy_log(QY_LOG_WARNING, "platform", "%s: starting it again", host->name);
    qy_report_body same;
    QY_TRY(start(host, &same, why));
  }
  const qy_channel channel = {
      .socket = host->channel, .timeout_ms = SEND_MS, .patience_ms = patience_for(call->payload.size)};
  const qy_status status = qy_channel_ask(&channel, call, out, NULL, trace, &broken, why);
  if (broken) {
    close_channel(host);
  }
  return status;
}

static qy_status call_enclave(void *context, uint16_t operation, qy_view in, qy_buffer *out, qy_trace *trace,
                              qy_error *why)
{
  qy_ae_host *host = context;
  const qy_channel_call call = {.kind = operation,
                                .payload = in,
                                .send_descriptor = -1,
                                .origin = host->name,
                                .max_answer_size = QY_ENCLAVE_CALL_MAX_SIZE};
  (void)pthread_mutex_lock(&host->lock);
  const qy_status status = ask(host, &call, out, trace, why);
  (void)pthread_mutex_unlock(&host->lock);
  return status;
}

qy_ae qy_ae_host_stub(qy_ae_host *host)
{
  return (qy_ae){.call = call_enclave, .context = host};
}
