/* A webcam where the kernel has none: the system calls of a V4L2 camera, for a process that loads this first (LD_PRELOAD).
 *
 * OpenCV's V4L2 code and linuxpy run against it as they are. The camera is /dev/video9 (or a file of that name in another
 * folder); it has MJPEG and YUYV in 640x480 and 1280x720, and is driven by a timer of the kernel, so that polling works.
 * The first letter in the file $FAKE_V4L2_STATE says how it is: o(k), b(usy), p(ermission denied), g(one), m(oved: plugged
 * in again, as /dev/video11), h(ung: sends nothing), d(amaged pictures). $FAKE_V4L2_JPEG is its picture.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 4096
#define MOST_BUFFERS 8
#define BUFFER_BYTES (4 * 1024 * 1024)

struct camera {
  int memory;                /* the buffers, as a file in memory */
  int waiting[MOST_BUFFERS]; /* buffers to be filled, in order */
  unsigned taken, given;
  struct v4l2_format format;
  int rate, streams;
  char born; /* the state in which it was opened: a camera that has moved is gone for those who had it before */
};

static struct camera *cameras[MOST_FILES];
static int streaming = -1;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static int (*real_ioctl)(int, unsigned long, ...);
static int (*real_poll)(struct pollfd *, nfds_t, int);
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);

__attribute__((constructor)) static void find_real(void) {
  real_open = dlsym(RTLD_NEXT, "open");
  real_close = dlsym(RTLD_NEXT, "close");
  real_ioctl = dlsym(RTLD_NEXT, "ioctl");
  real_poll = dlsym(RTLD_NEXT, "poll");
  real_mmap = dlsym(RTLD_NEXT, "mmap");
}

static int refuse(int number) {
  errno = number;
  return -1;
}

static char state(void) {
  char letter = 'o';
  int file = real_open(getenv("FAKE_V4L2_STATE"), O_RDONLY | O_CLOEXEC);
  if (file < 0) return letter;
  if (read(file, &letter, 1) != 1) letter = 'o';
  real_close(file);
  return letter;
}

static struct camera *camera_of(int file) { return file >= 0 && file < MOST_FILES ? cameras[file] : NULL; }

static int is_gone(const struct camera *camera) {
  char now = state();
  return now == 'g' || (now == 'm' && camera->born != 'm');
}

static int is_camera(const char *path) {
  const char *name = strrchr(path, '/');
  return name != NULL && !strcmp(name + 1, state() == 'm' ? "video11" : "video9");
}

static void set_format(struct v4l2_format *format, unsigned width, unsigned height, unsigned pixels) {
  struct v4l2_pix_format *pix = &format->fmt.pix;
  memset(&format->fmt, 0, sizeof format->fmt);
  format->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  pix->width = width;
  pix->height = height;
  pix->pixelformat = pixels;
  pix->field = V4L2_FIELD_NONE;
  pix->bytesperline = pixels == V4L2_PIX_FMT_YUYV ? width * 2 : 0;
  pix->sizeimage = pixels == V4L2_PIX_FMT_YUYV ? width * height * 2 : BUFFER_BYTES;
  pix->colorspace = V4L2_COLORSPACE_SRGB;
}

static int open_camera(void) {
  char now = state();
  if (now == 'g') return refuse(ENOENT);
  if (now == 'p') return refuse(EACCES);
  int file = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct camera *camera = calloc(1, sizeof *camera);
  camera->memory = memfd_create("camera", MFD_CLOEXEC);
  if (ftruncate(camera->memory, MOST_BUFFERS * BUFFER_BYTES)) abort();
  set_format(&camera->format, 640, 480, V4L2_PIX_FMT_YUYV);
  camera->rate = 30;
  camera->born = now;
  cameras[file] = camera;
  return file;
}

