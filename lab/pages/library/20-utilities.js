finesse.utilities.Utilities = {
  // The whole header value, Basic or Bearer; to be asked anew for each request (§3.5).
  getAuthHeaderString(config) {
    if (config.authToken) return `Bearer ${config.authToken}`;
    if (!config.authorization) throw new Error("The configuration holds no authorization.");
    return `Basic ${config.authorization}`;
  },
  isObject: (value) => typeof value === "object" && value !== null,
  getArray: (value) => finesse.listOf(value),
};

// Kept by the desktop's servers, so that it survives a reload on another node, as after a failover (§3.6).
finesse.utilities.DesktopCache = (function () {
  const ask = (key, method, body) => {
    const headers = { Authorization: finesse.utilities.Utilities.getAuthHeaderString(finesse.gadget.Config) };
    return fetch(`/desktop/cache/${encodeURIComponent(key)}`, { method, headers, body, cache: "no-store" });
  };
  const all = async (keys, run) => {
    for (const each of finesse.listOf(keys)) if (!(await run(each)).ok) throw new Error("The cache did not take it.");
  };
  const answered = (promise, done) => promise.then((value) => done?.(null, value), (fault) => done?.(fault));
  return {
    saveOrUpdateData(entries, done) {
      const save = ({ key, data }) => ask(key, "PUT", JSON.stringify(data ?? null));
      answered(all(entries, save).then(() => entries), done);
    },
    fetchData(key, done) {
      const entry = ({ kept, data }) => (kept ? { key, data: JSON.parse(data) } : undefined);
      answered(ask(key, "GET").then((answer) => answer.json()).then(entry), done);
    },
    deleteData(keys, done) {
      answered(all(keys, (key) => ask(key, "DELETE")), done);
    },
  };
})();
finesse.cslogger.ClientLogger = (function () {
  // Kept, not printed: a console full of chatter hides what went wrong.
  const lines = [];
  return {
    init: () => {},
    log: (text) => lines.push(String(text)) > 500 && lines.shift(),
    lines: () => [...lines],
  };
})();
