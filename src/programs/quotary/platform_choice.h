/* SPDX-License-Identifier: Apache-2.0 */
/* --platform: who makes evidence on this machine. One reading for every verb that has it. */
#ifndef QY_PROGRAMS_PLATFORM_CHOICE_H
#define QY_PROGRAMS_PLATFORM_CHOICE_H

#include <devices/device.h>

#include "world.h"

#define PLATFORM_CHOICE_PLACEHOLDER "NAME"
#define PLATFORM_CHOICE_HELP "auto, gramine, tsm or simulated:DIR (the folder with its " PLATFORM_CHOICE_SOCKET ")"
#define PLATFORM_CHOICE_SOCKET "platform.sock"

typedef struct platform_choice {
  bool automatic;                    /* nothing is chosen yet */
  const qy_device *device;           /* of a real machine; NULL: a simulated one */
  char socket[WORLD_PATH_SIZE + 64]; /* of its platform service; also where `automatic` found a world */
} platform_choice;

/* Reads the text, NULL like "auto". DIR is the folder with a platform service's socket, or that socket. QY_ERR_ARGUMENT for
 * anything else. Asks no machine. */
qy_status platform_choice_read(platform_choice *out, const char *text, qy_error *why) QY_MUST_CHECK;
/* Settles what is automatic: the first real device that gives quotes, else the machine of the one `quotary up` of this
 * user. QY_ERR_NOT_FOUND when there is neither, QY_ERR_ARGUMENT when several worlds are up. */
qy_status platform_choice_settle(platform_choice *choice, qy_error *why) QY_MUST_CHECK;

#endif
