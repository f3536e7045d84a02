/* SPDX-License-Identifier: Apache-2.0 */
/* An endorser in a scratch folder, members of its groups, and quotes that they sign. */
#ifndef QY_TEST_REPORTS_SUPPORT_H
#define QY_TEST_REPORTS_SUPPORT_H

#include <vectors.h>

#include <base/file.h>
#include <crypto/rsa.h>
#include <endorser/endorser.h>
#include <quotary/epid.h>
#include <quotary/quote.h>
#include <registry/group.h>
#include <registry/layout.h>
#include <reports/reports.h>

#define NOW_S 1795428000 /* 2026-11-23T10:00:00Z */

/* A fresh folder below the system's temporary one; removed with all that is in it. */
void scratch_make(char path[QY_PATH_SIZE]);
void scratch_remove(const char *path);
/* An initialised endorser's folder. Made once for a program and copied, for its keys take a second. */
void endorser_make(char folder[QY_PATH_SIZE]);
/* Call at the end of a program that called endorser_make(). */
void endorser_master_remove(void);

/* Reads a file below `folder`; fails the test if it is not there. */
void read_below(qy_buffer *out, const char *folder, const char *name);
void write_below(const char *folder, const char *name, qy_view bytes);
bool exists_below(const char *folder, const char *name);

/* The only group that a fresh endorser has. */
uint32_t first_group(const char *folder);
void load_group(qy_group *out, const char *folder, uint32_t gid);

typedef struct test_member {
  uint32_t gid;
  qy_epid_member_key key;
  qy_epid_member *member;
} test_member;
void member_make(test_member *out, const char *folder, uint32_t gid);
void member_free(test_member *member);
/* mprivkey.dat's bytes. */
void member_key_bytes(uint8_t out[QY_EPID_MEMBER_KEY_SIZE], const test_member *member);

extern const uint8_t TEST_SPID[QY_SPID_SIZE];

/* What a quote is made of. Zero means: of the member's group, up to date, unlinkable, for TEST_SPID, no SigRL. */
typedef struct quote_recipe {
  bool linkable;
  const uint8_t *spid;
  uint32_t *gid; /* written into the body, whoever signs */
  unsigned cpu_svn_level;
  uint16_t qe_svn;  /* 0 takes 1 */
  uint16_t pce_svn; /* 0 takes 1 */
  bool zero_svns;
  uint32_t xeid;
  const qy_epid_sigrl *sigrl;
  const uint8_t *signed_basename;             /* 32 bytes under which it is really signed */
  void (*spoil)(uint8_t *plain, size_t size); /* changes the EPID signature before it is sealed */
} quote_recipe;
/* Appends the quote. */
void quote_make(qy_buffer *out, const char *folder, const test_member *member, const quote_recipe *recipe);
/* The plain EPID signature of the last quote that was made. */
qy_view last_plain_signature(void);

#endif
