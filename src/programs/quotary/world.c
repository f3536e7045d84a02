/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <broker/broker.h>
#include <crypto/random.h>
#include <registry/layout.h>

#include "world_parts.h"

#define PATIENCE_MS 60000
#define QY_WORLD_DCAP_ROOT "endorser/" QY_DIR_DCAP "/" QY_FILE_DCAP_ROOT
#define LOCK_MS 5000

static qy_status path_in(char *out, const cli_world *world, const char *name, qy_error *why)
{
  return qy_path_join(out, WORLD_PATH_SIZE + 64, world->root, name, why);
}

void world_close(cli_world *world)
{
  child_stop(&world->broker);
  child_stop(&world->platform);
  child_stop(&world->reports);
  child_stop(&world->endorser);
  janitor_dismiss(&world->janitor, !world->temporary);
  world->temporary = false;
  if (world->lock >= 0) {
    (void)close(world->lock);
    world->lock = -1;
  }
}

const char *world_temporary_folder(void)
{
  const char *set = getenv("TMPDIR");
  return set != NULL && set[0] == '/' ? set : "/tmp";
}

static qy_status make_temporary(cli_world *out, qy_error *why)
{
  char root[WORLD_PATH_SIZE];
  QY_TRY(qy_path_join(root, sizeof(root), world_temporary_folder(), "quotary-XXXXXX", why));
  if (mkdtemp(root) == NULL) {
    return qy_fail(why, QY_ERR_IO, "cannot make a folder below %s: %s", world_temporary_folder(), strerror(errno));
  }
  memcpy(out->root, root, sizeof(root));
  out->temporary = true;
  return janitor_start(&out->janitor, out->root, why);
}

static qy_status make_lasting(cli_world *out, const char *root, qy_error *why)
{
  QY_TRY(qy_folder_make(root, why));
  char *absolute = realpath(root, NULL);
  if (absolute == NULL || strlen(absolute) >= sizeof(out->root)) {
    free(absolute);
    return qy_fail(why, QY_ERR_LIMIT, "%s: path too long", root);
  }
  (void)snprintf(out->root, sizeof(out->root), "%s", absolute);
  free(absolute);
  char path[WORLD_PATH_SIZE + 64];
  QY_TRY(path_in(path, out, "lock", why));
  qy_status status = qy_file_lock(&out->lock, path, why);
  for (int waited_ms = 0; status == QY_ERR_BUSY && waited_ms < LOCK_MS; waited_ms += 20) {
    (void)usleep(20000); /* services of one that was killed may still be about to stop */
    status = qy_file_lock(&out->lock, path, why);
  }
  return status == QY_ERR_BUSY ? qy_fail(why, status, "%s is in use by another quotary up or demo", out->root) : status;
}

static qy_status name_parts(cli_world *out, qy_error *why)
{
  QY_TRY(path_in(out->endorser_folder, out, "endorser", why));
  QY_TRY(path_in(out->machine_folder, out, "machine", why));
  QY_TRY(path_in(out->broker_folder, out, "broker", why));
  QY_TRY(path_in(out->images_folder, out, "endorser/public/images", why));
  QY_TRY(path_in(out->image, out, "demo.enclave", why));
  QY_TRY(path_in(out->domain, out, "demo.td", why));
  QY_TRY(path_in(out->socket, out, "platform.sock", why));
  QY_TRY(path_in(out->broker_ca, out, "broker/" QY_BROKER_CA_FILE, why));
  QY_TRY(path_in(out->report_ca, out, "endorser/public/report-ca.pem", why));
  QY_TRY(path_in(out->dcap_root, out, QY_WORLD_DCAP_ROOT, why));
  if (strlen(out->socket) >= 104) {
    return qy_fail(why, QY_ERR_LIMIT, "%s: a Unix socket's path has at most 103 characters; choose a shorter --state",
                   out->socket);
  }
  return QY_OK;
}

