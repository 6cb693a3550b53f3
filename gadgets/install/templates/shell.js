/* The part of a gadget that comes with its XML: it outlives a backend that cannot be reached. */
(function (shell) {
  "use strict";

  var PATIENCE = 8000;
  var FIRST_PAUSE = 2000;
  var LONGEST_PAUSE = 60000;
  var prefs = new gadgets.Prefs();
  var box = /** @type {HTMLElement} */ (document.getElementById("pulse-shell"));
  var retryButton = /** @type {HTMLButtonElement} */ (box.querySelector("button"));
  var attempts = 1;
  var retried = false;
  /** @type {number | undefined} */
  var patience;

  /* A container that fills in no language gets English. */
  shell.module = shell.module.replace(/__MSG_\w+__/, "en");

  /* Cisco's reverse proxy rewrites this preference for desktops that come from outside. */
  var address = prefs.getString("externalServerHostAndPort_pulse") || shell.address;
  var rewritten = address !== shell.address;
  shell.base = rewritten ? "https://" + address + shell.path : shell.publicUrl;

  shell.connected = new Promise(function (resolve) {
    var before = gadgets.HubSettings.onConnect;
    gadgets.HubSettings.onConnect = function () {
      if (typeof before === "function") before.apply(this, arguments);
      resolve();
    };
    if (gadgets.Hub && gadgets.Hub.isConnected && gadgets.Hub.isConnected()) resolve();
  });
  shell.connected.then(function () {
    var title = box.getAttribute("data-title") || "";
    if (title.indexOf("__") !== 0) callGadgets("window", "setTitle", title);
  });

  /** @param {string} part @param {string} name @param {unknown} [value] */
  function callGadgets(part, name, value) {
    var owner = gadgets[part];
    if (owner && typeof owner[name] === "function") owner[name](value);
  }

  function load() {
    attempts += 1;
    var script = document.createElement("script");
    script.type = "module";
    script.crossOrigin = "anonymous";
    /* A browser remembers a module that failed under its URL, so each attempt has its own. */
    script.src = shell.base + shell.module + "?attempt=" + attempts;
    document.head.appendChild(script);
  }

  function waitForModule() {
    clearTimeout(patience);
    patience = setTimeout(function () {
      if (shell.arrived) return;
      box.hidden = false;
      shell.dismissLoading();
    }, PATIENCE);
  }

  function fit() {
    var height = Math.ceil(box.getBoundingClientRect().height);
    if (height) callGadgets("window", "adjustHeight", height);
  }

  shell.dismissLoading = function () { callGadgets("loadingindicator", "dismiss"); };

  /* The first module to arrive starts the gadget; one that comes after it does nothing. */
  shell.arrive = function () {
    if (shell.arrived) return false;
    shell.arrived = true;
    clearTimeout(patience);
    box.remove();
    return true;
  };

  window.addEventListener("error", function (event) {
    var failed = event.target;
    if (shell.arrived || !(failed instanceof HTMLScriptElement) || failed.type !== "module") return;
    var pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * Math.pow(2, attempts - 1)) * (0.8 + 0.4 * Math.random());
    setTimeout(function () { if (!shell.arrived) load(); }, pause);
  }, true);

  retryButton.addEventListener("click", function () {
    if (retried) { location.reload(); return; }
    retried = true;
    box.hidden = true;
    callGadgets("loadingindicator", "showLoading");
    load();
    waitForModule();
  });

  new ResizeObserver(fit).observe(box);
  if (rewritten) load();
  waitForModule();
})(window.finessePulse);
