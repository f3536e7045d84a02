/* SPDX-License-Identifier: Apache-2.0 */
/* A published group as its files say it: key, TCB and revocation lists, each verified under the EPID CA. */
#ifndef QY_REGISTRY_GROUP_H
#define QY_REGISTRY_GROUP_H

#include <base/buffer.h>
#include <quotary/check.h>
#include <quotary/epid.h>
#include <registry/tcb.h>

/* Owns what the lists borrow: do not copy. */
typedef struct qy_group {
  uint32_t gid;
  qy_epid_group_key key; /* its 16-byte group id ends in gid */
  qy_group_tcb tcb;
  qy_buffer certificate; /* 328 bytes, or empty */
  qy_buffer sigrl_sgx;   /* signed by ISK, not verified here; or empty */
  bool has_privrl;
  bool has_sigrl; /* may have no entries */
  qy_epid_privrl privrl;
  qy_epid_sigrl sigrl;
  qy_buffer privrl_file;
  qy_buffer sigrl_file;
} qy_group;

void qy_group_init(qy_group *group);
void qy_group_clear(qy_group *group);
#define QY_SCOPED_GROUP(name)                             \
  __attribute__((cleanup(qy_group_clear))) qy_group name; \
  qy_group_init(&name)

/* Reads public/groups/<gid>/. QY_ERR_NOT_FOUND when there is no such group; QY_ERR_REFUSED by epid-file-signature or
 * epid-list-group, or registry-group-id when the key is another group's. On failure the group is empty. */
qy_status qy_group_load(qy_group *out, const char *folder, uint32_t gid, const qy_epid_ca *ca, qy_trace *trace,
                        qy_error *why) QY_MUST_CHECK;

#define QY_MAX_REVOKED_GROUPS 1024

/* The list of revoked groups, and why each was. */
typedef struct qy_revoked_groups {
  qy_buffer file;
  bool has_list;
  qy_epid_grouprl list;
  size_t reason_count;
  struct {
    uint32_t gid;
    unsigned reason;
  } reasons[QY_MAX_REVOKED_GROUPS];
} qy_revoked_groups;

void qy_revoked_groups_init(qy_revoked_groups *groups);
void qy_revoked_groups_clear(qy_revoked_groups *groups);
qy_status qy_revoked_groups_load(qy_revoked_groups *out, const char *folder, const qy_epid_ca *ca, qy_trace *trace,
                                 qy_error *why) QY_MUST_CHECK;
bool qy_revoked_groups_contain(const qy_revoked_groups *groups, uint32_t gid);
/* RFC 5280's CRLReason; 0, unspecified, when none was given. */
unsigned qy_revoked_groups_reason(const qy_revoked_groups *groups, uint32_t gid);
/* 0 to 6, 8, 9, 10 */
bool qy_revocation_reason_known(unsigned reason);

/* Every group there is, in order. QY_ERR_LIMIT beyond `capacity`. */
qy_status qy_groups_list(uint32_t *gids, size_t capacity, size_t *count, const char *folder,
                         qy_error *why) QY_MUST_CHECK;

/* "folder/public/groups/<gid>/<name>"; name may be NULL. */
qy_status qy_group_path(char *out, size_t size, const char *folder, uint32_t gid, const char *name,
                        qy_error *why) QY_MUST_CHECK;
/* "folder/part/name". */
qy_status qy_registry_path(char *out, size_t size, const char *folder, const char *part, const char *name,
                           qy_error *why) QY_MUST_CHECK;

/* What tells that a file was replaced: zero when it is not there. */
typedef struct qy_file_mark {
  uint64_t device;
  uint64_t inode;
  int64_t size;
  int64_t changed_ns;
} qy_file_mark;
qy_file_mark qy_file_mark_of(const char *path);
bool qy_file_mark_equal(const qy_file_mark *a, const qy_file_mark *b);

#endif