qy_status world_open(cli_world *out, const char *root, qy_error *why)
{
  memset(out, 0, sizeof(*out));
  out->lock = -1;
  qy_status status = root == NULL ? make_temporary(out, why) : make_lasting(out, root, why);
  if (status == QY_OK) {
    status = name_parts(out, why);
  }
  if (status != QY_OK) {
    world_close(out);
  }
  return status;
}

/* The signing key takes as long as half the endorser's: made beside them. */
typedef struct key_job {
  const cli_world *world;
  qy_status status;
  qy_error why;
} key_job;

static void *make_signing_key(void *argument)
{
  key_job *job = argument;
  job->status = world_make_signing_key(job->world, &job->why);
  return NULL;
}

/* Keys, machine and signatures: what needs no service to run. Each step is skipped when its outcome is there. */
static qy_status make_state(cli_world *world, qy_error *why)
{
  key_job job = {.world = world};
  pthread_t thread;
  const bool started = pthread_create(&thread, NULL, make_signing_key, &job) == 0;
  qy_status status = world_make_endorser(world, why);
  if (started) {
    (void)pthread_join(thread, NULL);
  } else {
    (void)make_signing_key(&job);
  }
  if (status == QY_OK && job.status != QY_OK) {
    return qy_fail(why, job.status, "%s", job.why.message);
  }
  return status != QY_OK ? status : world_make_machine(world, why);
}

static qy_status start(cli_child *child, const cli_world *world, const char *name, const char *const *arguments,
                       qy_error *why)
{
  char log[WORLD_PATH_SIZE + 64];
  char file[64];
  (void)snprintf(file, sizeof(file), "logs/%s.log", name);
  QY_TRY(path_in(log, world, file, why));
  return child_start(child, name, arguments, log, world->lock, PATIENCE_MS, why);
}

/* `quotary GROUP VERB --state FOLDER --port PORT`: the port of last time, or any, should somebody else have it now. */
static qy_status start_at_port(cli_child *child, const cli_world *world, const char *const words[3], const char *folder,
                               unsigned port, qy_error *why)
{
  char text[8];
  const char *const arguments[] = {words[1], words[2], "--state", folder, "--port", text, NULL};
  (void)snprintf(text, sizeof(text), "%u", port);
  const qy_status status = start(child, world, words[0], arguments, why);
  if (status == QY_OK || port == 0) {
    return status;
  }
  (void)snprintf(text, sizeof(text), "0");
  return start(child, world, words[0], arguments, why);
}

static qy_status start_all(cli_world *world, qy_error *why)
{
  static const char *const endorser[] = {"endorser", "endorser", "serve"};
  static const char *const reports[] = {"reports", "endorser", "reports"};
  static const char *const broker[] = {"broker", "broker", "serve"};
  char logs[WORLD_PATH_SIZE + 64];
  world_ports ports;
  QY_TRY(path_in(logs, world, "logs", why));
  QY_TRY(qy_folder_make(logs, why));
  QY_TRY(world_ports_load(&ports, world, why));
  QY_TRY(start_at_port(&world->endorser, world, endorser, world->endorser_folder, ports.endorser, why));
  QY_TRY(start_at_port(&world->reports, world, reports, world->endorser_folder, ports.reports, why));
  QY_TRY(world_make_broker(world, why));
  const char *const platform[] = {"platform",
                                  "serve",
                                  "--state",
                                  world->machine_folder,
                                  "--socket",
                                  world->socket,
                                  "--images",
                                  world->images_folder,
                                  "--provisioning",
                                  world->endorser.address,
                                  NULL};
  QY_TRY(start(&world->platform, world, "platform", platform, why));
  QY_TRY(start_at_port(&world->broker, world, broker, world->broker_folder, ports.broker, why));
  return world_ports_store(world, why);
}

qy_status world_start(cli_world *world, qy_error *why)
{
  QY_TRY(make_state(world, why));
  return start_all(world, why);
}

const char *world_casualty(cli_world *world)
{
  cli_child *const children[] = {&world->endorser, &world->reports, &world->platform, &world->broker};
  for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
    if (child_ended(children[i])) {
      return children[i]->name;
    }
  }
  return NULL;
}
