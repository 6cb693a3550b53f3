// adjustHeight: without a number the content's own height; the desktop ignores it while the tab is hidden.
gadgets.window = gadgets.window || {};
gadgets.window.getViewportDimensions = () => ({ width: window.innerWidth, height: window.innerHeight });
gadgets.window.adjustHeight = function (pixels) {
  const own = () => {
    const margin = Number.parseFloat(getComputedStyle(document.body).marginBottom) || 0;
    const bottoms = [...document.body.children].map((child) => child.getBoundingClientRect().bottom + window.scrollY);
    return Math.ceil(Math.max(0, ...bottoms) + margin);
  };
  const height = Number.parseInt(pixels, 10);
  gadgets.lab.container?.adjustHeight(gadgets.lab.boot.moduleId, Number.isNaN(height) ? own() : height);
};
