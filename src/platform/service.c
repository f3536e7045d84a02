/* SPDX-License-Identifier: Apache-2.0 */
#include <platform/service.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <base/log.h>
#include <image/image.h>
#include <net/stream.h>
#include <platform/service_state.h>

#define MAX_CONNECTIONS 64

typedef struct connection {
  bool used;
  int socket;
} connection;

typedef struct gate { /* who is being served */
  qy_service service;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  size_t count;
  connection connections[MAX_CONNECTIONS];
} gate;

typedef struct visit {
  gate *gate;
  connection *connection;
} visit;

static void *serve(void *context)
{
  visit *self = context;
  gate *of = self->gate;
  qy_service_serve(&of->service, self->connection->socket);
  (void)pthread_mutex_lock(&of->lock);
  (void)close(self->connection->socket);
  self->connection->used = false;
  of->count--;
  (void)pthread_cond_broadcast(&of->changed);
  (void)pthread_mutex_unlock(&of->lock);
  free(self);
  return NULL;
}

/* With the lock held. */
static connection *free_connection(gate *of)
{
  for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
    if (!of->connections[i].used) {
      return &of->connections[i];
    }
  }
  return NULL;
}

static void admit(gate *of, int socket)
{
  pthread_t thread;
  visit *self = calloc(1, sizeof(*self));
  (void)pthread_mutex_lock(&of->lock);
  connection *place = free_connection(of);
  bool admitted = self != NULL && place != NULL;
  if (admitted) {
    *self = (visit){of, place};
    *place = (connection){true, socket};
    of->count++;
    admitted = pthread_create(&thread, NULL, serve, self) == 0;
    if (admitted) {
      (void)pthread_detach(thread);
    } else {
      of->count--;
      place->used = false;
    }
  }
  (void)pthread_mutex_unlock(&of->lock);
  if (!admitted) {
    qy_log(QY_LOG_WARNING, "platform", "no room for another connection");
    (void)close(socket);
    free(self);
  }
}

/* Ends all conversations and waits for their threads. The processor is stopped already, so none waits for an enclave. */
static void dismiss(gate *of)
{
  (void)pthread_mutex_lock(&of->lock);
  for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
    if (of->connections[i].used) {
      (void)shutdown(of->connections[i].socket, SHUT_RDWR);
    }
  }
  while (of->count > 0) {
    (void)pthread_cond_wait(&of->changed, &of->lock);
  }
  (void)pthread_mutex_unlock(&of->lock);
}

static qy_status serve_until_stopped(gate *of, int listener, int stop_fd, qy_error *why)
{
  for (;;) {
    struct pollfd waiting[] = {{.fd = stop_fd, .events = POLLIN},
                               {.fd = listener, .events = POLLIN},
                               {.fd = of->service.cpu.cpu.control, .events = 0}}; /* only its end */
    if (poll(waiting, 3, -1) < 0) {
      if (errno == EINTR) {
        continue;
      }
      return qy_fail(why, QY_ERR_IO, "platform service: cannot wait: %s", strerror(errno));
    }
    if (waiting[0].revents != 0) {
      return QY_OK;
    }
    if (waiting[2].revents != 0) {
      return qy_fail(why, QY_ERR_IO, "platform service: the processor has stopped");
    }
    int socket = -1;
    if (waiting[1].revents != 0 && qy_unix_accept(&socket, listener, 0, NULL) == QY_OK) {
      admit(of, socket);
    }
  }
}

/* ---- the machine ---- */

/* The key by which the provisioning enclave will check the endorser's own lies in its measured image; the service
 * uses it to choose an endpoint. */
static qy_status read_endorser(qy_p256_public *out, const char *images_folder, qy_error *why)
{
  char path[QY_PATH_SIZE];
  QY_SCOPED_BUFFER(bytes, QY_IMAGE_MAX_SIZE);
  qy_image image;
  qy_xegb endorser;
  QY_TRY(qy_path_join(path, sizeof(path), images_folder, QY_IMAGE_FILE_PVE, why));
  QY_TRY(qy_file_read(&bytes, path, why));
  QY_TRY(qy_image_decode(&image, qy_buffer_view(&bytes), why));
  for (size_t i = 0; i < image.section_count; i++) {
    if (strcmp(image.sections[i].name, QY_AE_SECTION_ENDORSER) == 0) {
      QY_TRY(qy_xegb_decode(&endorser, image.sections[i].bytes, why));
      *out = endorser.pek_signing_key;
      return QY_OK;
    }
  }
  return qy_fail(why, QY_ERR_MALFORMED, "%s: no section \"%s\"", path, QY_AE_SECTION_ENDORSER);
}

