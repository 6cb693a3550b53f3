/** Keep the frame as high as what it shows: on each change while it can be seen, and again when its tab is shown. */

/**
 * @param {import('./finesse.js').Finesse} bridge
 * @param {HTMLElement} root
 * @param {{ fixed: number | null }} limits a height from the layout, in pixels
 */
export function keepHeight(bridge, root, { fixed }) {
  let told = 0;
  let planned = false;
  let visible = true;
  /** @type {number | null} of the maximised view */
  let canvas = null;

  const tell = () => {
    planned = false;
    const height = canvas ?? fixed ?? Math.ceil(root.getBoundingClientRect().height);
    if (!visible || height === 0 || height === told) return;
    told = height;
    bridge.adjustHeight(height);
  };
  const plan = () => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(tell);
  };
  /* The container's frame does not scroll, so where its height is given, what is in it does. */
  const bound = () => document.documentElement.classList.toggle('bounded', (canvas ?? fixed) !== null);

  new ResizeObserver(plan).observe(root);
  bound();
  return {
    /** @param {boolean} now */
    show(now) {
      if (now && !visible) told = 0;
      visible = now;
      plan();
    },
    /** @param {boolean} on @param {number | null} height */
    setCanvas(on, height) {
      canvas = on ? height : null;
      document.documentElement.classList.toggle('canvas', on);
      bound();
      plan();
    },
  };
}
