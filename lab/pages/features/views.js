gadgets.views = {
  ViewType: { DEFAULT: "default", CANVAS: "canvas", HOME: "home", PREVIEW: "preview", PROFILE: "profile" },
  getCurrentView: () => ({
    getName: () => gadgets.lab.container?.viewOf(gadgets.lab.boot.moduleId) ?? gadgets.lab.boot.view,
    isOnlyVisibleGadget: () => false,
  }),
  getParams: () => ({}),
  requestNavigateTo: (view) => gadgets.lab.container?.setView(gadgets.lab.boot.moduleId, view?.getName?.() ?? view),
};