static qy_status start_machine(qy_service *service, qy_error *why)
{
  const qy_platform_service_config *config = service->config;
  char machine[QY_PATH_SIZE];
  qy_cpu_state state;
  QY_TRY(qy_path_join(machine, sizeof(machine), config->state_folder, QY_PLATFORM_FOLDER_MACHINE, why));
  QY_TRY(qy_cpu_start(&service->cpu.cpu, machine, why));
  QY_TRY(qy_cpu_describe(&service->cpu.cpu, &state, why));
  memcpy(service->cpu_svn, state.cpu_svn, sizeof(service->cpu_svn));
  QY_TRY(qy_key_store_open(&service->key, config->state_folder, why));
  QY_TRY(read_endorser(&service->pek_signing_key, config->images_folder, why));
  QY_TRY(qy_ae_host_open(&service->pve, "provisioning enclave", &service->cpu, config->images_folder, QY_IMAGE_FILE_PVE,
                         why));
  QY_TRY(qy_ae_host_open(&service->pce, "certifying enclave", &service->cpu, config->images_folder, QY_IMAGE_FILE_PCE,
                         why));
  QY_TRY(qy_ae_host_open(&service->qe, "quoting enclave", &service->cpu, config->images_folder, QY_IMAGE_FILE_QE, why));
  QY_TRY(qy_dcap_quoting_open(&service->ecdsa, "ECDSA quoting enclave", QY_IMAGE_FILE_QE3, QY_PLATFORM_FILE_ECDSA,
                              service, why));
  return qy_dcap_quoting_open(&service->td, "TD quoting enclave", QY_IMAGE_FILE_TDQE, QY_PLATFORM_FILE_TD, service,
                              why);
}

static qy_status run(gate *of, int stop_fd, qy_error *why)
{
  const qy_platform_service_config *config = of->service.config;
  QY_SCOPED_FD(listener);
  QY_TRY(start_machine(&of->service, why));
  QY_TRY(qy_unix_listen(&listener, config->socket_path, why));
  qy_log(QY_LOG_INFO, "platform", "serving on %s", config->socket_path);
  if (config->ready != NULL) {
    config->ready(config->context, config->socket_path);
  }
  const qy_status status = serve_until_stopped(of, listener, stop_fd, why);
  (void)unlink(config->socket_path);
  return status;
}

qy_status qy_platform_service_run(const qy_platform_service_config *config, int stop_fd, qy_error *why)
{
  gate *of = calloc(1, sizeof(*of));
  if (of == NULL) {
    return qy_fail(why, QY_ERR_MEMORY, "platform service: no memory");
  }
  of->service.config = config;
  of->service.cpu.cpu = (qy_cpu){.control = -1, .process = -1};
  (void)pthread_mutex_init(&of->lock, NULL);
  (void)pthread_cond_init(&of->changed, NULL);
  (void)pthread_mutex_init(&of->service.cpu.lock, NULL);
  (void)pthread_mutex_init(&of->service.provisioning, NULL);
  const qy_status status = run(of, stop_fd, why);
  (void)pthread_mutex_lock(&of->service.cpu.lock);
  qy_cpu_stop(&of->service.cpu.cpu);
  (void)pthread_mutex_unlock(&of->service.cpu.lock);
  dismiss(of);
  qy_ae_host_close(&of->service.pve);
  qy_ae_host_close(&of->service.pce);
  qy_ae_host_close(&of->service.qe);
  qy_dcap_quoting_close(&of->service.ecdsa);
  qy_dcap_quoting_close(&of->service.td);
  qy_key_store_close(&of->service.key);
  (void)pthread_mutex_destroy(&of->service.provisioning);
  (void)pthread_mutex_destroy(&of->service.cpu.lock);
  (void)pthread_cond_destroy(&of->changed);
  (void)pthread_mutex_destroy(&of->lock);
  free(of);
  return status;
}
