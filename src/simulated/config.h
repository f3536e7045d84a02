/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: machine.json. */
#ifndef QY_SIMULATED_CONFIG_H
#define QY_SIMULATED_CONFIG_H

#include <simulated/machine.h>

qy_status qy_machine_config_check(const qy_machine_config *config, qy_error *why) QY_MUST_CHECK;
qy_status qy_machine_config_store(const char *folder, const qy_machine_config *config, qy_error *why) QY_MUST_CHECK;

#endif
