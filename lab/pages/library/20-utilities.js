finesse.utilities.Utilities = {
  // The whole header value, Basic or Bearer; to be asked anew for each request (§3.6).
  getAuthHeaderString(config) {
    if (config.authToken) return `Bearer ${config.authToken}`;
    if (!config.authorization) throw new Error("The configuration holds no authorization.");
    return `Basic ${config.authorization}`;
  },
  isObject: (value) => typeof value === "object" && value !== null,
  getArray: (value) => finesse.listOf(value),
};

// Survives a reload of the desktop, as after a failover (§3.7).
finesse.utilities.DesktopCache = (function () {
  const place = (key) => `finesse.desktopCache.${finesse.gadget.Config.id}.${key}`;
  const later = (run, ...args) => run && setTimeout(() => run(...args), 0);
  return {
    saveOrUpdateData(entries, done) {
      for (const { key, data } of finesse.listOf(entries)) sessionStorage.setItem(place(key), JSON.stringify(data ?? null));
      later(done, null, entries);
    },
    fetchData(key, done) {
      const text = sessionStorage.getItem(place(key));
      later(done, null, text === null ? undefined : { key, data: JSON.parse(text) });
    },
    deleteData(keys, done) {
      for (const key of finesse.listOf(keys)) sessionStorage.removeItem(place(key));
      later(done, null);
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
