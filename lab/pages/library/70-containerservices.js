finesse.containerservices.GadgetViewChangedEvent = class {
  constructor(data) { this._data = data; }
  getGadgetId() { return this._data.gadgetId; }
  getTabId() { return this._data.tabId; }
  getView() { return this._data.view; }
  getMaxAvailableHeight() { return this._data.maxAvailableHeight; }
};

finesse.containerservices.MaxAvailableHeightChangedEvent = class {
  constructor(data) { this._data = data; }
  getMaxAvailableHeight() { return this._data.maxAvailableHeight; }
};

finesse.containerservices.ContainerServices = (function () {
  const Topics = {
    ACTIVE_TAB: "finesse.containerservices.activeTab",
    TIMER_TICK_EVENT: "finesse.containerservices.timerTickEvent",
    RELOAD_GADGET_EVENT: "finesse.containerservices.reloadGadget",
    WORKFLOW_ACTION_EVENT: "finesse.containerservices.workflowActionEvent",
    GADGET_VIEW_CHANGED_EVENT: "finesse.containerservices.gadgetViewChangedEvent",
    MAX_AVAILABLE_HEIGHT_CHANGED_EVENT: "finesse.containerservices.maxAvailableHeightChangedEvent",
    ACTIVE_CALL_STATUS_EVENT: "finesse.containerservices.activeCallStatusEvent",
  };
  const events = {
    [Topics.GADGET_VIEW_CHANGED_EVENT]: finesse.containerservices.GadgetViewChangedEvent,
    [Topics.MAX_AVAILABLE_HEIGHT_CHANGED_EVENT]: finesse.containerservices.MaxAvailableHeightChangedEvent,
  };
  const container = () => gadgets.lab.container;
  const mine = () => gadgets.lab.boot.moduleId;
  const subscriptions = [];

  const services = {
    Topics,
    init() {
      return services;
    },
    // ACTIVE_TAB is heard by the gadgets of that tab alone, the view events by the gadget they are about.
    addHandler(topic, run, scope) {
      const id = gadgets.Hub.subscribe(topic, (_topic, data) => {
        if (topic === Topics.ACTIVE_TAB && data?.tabId !== services.getMyTabId()) return;
        if (data?.gadgetId !== undefined && data.gadgetId !== mine()) return;
        run.call(scope, events[topic] ? new events[topic](data) : data);
      });
      subscriptions.push({ topic, run, id });
      return id;
    },
    removeHandler(topic, run) {
      for (const each of subscriptions.filter((s) => s.topic === topic && s.run === run)) gadgets.Hub.unsubscribe(each.id);
    },
    makeActiveTabReq() {
      container().announceActiveTab();
      return true;
    },
    getMyTabId: () => container().tabOf(mine()),
    getMyGadgetId: () => mine(),
    tabVisible: () => container().isVisible(mine()),
    activateMyTab: () => container().activateTab(services.getMyTabId()),
    activateTab: (tabId) => container().activateTab(tabId),
    hideMyGadget: () => container().setHidden(mine(), true),
    showMyGadget: () => container().setHidden(mine(), false),
    enableTitleBar: () => container().enableTitleBar(mine()),
    showDialog: (options) => container().showDialog(options),
    hideDialog: () => container().hideDialog(),
    reloadMyGadget: () => container().reload(mine()),
  };
  return services;
})();
