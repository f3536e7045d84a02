/* SPDX-License-Identifier: Apache-2.0 */
/* Gramine's /dev/attestation, which only an SGX enclave under Gramine sees. What is written to user_report_data holds
 * for the whole process; the quote is made when its file is opened.
 * Source: Gramine documentation, attestation and secret provisioning. */
#include <devices/parts.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#define MEND "set sgx.remote_attestation = \"dcap\" in the manifest and sign it again"

/* Report data and quote belong together, and the report data is the process's: one caller at a time, however many
 * hold the device. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static qy_status gramine_look(const char *folder, const qy_device_calls *calls, qy_error *why)
{
  const qy_device_place place = {folder, calls};
  char type[32];
  const int error = qy_device_read_text(type, sizeof(type), &place, "attestation_type");
  if (error != 0) {
    return qy_device_fail(why, error, "reading", &place, "attestation_type");
  }
  if (strcmp(type, "dcap") != 0) {
    return qy_fail(why, QY_ERR_UNSUPPORTED, "%s/attestation_type: Gramine attests by \"%s\", not by dcap; " MEND,
                   folder, type);
  }
  return QY_OK;
}

static qy_status take_quote(qy_buffer *quote, const qy_device_place *place, const uint8_t *report_data, qy_error *why)
{
  const size_t before = quote->size;
  int error = qy_device_write(place, "user_report_data", qy_view_over(report_data, QY_DEVICE_REPORT_DATA_SIZE));
  if (error != 0) {
    return qy_device_fail(why, error, "writing", place, "user_report_data");
  }
  error = qy_device_read(quote, place, "quote");
  if (error == EACCES || error == EPERM) {
    return qy_fail(why, QY_ERR_PEER,
                   "%s/quote: Gramine got no quote from the host; is AESM running there, with a PCK certificate or a "
                   "caching service in reach?",
                   place->folder);
  }
  if (error != 0) {
    return qy_device_fail(why, error, "reading", place, "quote");
  }
  if (quote->size == before) {
    return qy_fail(why, QY_ERR_PEER, "%s/quote is empty; is AESM running on the host?", place->folder);
  }
  return QY_OK;
}

static qy_status gramine_quote(qy_buffer *quote, const char *folder,
                               const uint8_t report_data[QY_DEVICE_REPORT_DATA_SIZE], const qy_device_calls *calls,
                               qy_error *why)
{
  const qy_device_place place = {folder, calls};
  QY_TRY(gramine_look(folder, calls, why));
  (void)pthread_mutex_lock(&one_at_a_time);
  const size_t before = quote->size;
  const qy_status status = take_quote(quote, &place, report_data, why);
  (void)pthread_mutex_unlock(&one_at_a_time);
  if (status != QY_OK) {
    quote->size = before;
  }
  return status;
}

const qy_device qy_device_gramine = {.name = "gramine",
                                     .title = "SGX enclave under Gramine",
                                     .tee = "sgx",
                                     .folder = "/dev/attestation",
                                     .mend = "only inside an enclave that Gramine runs; " MEND,
                                     .look = gramine_look,
                                     .quote = gramine_quote};
