// Two things that only the browser knows or can do for the drawing canvas: how large it may be, and whether its
// pencil (move and reshape instead of draw) is pressed. The page says which it wants; people may still press it.
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

class Stage {
  constructor(root) {
    this.root = root;
    this.room = "";
    this.wanted = null;
    this.resized = () => {
      clearTimeout(this.rest);
      this.rest = setTimeout(() => this.measure(), REST_MS);
    };
    window.addEventListener("resize", this.resized);
  }

  use({ mount, edit }, { setStateValue }) {
    this.edit = edit;
    this.tell = setStateValue;
    if (this.room === "") this.measure();
    // Press only when what the page wants has changed, after the canvas has had its turn in the same run.
    const wanted = JSON.stringify([mount, edit]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.tries = 0;
    this.pressSoon();
  }

  measure() {
    const width = Math.floor(this.root.getBoundingClientRect().width);
    const room = [width, Math.max(LEAST_PX, window.innerHeight - AROUND_PX)];
    if (width === 0 || this.room === room.join()) return;
    this.room = room.join();
    this.tell("room", room);
  }

  pressSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.press(), PENCIL_WAIT_MS);
  }

  press() {
    const button = pencil();
    const isDone = () => button && button.getAttribute("aria-pressed") === String(this.edit);
    if (button && !isDone()) button.click();
    // The canvas lets go of its pencil when another tool comes: look again for a while, then leave it alone.
    this.tries += 1;
    if (this.tries < (isDone() ? 8 : PENCIL_TRIES)) this.pressSoon();
  }

  close() {
    window.removeEventListener("resize", this.resized);
    clearTimeout(this.rest);
    clearTimeout(this.timer);
  }
}

export default mounting((root) => new Stage(root));
