/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of base/mont.h, in the text of a path. */
#ifndef QY_PAIRING_MONT_H
#define QY_PAIRING_MONT_H

#include <pairing/path_names.h>

#include <base/mont.h>

#endif
