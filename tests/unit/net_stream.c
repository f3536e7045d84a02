/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <base/file.h>
#include <net/stream.h>

static void send_raw(int fd, const void *bytes, size_t size)
{
  assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

static void round_trips(void **state)
{
  (void)state;
  int ends[2];
  assert_ok(qy_unix_pair(ends, &assert_why));
  static const size_t sizes[] = {0, 1, 4, 100, 60000};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    QY_SCOPED_BUFFER(payload, 1 << 20);
    QY_SCOPED_BUFFER(got, 1 << 20);
    uint8_t *bytes = qy_buffer_extend(&payload, sizes[i]);
    memset(bytes, (int)i + 1, sizes[i]);
    assert_ok(qy_frame_send(ends[0], qy_buffer_view(&payload), 1000, &assert_why));
    assert_ok(qy_frame_receive(&got, ends[1], sizes[i], 1000, &assert_why));
    assert_true(qy_view_equal(qy_buffer_view(&payload), qy_buffer_view(&got)));
  }
  qy_fd_close(&ends[0]);
  QY_SCOPED_BUFFER(got, 100);
  assert_int_equal(qy_frame_receive(&got, ends[1], 100, 1000, NULL), QY_ERR_NOT_FOUND);
  qy_fd_close(&ends[1]);
  qy_fd_close(&ends[1]);
}

static void every_truncation(void **state)
{
  (void)state;
  const uint8_t frame[] = {5, 0, 0, 0, 'h', 'e', 'l', 'l', 'o'};
  for (size_t size = 0; size <= sizeof(frame); size++) {
    int ends[2];
    QY_SCOPED_BUFFER(got, 100);
    assert_ok(qy_unix_pair(ends, &assert_why));
    send_raw(ends[0], frame, size);
    qy_fd_close(&ends[0]);
    const qy_status status = qy_frame_receive(&got, ends[1], 100, 1000, NULL);
    assert_int_equal(status, size == 0 ? QY_ERR_NOT_FOUND : size < sizeof(frame) ? QY_ERR_TRUNCATED : QY_OK);
    assert_int_equal(got.size, size <= 4 ? 0 : size - 4);
    qy_fd_close(&ends[1]);
  }
}

static void bounds(void **state)
{
  (void)state;
  int ends[2];
  qy_error why = {0};
  QY_SCOPED_BUFFER(got, 1 << 20);
  QY_SCOPED_BUFFER(small, 3);
  assert_ok(qy_unix_pair(ends, &assert_why));
  const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff};
  send_raw(ends[0], huge, 4);
  assert_int_equal(qy_frame_receive(&got, ends[1], 1 << 20, 1000, &why), QY_ERR_LIMIT);
  assert_string_equal(why.message, "receiving a frame: 4294967295 bytes, at most 1048576");
  assert_int_equal(got.capacity, 0);
  const uint8_t five[] = {5, 0, 0, 0};
  send_raw(ends[0], five, 4);
  assert_int_equal(qy_frame_receive(&got, ends[1], 4, 1000, &why), QY_ERR_LIMIT);
  send_raw(ends[0], five, 4);
  assert_int_equal(qy_frame_receive(&small, ends[1], 100, 1000, &why), QY_ERR_LIMIT); /* the buffer's own limit */
  qy_fd_close(&ends[0]);
  qy_fd_close(&ends[1]);
}

static void time_outs(void **state)
{
  (void)state;
  int ends[2];
  QY_SCOPED_BUFFER(got, 100);
  QY_SCOPED_BUFFER(large, 1 << 24);
  assert_ok(qy_unix_pair(ends, &assert_why));
  assert_int_equal(qy_frame_receive(&got, ends[1], 100, 30, NULL), QY_ERR_TIMEOUT);
  send_raw(ends[0], "\5\0\0\0he", 6);
  const int64_t began_ms = qy_clock_steady_ms();
  assert_int_equal(qy_frame_receive(&got, ends[1], 100, 30, NULL), QY_ERR_TIMEOUT);
  assert_true(qy_clock_steady_ms() - began_ms >= 30);
  assert_non_null(qy_buffer_extend(&large, 1 << 24)); /* more than the socket holds, and nobody reads */
  memset(large.bytes, 0, large.size);
  assert_int_equal(qy_frame_send(ends[0], qy_buffer_view(&large), 30, NULL), QY_ERR_TIMEOUT);
  qy_fd_close(&ends[1]);
  assert_int_equal(qy_frame_send(ends[0], qy_view_text("x"), 30, NULL), QY_ERR_PEER); /* and no SIGPIPE */
  qy_fd_close(&ends[0]);
}

static void nothing(int signal)
{
  (void)signal;
}

typedef struct sender {
  int fd;
  pthread_t receiver;
  qy_view payload;
} sender;

