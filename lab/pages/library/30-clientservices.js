finesse.clientservices.Topics = { CONNECTION_STATUS: "finesse.info.connectionstatus" };

finesse.clientservices.ClientServices = (function () {
  let config = null;

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

    // Updates that Finesse's notification service sends about one REST path, as objects.
    subscribe(restPath, onUpdate) {
      const topic = finesse.clientservices.ClientServices.getTopic(restPath);
      return gadgets.Hub.subscribe(topic, (_topic, data) => onUpdate(finesse.fromXml(data.content).Update));
    },
  };
})();
