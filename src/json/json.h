/* SPDX-License-Identifier: Apache-2.0 */
/* Strict JSON over jansson. What comes from outside is parsed here and nowhere else: no name twice in an object, no
 * bytes behind the text, UTF-8, bounded size and depth. Getters refuse what they do not expect and say which member
 * was wrong: `policy: member "isv_svn": an integer from 0 to 65535 is needed`. In every getter `what` begins the
 * message, and a member that is absent or null is refused; ask qy_json_has() first where it may be absent. */
#ifndef QY_JSON_JSON_H
#define QY_JSON_JSON_H

#include <jansson.h>

#include <base/buffer.h>
#include <quotary/status.h>

/* An object or an array. At most QY_MAX_JSON_SIZE bytes and QY_MAX_JSON_DEPTH levels (QY_ERR_LIMIT). The caller drops
 * it with json_decref(), or declares it QY_SCOPED_JSON. */
qy_status qy_json_parse(json_t **out, qy_view text, qy_error *why) QY_MUST_CHECK;
void qy_json_drop(json_t **value);
#define QY_SCOPED_JSON(name) __attribute__((cleanup(qy_json_drop))) json_t *name = NULL

/* Appends the text: on one line, or indented by two with a line feed behind it. Members keep their order. */
qy_status qy_json_print(qy_buffer *out, const json_t *value, bool indented, qy_error *why) QY_MUST_CHECK;

/* Refuses members that are not named: an unknown name in a policy must not mean "allow". Refuses what is no object. */
qy_status qy_json_only_names(const json_t *object, const char *const *names, size_t count, const char *what,
                             qy_error *why) QY_MUST_CHECK;
/* qy_json_only(object, "policy", why, "name", "rules"...) */
#define qy_json_only(object, what, why, ...)                       \
  qy_json_only_names((object), (const char *const[]){__VA_ARGS__}, \
                     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), (what), (why))

/* The member is there, whatever its value (null too). False for what is no object. */
bool qy_json_has(const json_t *object, const char *member);

/* Each borrows from, or copies out of, `object`. On failure `*out` is 0, false or NULL. */
qy_status qy_json_text(const char **out, const json_t *object, const char *member, const char *what,
                       qy_error *why) QY_MUST_CHECK;
qy_status qy_json_integer(int64_t *out, const json_t *object, const char *member, int64_t least, int64_t most,
                          const char *what, qy_error *why) QY_MUST_CHECK;
qy_status qy_json_boolean(bool *out, const json_t *object, const char *member, const char *what,
                          qy_error *why) QY_MUST_CHECK;
qy_status qy_json_object(const json_t **out, const json_t *object, const char *member, const char *what,
                         qy_error *why) QY_MUST_CHECK;
/* At most `most` elements (QY_ERR_LIMIT). */
qy_status qy_json_array(const json_t **out, const json_t *object, const char *member, size_t most, const char *what,
                        qy_error *why) QY_MUST_CHECK;
/* Index into `names`: a member that is one of some words. */
qy_status qy_json_choice(size_t *out, const json_t *object, const char *member, const char *const *names, size_t count,
                         const char *what, qy_error *why) QY_MUST_CHECK;
/* Hex text of exactly `size` bytes. `out` is all zero on failure. */
qy_status qy_json_hex(uint8_t *out, size_t size, const json_t *object, const char *member, const char *what,
                      qy_error *why) QY_MUST_CHECK;
/* Appends the bytes of hex or base64 text to `out`, whose limit bounds them. */
qy_status qy_json_hex_buffer(qy_buffer *out, const json_t *object, const char *member, const char *what,
                             qy_error *why) QY_MUST_CHECK;
qy_status qy_json_base64(qy_buffer *out, const json_t *object, const char *member, const char *what,
                         qy_error *why) QY_MUST_CHECK;
/* An RFC 3339 time, in seconds since 1970. */
qy_status qy_json_time(int64_t *out, const json_t *object, const char *member, const char *what,
                       qy_error *why) QY_MUST_CHECK;

/* New values for json_object_set_new() and json_pack("o"); NULL when memory is refused, which those two take well.
 * qy_json_new_text replaces bytes that are no UTF-8 by "?", for text that a peer had a say in. */
json_t *qy_json_new_hex(qy_view bytes);
json_t *qy_json_new_base64(qy_view bytes);
json_t *qy_json_new_time(int64_t time_s);
json_t *qy_json_new_text(const char *text);

#endif
