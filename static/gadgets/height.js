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
  /** @type {number | null} */
  let canvas = null;

  const wanted = () => canvas ?? fixed ?? Math.ceil(root.getBoundingClientRect().height);
  const tell = () => {
    planned = false;
    const height = wanted();
    if (!visible || height === 0 || height === told) return;
    told = height;
    bridge.adjustHeight(height);
  };
  const plan = () => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(tell);
  };

  new ResizeObserver(plan).observe(root);
  document.documentElement.classList.toggle('fixed-height', fixed !== null);
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
      plan();
    },
  };
}
