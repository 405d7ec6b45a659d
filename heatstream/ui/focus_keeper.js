/* Whoever works with the keyboard stays where they are: when the control that has the focus goes away (a zone that is
 * deleted, an editor that opens), the focus goes to the nearest control before it that is still there, and not to the
 * page's very beginning. */

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), [tabindex]:not([tabindex="-1"])';
const SETTLED_MS = 400; // after this the page has mostly been drawn: what goes next may be what would get the focus

class FocusKeeper {
  constructor() {
    this.byKeyboard = false;
    this.trail = []; // the controls up to the one that has the focus, in the order of the page
    addEventListener("keydown", () => (this.byKeyboard = true), true);
    addEventListener("pointerdown", () => (this.byKeyboard = false), true);
    addEventListener("focusin", ({ target }) => this.follow(target), true);
    new MutationObserver(() => this.look()).observe(document.body, { childList: true, subtree: true });
  }

  follow(target) {
    const all = [...document.querySelectorAll(FOCUSABLE)];
    this.trail = all.slice(0, all.indexOf(target) + 1);
  }

  isLost() {
    return this.byKeyboard && this.trail.length > 0 && !this.trail.at(-1).isConnected && document.activeElement === document.body;
  }

  look() {
    if (!this.isLost()) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.isLost()) this.trail.findLast((control) => control.isConnected && control.checkVisibility())?.focus();
    }, SETTLED_MS);
  }
}
