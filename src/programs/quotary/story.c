/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <base/file.h>

#include "cli.h"

#define WIDTH 100

/* Columns that a text takes: one a code point, which holds for all that is told here. */
static int columns(const char *text)
{
  int count = 0;
  for (; *text != '\0'; text++) {
    count += ((unsigned char)*text & 0xc0) != 0x80;
  }
  return count;
}

static int padding(const char *text, int width)
{
  const int used = columns(text);
  return used < width ? width - used : 0;
}

void story_begin(story *tale, bool json, const char *title)
{
  *tale = (story){.json = json, .began_ms = qy_clock_steady_ms(), .root = json_object(), .chapters = json_array()};
  json_object_set_new(tale->root, "simulated", json_true());
  json_object_set(tale->root, "chapters", tale->chapters);
  if (!json) {
    printf("%s%s%s\n", cli_style_on(CLI_BOLD), title, cli_style_off());
  }
}

void story_chapter(story *tale, const char *id, const char *title, const char *who)
{
  static const char *const numbers[] = {"①", "②", "③", "④", "⑤", "⑥", "⑦", "⑧"};
  tale->chapter = json_pack("{s:s, s:s, s:s}", "id", id, "title", title, "who", who);
  json_array_append_new(tale->chapters, tale->chapter);
  if (!tale->json) {
    printf("\n%s%s %s%s%*s%s%s%s\n", cli_style_on(CLI_BOLD), numbers[tale->count < 8 ? tale->count : 7], title,
           cli_style_off(), *who == '\0' ? 0 : padding(title, WIDTH - 2 - columns(who)), "", cli_style_on(CLI_DIM), who,
           cli_style_off());
    fflush(stdout);
  }
  tale->count++;
}

static json_t *list_of(story *tale, const char *name)
{
  json_t *list = json_object_get(tale->chapter, name);
  if (list == NULL) {
    list = json_array();
    json_object_set_new(tale->chapter, name, list);
  }
  return list;
}

static void say(story *tale, const char *indent, const char *text)
{
  json_array_append_new(list_of(tale, "lines"), json_string(text));
  if (!tale->json) {
    printf("%s%s\n", indent, text);
    fflush(stdout);
  }
}

void story_say(story *tale, const char *format, ...)
{
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  say(tale, "   ", text);
}

void story_message(story *tale, const char *name, const char *arrow, size_t size, const char *content,
                   const char *protection)
{
  json_array_append_new(list_of(tale, "messages"),
                        json_pack("{s:s, s:I, s:s, s:s}", "name", name, "size", (json_int_t)size, "content", content,
                                  "protection", protection));
  if (!tale->json) {
    printf("   %s%-10s%s %s %5zu B  %s%*s %s%s%s\n", cli_style_on(CLI_CYAN), name, cli_style_off(), arrow, size,
           content, padding(content, 46), "", cli_style_on(CLI_DIM), protection, cli_style_off());
    fflush(stdout);
  }
}

void story_part(story *tale, const char *format, ...)
{
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  say(tale, "              │ ", text);
}

void story_check(story *tale, const char *side, const char *name, bool held, const char *meaning)
{
  json_array_append_new(list_of(tale, "checks"),
                        json_pack("{s:s, s:s, s:b, s:s}", "side", side, "id", name, "held", held, "meaning", meaning));
  if (!tale->json) {
    printf("              %s%s %-20s%s %s\n", cli_style_on(held ? CLI_GREEN : CLI_RED), held ? "✓" : "✗", name,
           cli_style_off(), meaning);
    fflush(stdout);
  }
}

void story_checks(story *tale, const char *side, const json_t *checks)
{
  size_t index = 0;
  size_t column = 0;
  json_t *check = NULL;
  json_array_foreach((json_t *)checks, index, check)
  {
    const char *name = json_string_value(json_object_get(check, "id"));
    const char *outcome = json_string_value(json_object_get(check, "outcome"));
    const bool held = outcome != NULL && strcmp(outcome, "held") == 0;
    const bool failed = outcome != NULL && strcmp(outcome, "failed") == 0;
    json_array_append_new(list_of(tale, "checks"),
                          json_pack("{s:s, s:s, s:s}", "side", side, "id", name == NULL ? "" : name, "outcome",
                                    outcome == NULL ? "" : outcome));
    if (tale->json || name == NULL) {
      continue;
    }
    const size_t size = strlen(name) + 4;
    if (column + size > WIDTH - 14) {
      printf("\n");
      column = 0;
    }
    printf("%s%s%s%s %s", column == 0 ? "              " : "  ",
           cli_style_on(held     ? CLI_GREEN
                        : failed ? CLI_RED
                                 : CLI_DIM),
           held     ? "✓"
           : failed ? "✗"
                    : "·",
           cli_style_off(), name);
    column += size;
  }
  if (!tale->json && column > 0) {
    printf("\n");
  }
}

void story_fact(story *tale, const char *name, json_t *value)
{
  json_object_set_new(tale->chapter != NULL ? tale->chapter : tale->root, name, value);
}

void story_answer(story *tale, const char *question, const char *answer)
{
  json_t *answers = json_object_get(tale->root, "answers");
  if (answers == NULL) {
    answers = json_array();
    json_object_set_new(tale->root, "answers", answers);
  }
  json_array_append_new(answers, json_pack("{s:s, s:s}", "question", question, "answer", answer));
  if (!tale->json) {
    printf("   %s%s%s\n     %s\n", cli_style_on(CLI_YELLOW), question, cli_style_off(), answer);
  }
}

int story_end(story *tale, int code)
{
  const int64_t elapsed_ms = qy_clock_steady_ms() - tale->began_ms;
  json_object_set_new(tale->root, "elapsed_ms", json_integer(elapsed_ms));
  json_object_set_new(tale->root, "code", json_integer(code));
  json_decref(tale->chapters);
  if (tale->json) {
    return cli_print_json(tale->root, code);
  }
  json_decref(tale->root);
  return code;
}
