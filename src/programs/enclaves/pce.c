/* SPDX-License-Identifier: Apache-2.0 */
/* The certifying enclave (PCE). */
#include <architectural/handlers.h>

int main(void)
{
  return qy_enclave_run(qy_pce_handle, NULL);
}
