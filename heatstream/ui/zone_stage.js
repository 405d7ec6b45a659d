// Two things that only the browser knows or can do for the drawing canvas: how large it may be, and whether its
// pencil (move and reshape instead of draw) is pressed. The page says which it wants; people may still press it.
const seen = new WeakMap();
const PENCIL_WAIT_MS = 100;
const PENCIL_TRIES = 40;
/** A window is let come to rest before its new size counts. */
const REST_MS = 400;
/** What stands above the canvas and below it, and how little height is still of use. */
const AROUND_PX = 280;
const LEAST_PX = 320;

function pencil() {
  const board = document.querySelector(".st-key-zone-board");
  const inside = (root) => {
    const found = root.querySelector('button[aria-label="Edit"][aria-pressed]');
    if (found) return found;
    for (const element of root.querySelectorAll("*")) {
      const deeper = element.shadowRoot && inside(element.shadowRoot);
      if (deeper) return deeper;
    }
    return null;
  };
  return board && inside(board);
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const state = seen.get(parentElement) ?? { room: "", wanted: null, timer: 0, rest: 0 };
  seen.set(parentElement, state);

  const measure = () => {
    const width = Math.floor(parentElement.getBoundingClientRect().width);
    const room = [width, Math.max(LEAST_PX, window.innerHeight - AROUND_PX)];
    if (width === 0 || state.room === room.join()) return;
    state.room = room.join();
    setStateValue("room", room);
  };
  const resized = () => {
    clearTimeout(state.rest);
    state.rest = setTimeout(measure, REST_MS);
  };
  if (state.room === "") measure();
  window.addEventListener("resize", resized);

  // Press only when what the page wants has changed, after the canvas has had its turn in the same run.
  const wanted = JSON.stringify([data.mount, data.edit]);
  if (wanted !== state.wanted) {
    state.wanted = wanted;
    clearTimeout(state.timer);
    let tries = 0;
    const press = () => {
      const button = pencil();
      if (button && button.getAttribute("aria-pressed") !== String(data.edit)) button.click();
      const done = button && button.getAttribute("aria-pressed") === String(data.edit);
      // The canvas lets go of its pencil when another tool comes: look again for a while, then leave it alone.
      tries += 1;
      if (tries < (done ? 8 : PENCIL_TRIES)) state.timer = setTimeout(press, PENCIL_WAIT_MS);
    };
    state.timer = setTimeout(press, PENCIL_WAIT_MS);
  }
  return () => {
    window.removeEventListener("resize", resized);
    clearTimeout(state.timer);
  };
}