static void *send_slowly(void *context)
{
  const sender *how = context;
  const uint8_t prefix[4] = {(uint8_t)how->payload.size, (uint8_t)(how->payload.size >> 8),
                             (uint8_t)(how->payload.size >> 16), 0};
  for (int i = 0; i < 4; i++) {
    (void)usleep(5000);
    (void)pthread_kill(how->receiver, SIGUSR1); /* interrupts its poll() */
    (void)!send(how->fd, prefix + i, 1, MSG_NOSIGNAL);
  }
  for (size_t done = 0; done < how->payload.size;) {
    const ssize_t put = send(how->fd, how->payload.bytes + done, how->payload.size - done, MSG_NOSIGNAL);
    (void)pthread_kill(how->receiver, SIGUSR1);
    done += put > 0 ? (size_t)put : 0;
  }
  return NULL;
}

static void interrupted_and_in_parts(void **state)
{
  (void)state;
  int ends[2];
  pthread_t thread;
  QY_SCOPED_BUFFER(large, 3 << 20);
  QY_SCOPED_BUFFER(got, 3 << 20);
  const struct sigaction action = {.sa_handler = nothing};
  (void)sigaction(SIGUSR1, &action, NULL);
  uint8_t *bytes = qy_buffer_extend(&large, 3 << 20);
  for (size_t i = 0; i < large.size; i++) {
    bytes[i] = (uint8_t)(i * 31 >> 3);
  }
  assert_ok(qy_unix_pair(ends, &assert_why));
  sender how = {.fd = ends[0], .receiver = pthread_self(), .payload = qy_buffer_view(&large)};
  assert_int_equal(pthread_create(&thread, NULL, send_slowly, &how), 0);
  assert_ok(qy_frame_receive(&got, ends[1], 3 << 20, 10000, &assert_why));
  (void)pthread_join(thread, NULL);
  assert_true(qy_view_equal(qy_buffer_view(&large), qy_buffer_view(&got)));
  qy_fd_close(&ends[0]);
  qy_fd_close(&ends[1]);
}

static void unix_sockets(void **state)
{
  (void)state;
  char folder[] = "/tmp/quotary-stream-XXXXXX";
  char path[QY_PATH_SIZE], file[QY_PATH_SIZE];
  struct stat info;
  qy_unix_peer peer;
  qy_error why = {0};
  assert_non_null(mkdtemp(folder));
  assert_ok(qy_path_join(path, sizeof(path), folder, "s", &assert_why));
  QY_SCOPED_FD(listener);
  QY_SCOPED_FD(client);
  QY_SCOPED_FD(server);
  QY_SCOPED_FD(second);
  assert_int_equal(qy_unix_connect(&client, path, &why), QY_ERR_NOT_FOUND);
  assert_int_equal(client, -1);
  assert_ok(qy_unix_listen(&listener, path, &assert_why));
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(qy_unix_accept(&server, listener, 20, &why), QY_ERR_TIMEOUT);
  assert_ok(qy_unix_connect(&client, path, &assert_why));
  assert_ok(qy_unix_accept(&server, listener, 1000, &assert_why));
  assert_ok(qy_unix_peer_of(&peer, server, &assert_why));
  assert_int_equal(peer.pid, getpid());
  assert_int_equal(peer.uid, getuid());
  QY_SCOPED_BUFFER(got, 10);
  assert_ok(qy_frame_send(client, qy_view_text("hello"), 1000, &assert_why));
  assert_ok(qy_frame_receive(&got, server, 10, 1000, &assert_why));
  assert_string_equal(qy_buffer_text(&got), "hello");
  assert_int_equal(qy_unix_listen(&second, path, &why), QY_ERR_BUSY);
  assert_int_equal(second, -1);
  qy_fd_close(&listener); /* as if the process had died: the path stays */
  assert_int_equal(qy_unix_connect(&second, path, &why), QY_ERR_NOT_FOUND);
  assert_ok(qy_unix_listen(&listener, path, &assert_why));
  assert_int_equal(unlink(path), 0);
  assert_ok(qy_path_join(file, sizeof(file), folder, "f", &assert_why));
  assert_ok(qy_file_write(file, qy_view_text("x"), false, &assert_why));
  assert_int_equal(qy_unix_listen(&second, file, &why), QY_ERR_EXISTS);
  memset(path, 'x', 200);
  path[200] = '\0';
  assert_int_equal(qy_unix_connect(&second, path, &why), QY_ERR_LIMIT);
  assert_int_equal(unlink(file), 0);
  assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trips), cmocka_unit_test(every_truncation),         cmocka_unit_test(bounds),
      cmocka_unit_test(time_outs),   cmocka_unit_test(interrupted_and_in_parts), cmocka_unit_test(unix_sockets)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
