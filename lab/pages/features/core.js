// gadgets.* that every gadget has: util, json, io, Prefs without set. Written from docs/cisco/finesse.md §1.
(function () {
  "use strict";
  const boot = gadgets.boot;
  delete gadgets.boot;
  // The desktop that holds this frame; a frame opened alone has none and never reaches a hub.
  const outer = window.parent !== window && window.parent.finesseContainer;
  gadgets.lab = { boot, container: outer || null, prefs: Object.assign({}, boot.prefs) };

  if (outer) outer.carry(window);

  // What Shindig escapes, as &#39; and the like; NUL is dropped, and the ampersand stays as it is.
  const ESCAPED = /[\n\r"'<>\\\u2028\u2029]/g;
  const waiting = [];
  gadgets.util = {
    getUrlParameters() {
      return Object.fromEntries(new URLSearchParams(location.search));
    },
    registerOnLoadHandler(run) {
      waiting.push(run);
    },
    runOnLoadHandlers() {
      for (const run of waiting.splice(0)) run();
    },
    hasFeature(name) {
      return boot.features.includes(name);
    },
    escapeString(text) {
      return text && text.replaceAll("\0", "").replace(ESCAPED, (sign) => `&#${sign.charCodeAt(0)};`);
    },
    unescapeString(text) {
      return text && text.replace(/&#([0-9]+);/g, (_, code) => String.fromCharCode(code));
    },
    makeClosure(scope, run, ...first) {
      return (...rest) => run.apply(scope, [...first, ...rest]);
    },
  };

  gadgets.json = {
    parse(text) {
      try {
        return JSON.parse(text);
      } catch {
        return false;
      }
    },
    stringify: (value) => JSON.stringify(value),
  };

  gadgets.Prefs = function () {};
  const read = (name) => gadgets.lab.prefs[name] ?? "";
  Object.assign(gadgets.Prefs.prototype, {
    getString: (name) => gadgets.util.escapeString(String(read(name))),
    getInt: (name) => Number.parseInt(read(name), 10) || 0,
    getFloat: (name) => Number.parseFloat(read(name)) || 0,
    getBool: (name) => ["true", "1"].includes(String(read(name)).toLowerCase()),
    getArray: (name) => (read(name) === "" ? [] : String(read(name)).split("|").map(gadgets.util.escapeString)),
    getMsg: (name) => boot.texts[name] ?? "",
    getLang: () => boot.lang,
    getCountry: () => boot.country,
    getModuleId: () => boot.moduleId,
  });

  gadgets.io = {
    MethodType: { GET: "GET", POST: "POST", PUT: "PUT", DELETE: "DELETE", HEAD: "HEAD" },
    ContentType: { TEXT: "TEXT", JSON: "JSON", DOM: "DOM" },
    AuthorizationType: { NONE: "NONE", SIGNED: "SIGNED", OAUTH: "OAUTH" },
    RequestParameters: {
      METHOD: "METHOD", CONTENT_TYPE: "CONTENT_TYPE", POST_DATA: "POST_DATA", HEADERS: "HEADERS",
      AUTHORIZATION: "AUTHORIZATION", REFRESH_INTERVAL: "REFRESH_INTERVAL", GET_FULL_HEADERS: "GET_FULL_HEADERS",
    },
    encodeValues: (fields) => new URLSearchParams(fields).toString(),
    makeRequest(url, done, params = {}) {
      const form = new URLSearchParams({
        url,
        httpMethod: params.METHOD || "GET",
        headers: new URLSearchParams(params.HEADERS || {}).toString(),
        postData: params.POST_DATA || "",
      });
      fetch("/gadgets/makeRequest", { method: "POST", body: form })
        .then((answer) => answer.text())
        .then((text) => done(shaped(JSON.parse(text.slice(text.indexOf("{")))[url], params)))
        .catch(() => done({ rc: 504, text: "", errors: ["504 Error"], data: null }));
    },
  };

  function shaped(answer, params) {
    const failed = answer.rc < 200 || answer.rc >= 400;
    const response = { rc: answer.rc, text: answer.body, errors: failed ? [`${answer.rc} Error`] : [], data: answer.body };
    if (params.GET_FULL_HEADERS === "true") response.headers = answer.headers;
    if (params.CONTENT_TYPE === "JSON") response.data = gadgets.json.parse(answer.body);
    if (params.CONTENT_TYPE === "DOM") response.data = new DOMParser().parseFromString(answer.body, "text/xml");
    return response;
  }
})();
