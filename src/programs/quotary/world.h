/* SPDX-License-Identifier: Apache-2.0 */
/* A whole world on one machine: endorser, simulated machine, broker and a signed enclave, made in a folder and run as
 * processes of their own. demo and up are built on it. */
#ifndef QY_PROGRAMS_WORLD_H
#define QY_PROGRAMS_WORLD_H

#include <base/file.h>
#include <quotary/dcap_quote.h>
#include <quotary/quote.h>

#include "child.h"
#include "janitor.h"

#define WORLD_SECRET_NAME "demo/db-password"
#define WORLD_PATH_SIZE 1024

typedef struct cli_world {
  char root[WORLD_PATH_SIZE];
  bool temporary;      /* the folder goes when the world does */
  cli_janitor janitor; /* sees to that, however this process ends */
  int lock;            /* of a folder that stays: one `up` or `demo` at a time. Services hold it too */
  char endorser_folder[WORLD_PATH_SIZE + 64];
  char machine_folder[WORLD_PATH_SIZE + 64];
  char broker_folder[WORLD_PATH_SIZE + 64];
  char images_folder[WORLD_PATH_SIZE + 64];
  char image[WORLD_PATH_SIZE + 64];  /* the sample enclave, signed */
  char domain[WORLD_PATH_SIZE + 64]; /* the sample trust domain */
  char socket[WORLD_PATH_SIZE + 64]; /* of the platform service */
  char broker_ca[WORLD_PATH_SIZE + 64];
  char report_ca[WORLD_PATH_SIZE + 64];
  char dcap_root[WORLD_PATH_SIZE + 64];
  uint8_t spid[QY_SPID_SIZE];
  uint8_t mrenclave[QY_MEASUREMENT_SIZE];
  uint8_t mrsigner[QY_MEASUREMENT_SIZE];
  uint8_t mr_td[QY_TD_HASH_SIZE];
  cli_child endorser;
  cli_child reports;
  cli_child platform;
  cli_child broker;
} cli_world;

/* `root` NULL makes a folder below TMPDIR or /tmp, which goes with this process. Must be called before it has threads. */
qy_status world_open(cli_world *out, const char *root, qy_error *why) QY_MUST_CHECK;
/* Makes what is missing in the folder and starts the four services; on failure all are stopped again. Must be called before
 * the process has threads. */
qy_status world_start(cli_world *world, qy_error *why) QY_MUST_CHECK;
/* TMPDIR, or /tmp. */
const char *world_temporary_folder(void);
/* Stops the services, last started first; removes the folder if it is temporary. */
void world_close(cli_world *world);
/* The first service that has ended by itself, or NULL. */
const char *world_casualty(cli_world *world);

/* Where attest finds what goes with a broker's URL: a file of this user's, kept while `up` runs. */
qy_status world_announce(const cli_world *world, qy_error *why) QY_MUST_CHECK;
void world_unannounce(const cli_world *world);
typedef struct world_notice {
  char broker_ca[WORLD_PATH_SIZE + 64];
  char image[WORLD_PATH_SIZE + 64];
  char domain[WORLD_PATH_SIZE + 64]; /* image of the trust domain */
  char socket[WORLD_PATH_SIZE + 64];
} world_notice;
/* QY_ERR_NOT_FOUND when no `up` of this user serves that URL. */
qy_status world_look_up(world_notice *out, const char *broker_url, qy_error *why) QY_MUST_CHECK;
/* The one world of this user that is up. QY_ERR_NOT_FOUND when there is none; QY_ERR_ARGUMENT, naming two, when there are
 * several. */
qy_status world_find(world_notice *out, qy_error *why) QY_MUST_CHECK;

#endif
