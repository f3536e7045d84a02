/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what writer and reader of an export agree on. */
#ifndef QY_STORE_BUNDLE_FORM_H
#define QY_STORE_BUNDLE_FORM_H

#define QY_EXPORT_FORMAT "quotary-collateral-export"
#define QY_EXPORT_VERSION 1
/* Signed before the body, with its NUL: no other signature of the same key can be taken for this one. */
#define QY_EXPORT_CONTEXT "quotary collateral export 1"
#define QY_EXPORT_MAX_BODY (16u << 20) /* bytes; in base64 it still fits QY_MAX_JSON_SIZE */
#define QY_EXPORT_MAX_DOCUMENTS 20000u

#endif
