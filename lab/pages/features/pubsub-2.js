// The OpenAjax hub's client. It connects when the document has been read: before deferred and module scripts run.
(function () {
  "use strict";
  const { boot, container } = gadgets.lab;
  let hub = null;

  function connected() {
    if (!hub) throw new Error("OpenAjax.hub.Error.Disconnected");
    return hub;
  }

  gadgets.HubSettings = { params: { HubClient: {}, IframeHubClient: {} }, onConnect: null };
  gadgets.Hub = {
    isConnected: () => hub !== null,
    getClientID: () => boot.moduleId,
    subscribe(topic, onData, scope, onComplete, subscriberData) {
      const id = connected().subscribe(topic, (name, data) => onData.call(scope || window, name, data, subscriberData));
      if (onComplete) onComplete.call(scope || window, id, true);
      return id;
    },
    unsubscribe: (id) => connected().unsubscribe(id),
    publish: (topic, data) => connected().publish(topic, data),
    disconnect() {
      hub = null;
    },
    connect(onComplete) {
      hub = container.connect(boot.moduleId, window);
      if (hub && onComplete) onComplete(gadgets.Hub, true);
    },
  };
  if (container) {
    gadgets.util.registerOnLoadHandler(() => {
      const connect = () => gadgets.Hub.connect(gadgets.HubSettings.onConnect);
      if (container.hubDelay) setTimeout(connect, container.hubDelay);
      else connect();
    });
  }
})();
