/* SPDX-License-Identifier: Apache-2.0 */
/* The provisioning enclave (PvE). */
#include <architectural/handlers.h>

int main(void)
{
  qy_pve pve = {0};
  const int code = qy_enclave_run(qy_pve_handle, &pve);
  qy_pve_clear(&pve);
  return code;
}
