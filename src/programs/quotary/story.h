/* SPDX-License-Identifier: Apache-2.0 */
/* The demonstration as it is told: to people line by line as it happens, to programs as one JSON object at the end. */
#ifndef QY_PROGRAMS_STORY_H
#define QY_PROGRAMS_STORY_H

#include <jansson.h>

#include <quotary/check.h>

typedef struct story {
  bool json; /* tell programs: nothing is printed before the end */
  int64_t began_ms;
  json_t *root;
  json_t *chapters;
  json_t *chapter; /* the one being told; borrowed */
  size_t count;
} story;

void story_begin(story *story, bool json, const char *title);
/* "① title                      aside": `who` is who talks to whom. */
void story_chapter(story *story, const char *id, const char *title, const char *who);
/* An indented line; in JSON one of the chapter's "lines". */
void story_say(story *story, const char *format, ...) QY_PRINTF(2, 3);
/* "msg2  →  168 B  what is in it": a message on its way, and what protects it. */
void story_message(story *story, const char *name, const char *arrow, size_t size, const char *content,
                   const char *protection);
/* Continues a message: a part of it and who can read it. */
void story_part(story *story, const char *format, ...) QY_PRINTF(2, 3);
/* "✓ name  meaning  → what follows": a check that somebody made. */
void story_check(story *story, const char *side, const char *name, bool held, const char *meaning);
/* Many checks on as few lines as they need. */
void story_checks(story *story, const char *side, const json_t *checks);
/* A fact for programs only. Takes the reference. */
void story_fact(story *story, const char *name, json_t *value);
/* A question that what just ran answers. */
void story_answer(story *story, const char *question, const char *answer);
/* Ends the telling; prints the JSON if that is how it is told. Returns `code`. */
int story_end(story *story, int code);

#endif
