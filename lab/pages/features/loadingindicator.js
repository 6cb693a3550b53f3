gadgets.loadingindicator = {
  dismiss: () => gadgets.lab.container?.setLoading(gadgets.lab.boot.moduleId, false),
  showLoading: () => gadgets.lab.container?.setLoading(gadgets.lab.boot.moduleId, true),
};
