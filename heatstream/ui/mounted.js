/* One view for each mounted component, however Streamlit calls.
 *
 * Streamlit (1.67) calls a component's default export at each rerun, once the module is there, and calls the clean-up of
 * a run that a later one has overtaken as soon as it has it. On a busy machine the overtaken run may call last: its
 * clean-up then speaks of a component that is still shown. So a view ends when its element has left the page, and what
 * an overtaken run brought gives way to what was there before it.
 */

const mounted = new WeakMap();

/** A default export: ``make(element)`` gives the view, with ``use(data, callbacks)`` at each run and ``close()``. */
function mounting(make) {
  return (component) => {
    const { parentElement } = component;
    const kept = mounted.get(parentElement) ?? { view: make(parentElement), now: null, before: null };
    mounted.set(parentElement, kept);
    const use = (run) => {
      kept.now = run;
      kept.view.use(run.data, run);
    };
    kept.before = kept.now;
    use(component);
    return () => {
      if (!parentElement.isConnected) {
        if (mounted.delete(parentElement)) kept.view.close();
      } else if (component === kept.now && kept.before) {
        use(kept.before);
      }
    };
  };
}
