finesse.clientservices.Topics = { CONNECTION_STATUS: "finesse.info.connectionstatus" };

finesse.clientservices.ClientServices = (function () {
  let config = null;
  const subscriptions = new Map();

  function header() {
    const { getAuthHeaderString } = finesse.utilities.Utilities;
    const authorization = getAuthHeaderString ? getAuthHeaderString(config) : `Basic ${config.authorization}`;
    return { Authorization: authorization, "X-Requested-With": "finesse.js" };
  }

  return {
    init(given) {
      const credential = given && (given.authorization || given.authToken || (given.id && given.password));
      if (!given || typeof given.host !== "string" || !given.host || !given.restHost || !credential) {
        throw new Error("Config object contains invalid properties.");
      }
      config = given;
    },
    getTopic: (restPath) => restPath.replace(/^\//, "").replaceAll("/", "."),
    getRestHost: () => config.restHost,
    getMyConfig: () => config,

    // The text of a REST answer; on failure an object as Finesse's error handlers get it.
    async ask(path, method = "GET", body = undefined) {
      if (!config) throw new Error("ClientServices.init has not been called.");
      const headers = body ? { ...header(), "Content-Type": "application/xml" } : header();
      const answer = await fetch(path, { method, headers, body, cache: "no-store" }).catch(() => null);
      if (!answer || !answer.ok) throw { status: answer ? answer.status : 0, content: answer ? await answer.text() : "" };
      return answer.text();
    },

    // Updates that Finesse's notification service sends on a topic, as objects. A topic that is held is refused (§3.2).
    subscribe(topic, onUpdate) {
      if (subscriptions.has(topic)) return false;
      const hear = (_topic, data) => onUpdate(finesse.fromXml(data.content).Update);
      subscriptions.set(topic, gadgets.Hub.subscribe(topic, hear));
      return true;
    },
    unsubscribe(topic) {
      gadgets.Hub.unsubscribe(subscriptions.get(topic));
      subscriptions.delete(topic);
    },
  };
})();