static int open_any(const char *path, int flags, int mode) {
  return is_camera(path) ? open_camera() : real_open(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  return open_any(path, flags | O_LARGEFILE, mode);
}

int __open_2(const char *path, int flags) { return open_any(path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_any(path, flags | O_LARGEFILE, 0); }

int close(int file) {
  struct camera *camera = camera_of(file);
  if (camera != NULL) {
    if (streaming == file) streaming = -1;
    real_close(camera->memory);
    free(camera);
    cameras[file] = NULL;
  }
  return real_close(file);
}

void *mmap(void *at, size_t length, int protection, int flags, int file, off_t offset) {
  struct camera *camera = camera_of(file);
  return real_mmap(at, length, protection, flags, camera ? camera->memory : file, offset);
}

void *mmap64(void *at, size_t length, int protection, int flags, int file, off_t offset) {
  return mmap(at, length, protection, flags, file, offset);
}

int poll(struct pollfd *files, nfds_t number, int timeout) {
  struct camera *camera = number == 1 ? camera_of(files[0].fd) : NULL;
  if (camera != NULL && is_gone(camera)) {
    files[0].revents = POLLERR | POLLHUP;
    return 1;
  }
  if (camera != NULL && state() == 'h') return real_poll(NULL, 0, timeout);
  return real_poll(files, number, timeout);
}

int __poll_chk(struct pollfd *files, nfds_t number, int timeout, size_t size) {
  (void)size;
  return poll(files, number, timeout);
}

static void run_timer(int file, int rate) {
  struct itimerspec every = {0};
  if (rate > 1) every.it_interval.tv_nsec = every.it_value.tv_nsec = 1000000000L / rate;
  timerfd_settime(file, 0, &every, NULL);
}

static const struct mode {
  unsigned pixels, width, height, rates[2];
} MODES[] = {
    {V4L2_PIX_FMT_MJPEG, 640, 480, {30, 15}},
    {V4L2_PIX_FMT_MJPEG, 1280, 720, {30, 15}},
    {V4L2_PIX_FMT_YUYV, 640, 480, {30, 15}},
    {V4L2_PIX_FMT_YUYV, 1280, 720, {10, 0}},
};
#define MODE_COUNT (sizeof MODES / sizeof MODES[0])

static int tell_size(struct v4l2_frmsizeenum *asked) {
  unsigned place = 0;
  for (unsigned i = 0; i < MODE_COUNT; i++) {
    if (MODES[i].pixels != asked->pixel_format || place++ != asked->index) continue;
    asked->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    asked->discrete.width = MODES[i].width;
    asked->discrete.height = MODES[i].height;
    return 0;
  }
  return refuse(EINVAL);
}

static int tell_rate(struct v4l2_frmivalenum *asked) {
  for (unsigned i = 0; i < MODE_COUNT; i++) {
    const struct mode *mode = &MODES[i];
    if (mode->pixels != asked->pixel_format || mode->width != asked->width || mode->height != asked->height) continue;
    if (asked->index > 1 || !mode->rates[asked->index]) break;
    asked->type = V4L2_FRMIVAL_TYPE_DISCRETE;
    asked->discrete.numerator = 1;
    asked->discrete.denominator = mode->rates[asked->index];
    return 0;
  }
  return refuse(EINVAL);
}

static int take_format(int file, struct camera *camera, struct v4l2_format *asked, int keep) {
  if (asked->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return refuse(EINVAL);
  if (state() == 'b' || (streaming >= 0 && streaming != file)) return refuse(EBUSY);
  unsigned pixels = asked->fmt.pix.pixelformat == V4L2_PIX_FMT_MJPEG ? V4L2_PIX_FMT_MJPEG : V4L2_PIX_FMT_YUYV;
  int large = asked->fmt.pix.width >= 1280;
  set_format(asked, large ? 1280 : 640, large ? 720 : 480, pixels);
  if (keep) {
    camera->format = *asked;
    camera->rate = large && pixels == V4L2_PIX_FMT_YUYV ? 10 : 30;
  }
  return 0;
}

static int give_picture(int file, struct camera *camera, struct v4l2_buffer *buffer) {
  unsigned long long due;
  if (state() == 'h' || read(file, &due, sizeof due) != sizeof due) return refuse(EAGAIN);
  if (camera->taken == camera->given) return refuse(EAGAIN);
  int index = camera->waiting[camera->taken++ % MOST_BUFFERS];
  char *memory = real_mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, camera->memory, (off_t)index * BUFFER_BYTES);
  ssize_t used = camera->format.fmt.pix.sizeimage;
  if (camera->format.fmt.pix.pixelformat == V4L2_PIX_FMT_MJPEG) {
    int picture = real_open(getenv("FAKE_V4L2_JPEG"), O_RDONLY | O_CLOEXEC);
    used = read(picture, memory, BUFFER_BYTES);
    real_close(picture);
    if (state() == 'd') memset(memory, 0, used);
  } else {
    memset(memory, 128, used);
  }
  munmap(memory, BUFFER_BYTES);
  buffer->index = index;
  buffer->bytesused = used;
  buffer->length = BUFFER_BYTES;
  buffer->m.offset = (unsigned)index * BUFFER_BYTES;
  return 0;
}

static int tell_camera(struct v4l2_capability *told) {
  memset(told, 0, sizeof *told);
  strcpy((char *)told->driver, "uvcvideo");
  strcpy((char *)told->card, "Fake Cam");
  strcpy((char *)told->bus_info, "usb-1");
  told->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  told->capabilities = told->device_caps | V4L2_CAP_DEVICE_CAPS;
  return 0;
}

static int tell_pixels(struct v4l2_fmtdesc *asked) {
  if (asked->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || asked->index > 1) return refuse(EINVAL);
  asked->pixelformat = asked->index ? V4L2_PIX_FMT_YUYV : V4L2_PIX_FMT_MJPEG;
  return 0;
}

static int rate(struct camera *camera, struct v4l2_streamparm *asked, int set) {
  struct v4l2_fract *time = &asked->parm.capture.timeperframe;
  if (set && time->numerator && (time->denominator / time->numerator == 15 || time->denominator / time->numerator == 30))
    camera->rate = time->denominator / time->numerator;
  asked->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
  time->numerator = 1;
  time->denominator = camera->rate;
  return 0;
}

static int stream(int file, struct camera *camera, int on) {
  if (on && streaming >= 0 && streaming != file) return refuse(EBUSY);
  streaming = on ? file : streaming == file ? -1 : streaming;
  if (!on) camera->taken = camera->given = 0;
  run_timer(file, on && state() != 'h' ? camera->rate : 0);
  return 0;
}

int ioctl(int file, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *value = va_arg(rest, void *);
  va_end(rest);
  struct camera *camera = camera_of(file);
  if (camera == NULL) return real_ioctl(file, request, value);
  if (is_gone(camera)) return refuse(ENODEV);
  switch ((unsigned)request) {
    case VIDIOC_QUERYCAP: return tell_camera(value);
    case VIDIOC_ENUM_FMT: return tell_pixels(value);
    case VIDIOC_ENUM_FRAMESIZES: return tell_size(value);
    case VIDIOC_ENUM_FRAMEINTERVALS: return tell_rate(value);
    case VIDIOC_G_FMT:
      if (((struct v4l2_format *)value)->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return refuse(EINVAL);
      *(struct v4l2_format *)value = camera->format;
      return 0;
    case VIDIOC_TRY_FMT: return take_format(file, camera, value, 0);
    case VIDIOC_S_FMT: return take_format(file, camera, value, 1);
    case VIDIOC_G_PARM: return rate(camera, value, 0);
    case VIDIOC_S_PARM: return rate(camera, value, 1);
    case VIDIOC_REQBUFS: {
      struct v4l2_requestbuffers *asked = value;
      if (asked->count > MOST_BUFFERS) asked->count = MOST_BUFFERS;
      camera->taken = camera->given = 0;
      return 0;
    }
    case VIDIOC_QUERYBUF: {
      struct v4l2_buffer *buffer = value;
      buffer->length = BUFFER_BYTES;
      buffer->m.offset = buffer->index * BUFFER_BYTES;
      return 0;
    }
    case VIDIOC_QBUF: camera->waiting[camera->given++ % MOST_BUFFERS] = ((struct v4l2_buffer *)value)->index; return 0;
    case VIDIOC_DQBUF: return give_picture(file, camera, value);
    case VIDIOC_STREAMON: return stream(file, camera, 1);
    case VIDIOC_STREAMOFF: return stream(file, camera, 0);
    case VIDIOC_G_INPUT: *(int *)value = 0; return 0;
    case VIDIOC_S_INPUT: return 0;
  }
  return refuse(ENOTTY);
}
