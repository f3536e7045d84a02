/* SPDX-License-Identifier: Apache-2.0 */
#include <crypto/x509.h>
